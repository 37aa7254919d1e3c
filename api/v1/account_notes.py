"""What the caller notes for themselves about others."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities.relationship import Relationship
from api.v1.follows import answer
from node.services import account_notes
from node.services import accounts as account_service

blueprint = Blueprint("account_notes", __name__)


class NoteParameters(msgspec.Struct):
    """The note; empty, it goes."""

    comment: str = ""


@blueprint.post("/api/v1/accounts/<id:account_id>/note")
@requires("write:accounts")
@documented(Relationship, body=NoteParameters, errors=(404, 422))
async def note(account_id: int) -> Response:
    """Write a note about an account that only the caller sees."""
    wanted = await params.read(NoteParameters)
    actor = await acting_account()
    await account_notes.note(actor, await account_service.get(account_id), wanted.comment)
    return await answer(actor.id, account_id)
