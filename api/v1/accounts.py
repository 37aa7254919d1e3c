"""Accounts: looked at, looked up, searched; what they posted, who follows them."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, requires, viewer_id
from api.entities import account, relationship, status
from api.finding import find_account, known_handle
from api.ids import Id
from api.me import my_id
from api.pagination import ACCOUNTS, STATUSES, Page, link_header, page_of_request
from api.params import InvalidParameter
from api.responses import json_list, json_response
from node.errors import NotFound
from node.queries import accounts, timelines
from node.queries.accounts import AccountRow
from node.queries.statuses import StatusRow
from node.services import accounts as account_service
from node.text import hashtag_name

blueprint = Blueprint("accounts", __name__)

MAX_IDS = 40
MAX_QUERY = 300


class AccountIds(msgspec.Struct):
    """Which accounts."""

    id: list[Id] = []


class ProfileParameters(msgspec.Struct):
    """What of a profile is wanted."""

    only_media: bool = False
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    exclude_direct: bool = False
    pinned: bool = False
    tagged: str | None = None


class SearchParameters(msgspec.Struct):
    """`resolve` asks other servers for a whole handle that is not known here."""

    q: str = ""
    resolve: bool = False
    following: bool = False
    offset: int = 0


class LookupParameters(msgspec.Struct):
    """A whole handle, with or without domain."""

    acct: str = ""


@blueprint.get("/api/v1/accounts/<id:account_id>")
@allows("read:accounts")
async def show(account_id: int) -> Response:
    """One account."""
    found = await accounts.details([account_id])
    if not found:
        raise NotFound
    return json_response(await account.one(account_id))


@blueprint.get("/api/v1/accounts")
@allows("read:accounts")
async def many() -> Response:
    """Several accounts by `id[]`."""
    wanted = params.read_query(AccountIds)
    return json_list(await account.page(await accounts.by_ids(wanted.id[:MAX_IDS])))


@blueprint.get("/api/v1/accounts/lookup")
@allows("read:accounts")
async def lookup() -> Response:
    """The account of a handle, as far as it is known here."""
    found = await known_handle(params.read_query(LookupParameters).acct)
    if found is None or found.suspended_at is not None:
        raise NotFound
    return json_response(await account.one(found.id))


@blueprint.get("/api/v1/accounts/search")
@requires("read:accounts")
async def search() -> Response:
    """Accounts whose handle or name begins with `q`."""
    wanted = params.read_query(SearchParameters)
    page = page_of_request(ACCOUNTS)
    term = wanted.q.strip()[:MAX_QUERY]
    if not term:
        raise InvalidParameter("Missing parameter: q")
    exact = await find_account(term, my_id(), ask=wanted.resolve) if wanted.offset == 0 else None
    offset = max(wanted.offset, 0)
    rows = await accounts.search(my_id(), term, limit=page.limit, offset=offset, following_only=wanted.following)
    if exact is not None and not wanted.following:
        rows = [exact, *(row for row in rows if row.id != exact.id)][: page.limit]
    return json_list(await account.page(rows))


@blueprint.get("/api/v1/accounts/relationships")
@requires("read:follows")
async def relationships() -> Response:
    """How the caller stands to these accounts."""
    wanted = params.read_query(AccountIds)
    return json_response(await relationship.with_accounts(my_id(), wanted.id[:MAX_IDS]))


@blueprint.get("/api/v1/accounts/<id:account_id>/statuses")
@allows("read:statuses")
async def posts(account_id: int) -> Response:
    """What an account posted and shared."""
    page = page_of_request(STATUSES)
    rows = await profile_rows(viewer_id(), account_id, params.read_query(ProfileParameters), page)
    return json_list(await status.page(rows, viewer_id()), link_header([row.cursor for row in rows], page))


async def profile_rows(viewer: int | None, account_id: int, wanted: ProfileParameters, page: Page) -> list[StatusRow]:
    """The rows of a page of a profile. Raises `NotFound` when there is no such account."""
    chosen = timelines.ProfileFilter(
        wanted.only_media,
        wanted.exclude_replies,
        wanted.exclude_reblogs,
        wanted.exclude_direct,
        hashtag_name(wanted.tagged) if wanted.tagged else None,
    )
    rows = [] if wanted.pinned else await timelines.profile(viewer, account_id, page, chosen)
    if not rows:
        await account_service.get(account_id)
    return rows


@blueprint.get("/api/v1/accounts/<id:account_id>/followers")
@allows("read:accounts")
async def followers(account_id: int) -> Response:
    """Who follows an account, newest follow first; nobody, when it hides that."""
    page = page_of_request(ACCOUNTS)
    if await _hides_collections(account_id):
        return json_list([])
    return await _answer(await accounts.followers(viewer_id(), account_id, page), page)


@blueprint.get("/api/v1/accounts/<id:account_id>/following")
@allows("read:accounts")
async def following(account_id: int) -> Response:
    """Whom an account follows, newest follow first; nobody, when it hides that."""
    page = page_of_request(ACCOUNTS)
    if await _hides_collections(account_id):
        return json_list([])
    return await _answer(await accounts.following(viewer_id(), account_id, page), page)


async def _hides_collections(account_id: int) -> bool:
    known = await account_service.get(account_id)
    return known.hide_collections and viewer_id() != account_id


async def _answer(rows: list[AccountRow], page: Page) -> Response:
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))
