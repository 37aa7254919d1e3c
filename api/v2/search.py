"""Search for accounts, hashtags and posts."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, viewer_id
from api.documentation import documented
from api.entities import account, account_collection, status, tag
from api.entities.account import Account
from api.entities.account_collection import Collection
from api.entities.encoding import encode
from api.entities.status import Status
from api.entities.tag import Tag
from api.errors import Unauthorised
from api.finding import find_account, find_collection, find_status, is_address, known_handle
from api.ids import Id
from api.params import InvalidParameter
from api.responses import json_response
from node.errors import Invalid
from node.queries import accounts, content, hashtags, search_terms, statuses
from node.queries import search as post_search
from node.queries.search_terms import Operator, Terms
from node.text import hashtag_name

blueprint = Blueprint("search", __name__)

LIMIT, GREATEST_LIMIT = 20, 40
GREATEST_OFFSET = 400
"""Posts are read one by one (`node/queries/search.py`): nobody pages deeper than that."""
MAX_QUERY = 2048
NOBODY = 0
_TYPES = ("accounts", "hashtags", "statuses", "collections")
_NO_PAGES = "Search queries pagination is not supported without authentication"
_NO_RESOLVING = "Search queries that resolve remote resources are not supported without authentication"


class SearchParameters(msgspec.Struct):
    """`resolve` asks other servers for a whole handle or address that is not known here.

    `account_id`, `min_id` and `max_id` narrow down posts, `following` accounts, `exclude_unreviewed` hashtags.
    """

    q: str = ""
    type: str | None = None
    resolve: bool = False
    following: bool = False
    account_id: Id | None = None
    exclude_unreviewed: bool = False
    min_id: Id | None = None
    max_id: Id | None = None
    limit: int = LIMIT
    offset: int | None = None


class SearchResults(msgspec.Struct, frozen=True):
    """What was found of each kind."""

    accounts: list[Account]
    statuses: list[Status]
    hashtags: list[Tag]
    collections: list[Collection]


@blueprint.get("/api/v2/search")
@allows("read:search")
@documented(SearchResults, query=SearchParameters, errors=(422,))
async def search() -> Response:
    """Accounts by handle or name, hashtags by their beginning, posts by their words, posts, accounts and collections by address.

    Without signing in nothing is asked of other servers, there is one page only, and posts are found by address only.
    Posts that can be found are public ones of accounts that are `indexable`, the caller's own, those that name the
    caller, and those the caller likes or keeps. Words may be quoted or negated with `-`; operators are `from:`,
    `has:` (media, image, video, audio, poll, link), `is:` (reply, sensitive, bot), `language:`, `before:`, `during:`,
    `after:` and `in:` (library, public).
    """
    wanted = params.read_query(SearchParameters)
    term = wanted.q.strip()
    if not term or len(term) > MAX_QUERY:
        raise InvalidParameter("Invalid parameter: q")
    if wanted.type and wanted.type not in _TYPES:
        raise InvalidParameter("Invalid parameter: type")
    if viewer_id() is None and wanted.offset is not None:
        raise Unauthorised(_NO_PAGES)
    if viewer_id() is None and wanted.resolve:
        raise Unauthorised(_NO_RESOLVING)
    found = {
        kind: await look(wanted, term) if wanted.type in (None, "", kind) else []
        for kind, look in (
            ("accounts", _accounts),
            ("statuses", _statuses),
            ("hashtags", _hashtags),
            ("collections", _collections),
        )
    }
    joined = b",".join(b'"%b":[%b]' % (kind.encode(), b",".join(items)) for kind, items in found.items())
    return json_response(b"{%b}" % joined)


async def _accounts(wanted: SearchParameters, term: str) -> list[bytes]:
    if term.startswith("#"):
        return []
    limit, offset = _slice(wanted)
    exact = await find_account(term, viewer_id(), ask=wanted.resolve) if offset == 0 else None
    if is_address(term):
        return await account.page([exact] if exact is not None else [])
    rows = await accounts.search(viewer_id(), term, limit=limit, offset=offset, following_only=wanted.following)
    if exact is not None and not wanted.following:
        rows = [exact, *(row for row in rows if row.id != exact.id)][:limit]
    return await account.page(rows)


async def _statuses(wanted: SearchParameters, term: str) -> list[bytes]:
    viewer = viewer_id()
    if is_address(term):
        row = await find_status(term, viewer, ask=wanted.resolve) if not wanted.offset else None
        if row is None or (wanted.account_id is not None and row.account_id != wanted.account_id):
            return []
        return await status.page([row], viewer)
    if viewer is None:
        return []
    try:
        terms = search_terms.parse(term)
    except search_terms.Unreadable as reason:
        raise Invalid("q", f"has an operator that makes no sense: {reason}") from None
    limit, offset = _slice(wanted)
    asked = await _resolved(viewer, wanted, terms) if not terms.is_empty else None
    found = await post_search.posts(viewer, asked, limit=limit, offset=offset) if asked is not None else []
    return await status.page(await statuses.by_ids(viewer, found), viewer)


async def _resolved(viewer: int, wanted: SearchParameters, terms: Terms) -> post_search.PostSearch | None:
    """The search with accounts in place of handles; `None` when nobody can have written what it is for."""
    account_id = wanted.account_id
    operators: list[Operator] = []
    for operator in terms.operators:
        if operator.name != "from":
            operators.append(operator)
            continue
        author = await _author(viewer, operator.value)
        if operator.negated:
            operators.append(Operator("account", str(author), negated=True))
        elif author == NOBODY or account_id not in (None, author):
            return None
        else:
            account_id = author
    return post_search.PostSearch(
        replace(terms, operators=tuple(operators)), account_id=account_id, above=wanted.min_id, below=wanted.max_id
    )


async def _author(viewer: int, handle: str) -> int:
    if handle.lower() == "me":
        return viewer
    known = await known_handle(handle)
    return known.id if known is not None else NOBODY


async def _collections(wanted: SearchParameters, term: str) -> list[bytes]:
    row = await find_collection(term, viewer_id()) if not wanted.offset else None
    return [encode(shown) for shown in await account_collection.page([row] if row is not None else [], viewer_id())]


async def _hashtags(wanted: SearchParameters, term: str) -> list[bytes]:
    name = hashtag_name(term)
    if not name or "@" in term or is_address(term):
        return []
    limit, offset = _slice(wanted)
    names = await content.search_hashtags(name, limit, offset, reviewed_only=wanted.exclude_unreviewed)
    return await tag.page(await hashtags.by_names(viewer_id(), names), signed_in=viewer_id() is not None)


def _slice(wanted: SearchParameters) -> tuple[int, int]:
    return min(max(wanted.limit, 1), GREATEST_LIMIT), min(max(wanted.offset or 0, 0), GREATEST_OFFSET)
