"""Polls: read and voted in."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import documented
from api.entities import poll
from api.entities.poll import Poll
from api.params import InvalidParameter
from api.responses import json_response
from node.services import polls

blueprint = Blueprint("polls", __name__)


class Vote(msgspec.Struct):
    """Positions of the chosen options, counted from 0."""

    choices: list[int] = []


@blueprint.get("/api/v1/polls/<id:poll_id>")
@allows("read:statuses")
@documented(Poll, errors=(404,))
async def show(poll_id: int) -> Response:
    """A poll as it stands now."""
    return json_response(await poll.one(poll_id, viewer_id()))


@blueprint.post("/api/v1/polls/<id:poll_id>/votes")
@requires("write:statuses")
@documented(Poll, body=Vote, errors=(404, 422))
async def vote(poll_id: int) -> Response:
    """Vote for one option, or for several where the poll allows it."""
    wanted = await params.read(Vote)
    if not wanted.choices:
        raise InvalidParameter("param is missing or the value is empty or invalid: choices")
    voter = await acting_account()
    await polls.vote(voter, poll_id, wanted.choices)
    return json_response(await poll.one(poll_id, voter.id))
