"""Filters of the caller, and what is in them."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import filter as entity
from api.entities.filter import Filter, FilterKeyword, FilterStatus
from api.ids import Id
from api.me import my_id
from api.params import InvalidParameter
from api.responses import empty, json_response
from node.errors import NotFound
from node.queries import filters as rows
from node.services import filters
from node.services.filters import KeywordChange, Terms

blueprint = Blueprint("filters", __name__)


class KeywordAttributes(msgspec.Struct):
    """Words to add, or with an `id` to change or, with `_destroy`, to take away."""

    id: Id | None = None
    keyword: str | None = None
    whole_word: bool | None = None
    destroy: bool = msgspec.field(default=False, name="_destroy")


class FilterParameters(msgspec.Struct):
    """What a filter does. `expires_in` in seconds; empty or null for no end."""

    title: str | None = None
    context: list[str] | None = None
    filter_action: str | None = None
    expires_in: str | msgspec.UnsetType | None = msgspec.UNSET
    keywords_attributes: list[KeywordAttributes] = []


class KeywordParameters(msgspec.Struct):
    """Words of a filter."""

    keyword: str | None = None
    whole_word: bool | None = None


class StatusParameters(msgspec.Struct):
    """A post of a filter."""

    status_id: Id | None = None


@blueprint.get("/api/v2/filters")
@requires("read:filters")
@documented(list[Filter])
async def listed() -> Response:
    """All filters of the caller."""
    return json_response(await entity.page(await rows.of_account(my_id())))


@blueprint.post("/api/v2/filters")
@requires("write:filters")
@documented(Filter, body=FilterParameters, errors=(422,))
async def create() -> Response:
    """Make a filter, with its keywords."""
    wanted = await params.read(FilterParameters)
    return await _filter(await filters.create(await acting_account(), _terms(wanted), _keywords(wanted)))


@blueprint.get("/api/v2/filters/<id:filter_id>")
@requires("read:filters")
@documented(Filter, errors=(404,))
async def show(filter_id: int) -> Response:
    """One of the caller's filters."""
    return await _filter(filter_id)


@blueprint.put("/api/v2/filters/<id:filter_id>")
@blueprint.patch("/api/v2/filters/<id:filter_id>")
@requires("write:filters")
@documented(Filter, body=FilterParameters, errors=(404, 422))
async def change(filter_id: int) -> Response:
    """Change a filter and its keywords; what is not named stays."""
    wanted = await params.read(FilterParameters)
    await filters.change(await acting_account(), filter_id, _terms(wanted), _keywords(wanted))
    return await _filter(filter_id)


@blueprint.delete("/api/v2/filters/<id:filter_id>")
@requires("write:filters")
@documented(Empty, errors=(404,))
async def remove(filter_id: int) -> Response:
    """Remove a filter with all that is in it."""
    await filters.remove(await acting_account(), filter_id)
    return empty()


@blueprint.get("/api/v2/filters/<id:filter_id>/keywords")
@requires("read:filters")
@documented(list[FilterKeyword], errors=(404,))
async def keywords(filter_id: int) -> Response:
    """The words a filter looks for."""
    await _own(filter_id)
    return json_response([entity.keyword(row) for row in await rows.keywords([filter_id])])


@blueprint.post("/api/v2/filters/<id:filter_id>/keywords")
@requires("write:filters")
@documented(FilterKeyword, body=KeywordParameters, errors=(404, 422))
async def add_keyword(filter_id: int) -> Response:
    """Have a filter look for more words."""
    wanted = await params.read(KeywordParameters)
    whole_word = wanted.whole_word is not False
    return await _keyword(
        await filters.add_keyword(await acting_account(), filter_id, wanted.keyword or "", whole_word=whole_word)
    )


@blueprint.get("/api/v2/filters/keywords/<id:keyword_id>")
@requires("read:filters")
@documented(FilterKeyword, errors=(404,))
async def show_keyword(keyword_id: int) -> Response:
    """Words of one of the caller's filters."""
    return await _keyword(keyword_id)


@blueprint.put("/api/v2/filters/keywords/<id:keyword_id>")
@blueprint.patch("/api/v2/filters/keywords/<id:keyword_id>")
@requires("write:filters")
@documented(FilterKeyword, body=KeywordParameters, errors=(404, 422))
async def change_keyword(keyword_id: int) -> Response:
    """Change words of a filter."""
    wanted = await params.read(KeywordParameters)
    await filters.change_keyword(
        await acting_account(), keyword_id, keyword=wanted.keyword, whole_word=wanted.whole_word
    )
    return await _keyword(keyword_id)


@blueprint.delete("/api/v2/filters/keywords/<id:keyword_id>")
@requires("write:filters")
@documented(Empty, errors=(404,))
async def remove_keyword(keyword_id: int) -> Response:
    """Have a filter no longer look for these words."""
    await filters.remove_keyword(await acting_account(), keyword_id)
    return empty()


@blueprint.get("/api/v2/filters/<id:filter_id>/statuses")
@requires("read:filters")
@documented(list[FilterStatus], errors=(404,))
async def statuses(filter_id: int) -> Response:
    """The posts a filter names."""
    await _own(filter_id)
    return json_response([entity.filtered_post(row) for row in await rows.posts([filter_id])])


@blueprint.post("/api/v2/filters/<id:filter_id>/statuses")
@requires("write:filters")
@documented(FilterStatus, body=StatusParameters, errors=(404, 422))
async def add_status(filter_id: int) -> Response:
    """Have a filter name a post."""
    wanted = await params.read(StatusParameters)
    return await _filtered_post(await filters.add_post(await acting_account(), filter_id, wanted.status_id or 0))


@blueprint.get("/api/v2/filters/statuses/<id:entry_id>")
@requires("read:filters")
@documented(FilterStatus, errors=(404,))
async def show_status(entry_id: int) -> Response:
    """A post one of the caller's filters names."""
    return await _filtered_post(entry_id)


@blueprint.delete("/api/v2/filters/statuses/<id:entry_id>")
@requires("write:filters")
@documented(Empty, errors=(404,))
async def remove_status(entry_id: int) -> Response:
    """Have a filter no longer name a post."""
    await filters.remove_post(await acting_account(), entry_id)
    return empty()


def seconds(text: str | msgspec.UnsetType | None) -> int | None:
    """`expires_in` as it was sent; `None` when it was not, or is empty. Raises `InvalidParameter`."""
    if not isinstance(text, str) or not text.strip():
        return None
    number = text.strip()
    if not number.removeprefix("-").isdecimal():
        raise InvalidParameter("Invalid parameter: expires_in")
    return int(number[:18])


def is_endless(text: str | msgspec.UnsetType | None) -> bool:
    """Whether `expires_in` was sent to say that there is no end."""
    return text is None or (isinstance(text, str) and not text.strip())


def _terms(wanted: FilterParameters) -> Terms:
    return Terms(
        title=wanted.title,
        contexts=wanted.context,
        action=wanted.filter_action,
        lasts=seconds(wanted.expires_in),
        for_good=is_endless(wanted.expires_in),
    )


def _keywords(wanted: FilterParameters) -> list[KeywordChange]:
    """Entries in which nothing is filled in are passed over."""
    return [
        KeywordChange(item.keyword, item.whole_word, item.id, item.destroy)
        for item in wanted.keywords_attributes
        if item.id is not None or item.keyword or item.whole_word is not None
    ]


async def _own(filter_id: int) -> rows.FilterRow:
    row = await rows.one(my_id(), filter_id)
    if row is None:
        raise NotFound
    return row


async def _filter(filter_id: int) -> Response:
    return json_response((await entity.page([await _own(filter_id)]))[0])


async def _keyword(keyword_id: int) -> Response:
    row = await rows.keyword(my_id(), keyword_id)
    if row is None:
        raise NotFound
    return json_response(entity.keyword(row))


async def _filtered_post(entry_id: int) -> Response:
    row = await rows.filtered_post(my_id(), entry_id)
    if row is None:
        raise NotFound
    return json_response(entity.filtered_post(row))
