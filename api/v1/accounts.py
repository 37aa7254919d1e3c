"""Accounts: looked at, looked up, searched; what they posted, who follows them."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, requires, viewer_id
from api.documentation import Empty, documented
from api.entities import account, relationship, status
from api.entities.account import Account
from api.entities.relationship import Relationship
from api.entities.status import Status
from api.finding import find_account, known_handle
from api.ids import Id
from api.me import my_id
from api.pagination import ACCOUNTS, STATUSES, Page, link_header, page_of_request
from api.responses import json_list, json_response
from node.errors import Invalid, NotFound
from node.queries import accounts, relationships, timelines
from node.queries.accounts import AccountRow
from node.queries.statuses import StatusRow
from node.services import accounts as account_service
from node.services import post_readings
from node.text import hashtag_name

blueprint = Blueprint("accounts", __name__)

MAX_IDS = 40
MAX_RELATIONSHIPS = 400
MAX_FAMILIAR = 80
MAX_QUERY = 300
MAX_OFFSET = 10_000
PROOFS_ENDED = "2022-03-30"


class AccountIds(msgspec.Struct):
    """Which accounts."""

    id: list[Id] = []


class RelationshipIds(AccountIds):
    """Which accounts; suspended ones only when asked for."""

    with_suspended: bool = False


class FamiliarFollowers(msgspec.Struct, frozen=True):
    """Those the caller follows who follow the account `id`."""

    id: str
    accounts: list[Account]


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
@documented(Account, errors=(404,))
async def show(account_id: int) -> Response:
    """One account. One of another server that nobody looked at today is read there again, with its newest posts."""
    response = json_response(await account.one_for(viewer_id(), account_id))
    await _opened(account_id)
    return response


@blueprint.get("/api/v1/accounts")
@allows("read:accounts")
@documented(list[Account], query=AccountIds, errors=(422,))
async def many() -> Response:
    """Several accounts by `id[]`, at most 40."""
    wanted = dict.fromkeys(params.read_query(AccountIds).id)
    if len(wanted) > MAX_IDS:
        raise Invalid("id", f"is too long (maximum is {MAX_IDS} items)", code="ERR_TOO_LONG")
    return json_list(await account.page(await accounts.by_ids(list(wanted))))


@blueprint.get("/api/v1/accounts/lookup")
@allows("read:accounts")
@documented(Account, query=LookupParameters, errors=(404,))
async def lookup() -> Response:
    """The account of a handle, as far as it is known here."""
    found = await known_handle(params.read_query(LookupParameters).acct)
    if found is None:
        raise NotFound
    response = json_response(await account.one_for(viewer_id(), found.id))
    await _opened(found.id)
    return response


async def _opened(account_id: int) -> None:
    if viewer_id() is not None:
        await post_readings.profile_opened(account_id)


@blueprint.get("/api/v1/accounts/search")
@requires("read:accounts")
@documented(list[Account], query=SearchParameters)
async def search() -> Response:
    """Accounts whose handle or name begins with `q`: the one of that very handle first, then those the caller follows."""
    wanted = params.read_query(SearchParameters)
    page = page_of_request(ACCOUNTS)
    term = wanted.q.strip()[:MAX_QUERY]
    if not term:
        return json_list([])
    offset = min(max(wanted.offset, 0), MAX_OFFSET)
    exact = await find_account(term, my_id(), ask=wanted.resolve) if offset == 0 else None
    if exact is not None and wanted.following and not await relationships.follows(my_id(), exact.id):
        exact = None
    rows = await accounts.search(my_id(), term, limit=page.limit, offset=offset, following_only=wanted.following)
    if exact is not None:
        rows = [exact, *(row for row in rows if row.id != exact.id)][: page.limit]
    return json_list(await account.page(rows))


@blueprint.get("/api/v1/accounts/relationships")
@requires("read:follows")
@documented(list[Relationship], query=RelationshipIds)
async def stand_to() -> Response:
    """How the caller stands to these accounts."""
    wanted = params.read_query(RelationshipIds)
    ids = wanted.id[:MAX_RELATIONSHIPS]
    return json_response(await relationship.with_accounts(my_id(), ids, with_suspended=wanted.with_suspended))


@blueprint.get("/api/v1/accounts/familiar_followers")
@requires("read:follows")
@documented(list[FamiliarFollowers], query=AccountIds)
async def familiar_followers() -> Response:
    """Whom of those the caller follows these accounts have among their followers."""
    wanted = await accounts.visible_by_ids(None, (await params.read(AccountIds)).id[:MAX_IDS])
    familiar = await accounts.familiar_followers(my_id(), [row.id for row in wanted], MAX_FAMILIAR)
    everybody = [row for rows in familiar.values() for row in rows]
    shown = await account.bytes_of({row.id: row.version for row in everybody}.items())
    return json_list(
        [
            b'{"id":"%d","accounts":[%b]}'
            % (row.id, b",".join(shown[one.id] for one in familiar.get(row.id, ()) if one.id in shown))
            for row in wanted
        ]
    )


@blueprint.get("/api/v1/accounts/<id:account_id>/identity_proofs")
@requires("read:accounts")
@documented(list[Empty], deprecated=PROOFS_ENDED)
async def identity_proofs(account_id: int) -> Response:
    """Always empty: these proofs are no more."""
    return json_list([])


@blueprint.post("/api/v1/accounts/<id:account_id>/email_subscriptions")
@allows()
@documented(Empty, errors=(404,))
async def subscribe_by_email(account_id: int) -> Response:
    """Subscriptions by letter are not offered here, which is what this says: 404."""
    raise NotFound


@blueprint.get("/api/v1/accounts/<id:account_id>/statuses")
@allows("read:statuses")
@documented(list[Status], query=ProfileParameters, paged=STATUSES, errors=(404,))
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
    read = timelines.pinned if wanted.pinned else timelines.profile
    rows = await read(viewer, account_id, page, chosen)
    if not rows:
        await account_service.get(account_id)
    return rows


@blueprint.get("/api/v1/accounts/<id:account_id>/followers")
@allows("read:accounts")
@documented(list[Account], paged=ACCOUNTS, errors=(404,))
async def followers(account_id: int) -> Response:
    """Who follows an account, newest follow first; nobody, when it hides that."""
    page = page_of_request(ACCOUNTS)
    if await _hides_collections(account_id):
        return json_list([])
    return await _answer(await accounts.followers(viewer_id(), account_id, page), page)


@blueprint.get("/api/v1/accounts/<id:account_id>/following")
@allows("read:accounts")
@documented(list[Account], paged=ACCOUNTS, errors=(404,))
async def following(account_id: int) -> Response:
    """Whom an account follows, newest follow first; nobody, when it hides that."""
    page = page_of_request(ACCOUNTS)
    if await _hides_collections(account_id):
        return json_list([])
    return await _answer(await accounts.following(viewer_id(), account_id, page), page)


async def _hides_collections(account_id: int) -> bool:
    known, viewer = await account_service.get(account_id), viewer_id()
    if known.suspended_at is not None:
        return True
    if viewer == account_id:
        return False
    return known.hide_collections or (viewer is not None and await relationships.blocks(account_id, viewer))


async def _answer(rows: list[AccountRow], page: Page) -> Response:
    return json_list(await account.page(rows), link_header([row.cursor for row in rows], page))
