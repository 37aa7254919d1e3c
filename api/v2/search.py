"""Search for accounts, hashtags and posts."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, viewer_id
from api.entities import account, status, tag
from api.errors import Unauthorised
from api.finding import find_account, find_status, is_address
from api.ids import Id
from api.params import InvalidParameter
from api.responses import json_response
from node.queries import accounts, content, hashtags
from node.text import hashtag_name

blueprint = Blueprint("search", __name__)

LIMIT, GREATEST_LIMIT = 20, 40
MAX_QUERY = 2048
_TYPES = ("accounts", "hashtags", "statuses")


class SearchParameters(msgspec.Struct):
    """`resolve` asks other servers for a whole handle or address that is not known here."""

    q: str = ""
    type: str | None = None
    resolve: bool = False
    following: bool = False
    account_id: Id | None = None
    limit: int = LIMIT
    offset: int = 0


@blueprint.get("/api/v2/search")
@allows("read:search")
async def search() -> Response:
    """Accounts by handle or name, hashtags by their beginning, posts and accounts by address.

    Without signing in nothing is asked of other servers, and there is one page only.
    """
    wanted = params.read_query(SearchParameters)
    term = wanted.q.strip()
    if not term or len(term) > MAX_QUERY:
        raise InvalidParameter("Invalid parameter: q")
    if wanted.type and wanted.type not in _TYPES:
        raise InvalidParameter("Invalid parameter: type")
    if viewer_id() is None and (wanted.resolve or wanted.offset):
        raise Unauthorised
    found = {
        kind: await look(wanted, term) if wanted.type in (None, "", kind) else []
        for kind, look in (("accounts", _accounts), ("statuses", _statuses), ("hashtags", _hashtags))
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
    row = await find_status(term, viewer_id(), ask=wanted.resolve) if not wanted.offset else None
    if row is None or (wanted.account_id is not None and row.account_id != wanted.account_id):
        return []
    return await status.page([row], viewer_id())


async def _hashtags(wanted: SearchParameters, term: str) -> list[bytes]:
    name = hashtag_name(term)
    if not name or "@" in term or is_address(term):
        return []
    limit, offset = _slice(wanted)
    names = await content.search_hashtags(name, limit, offset)
    return await tag.page(await hashtags.by_names(viewer_id(), names), signed_in=viewer_id() is not None)


def _slice(wanted: SearchParameters) -> tuple[int, int]:
    return min(max(wanted.limit, 1), GREATEST_LIMIT), min(max(wanted.offset, 0), 10_000)
