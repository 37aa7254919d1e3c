"""Filters as clients of the API's first version know them: each keyword with its filter is one."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import filter as entity
from api.entities.filter import SingleFilter
from api.me import my_id
from api.responses import empty, json_response
from api.v2.filters import is_endless, seconds
from node.errors import NotFound
from node.models.filters import HIDE, WARN
from node.queries import filters as rows
from node.services import filters
from node.services.filters import KeywordChange, Terms

blueprint = Blueprint("single_filters", __name__)

SINCE: Final = "2022-11-14"


class SingleFilterParameters(msgspec.Struct):
    """A keyword, and what is done about it. `expires_in` in seconds; empty or null for no end."""

    phrase: str | None = None
    context: list[str] | None = None
    irreversible: bool | None = None
    whole_word: bool | None = None
    expires_in: str | msgspec.UnsetType | None = msgspec.UNSET


@blueprint.get("/api/v1/filters")
@requires("read:filters")
@documented(list[SingleFilter], deprecated=SINCE)
async def listed() -> Response:
    """All keywords of the caller's filters."""
    known = {row.id: row for row in await rows.of_account(my_id())}
    words = await rows.keywords(list(known))
    return json_response([entity.single(known[row.filter_id], row) for row in words])


@blueprint.post("/api/v1/filters")
@requires("write:filters")
@documented(SingleFilter, body=SingleFilterParameters, errors=(422,), deprecated=SINCE)
async def create() -> Response:
    """Make a filter of one keyword."""
    wanted = await params.read(SingleFilterParameters)
    words = KeywordChange(wanted.phrase, wanted.whole_word)
    filter_id = await filters.create(await acting_account(), _terms(wanted), [words])
    (made,) = await rows.keywords([filter_id])
    return await _answer(made.id)


@blueprint.get("/api/v1/filters/<id:keyword_id>")
@requires("read:filters")
@documented(SingleFilter, errors=(404,), deprecated=SINCE)
async def show(keyword_id: int) -> Response:
    """One keyword of the caller's filters."""
    return await _answer(keyword_id)


@blueprint.put("/api/v1/filters/<id:keyword_id>")
@blueprint.patch("/api/v1/filters/<id:keyword_id>")
@requires("write:filters")
@documented(SingleFilter, body=SingleFilterParameters, errors=(404, 422), deprecated=SINCE)
async def change(keyword_id: int) -> Response:
    """Change a keyword, and its filter when it is the only one in it."""
    wanted = await params.read(SingleFilterParameters)
    await filters.change_single(await acting_account(), keyword_id, _terms(wanted), whole_word=wanted.whole_word)
    return await _answer(keyword_id)


@blueprint.delete("/api/v1/filters/<id:keyword_id>")
@requires("write:filters")
@documented(Empty, errors=(404,), deprecated=SINCE)
async def remove(keyword_id: int) -> Response:
    """Remove a keyword, and its filter when nothing is left in it."""
    await filters.remove_keyword(await acting_account(), keyword_id, with_empty_filter=True)
    return empty()


def _terms(wanted: SingleFilterParameters) -> Terms:
    return Terms(
        title=wanted.phrase[: filters.MAX_TITLE] if wanted.phrase is not None else None,
        contexts=wanted.context,
        action=None if wanted.irreversible is None else HIDE if wanted.irreversible else WARN,
        lasts=seconds(wanted.expires_in),
        for_good=is_endless(wanted.expires_in),
    )


async def _answer(keyword_id: int) -> Response:
    words = await rows.keyword(my_id(), keyword_id)
    row = await rows.one(my_id(), words.filter_id) if words is not None else None
    if words is None or row is None:
        raise NotFound
    return json_response(entity.single(row, words))
