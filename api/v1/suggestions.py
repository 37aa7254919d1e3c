"""Whom the caller could follow, in both versions of the call."""

from __future__ import annotations

from typing import Literal

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import account
from api.entities.account import Account
from api.entities.encoding import encode
from api.me import my_id
from api.pagination import ACCOUNTS, page_of_request
from api.responses import empty, json_list
from node.services import suggestions
from node.services.suggestions import Suggestion as Suggested

blueprint = Blueprint("suggestions", __name__)

MAX_OFFSET = 10_000
REPLACED = "2021-05-16"


class OffsetParameters(msgspec.Struct):
    """Where to begin, and how many."""

    limit: int = ACCOUNTS[0]
    offset: int = 0


class Suggestion(msgspec.Struct, frozen=True):
    """An account the caller could follow. `source` is an older and coarser word for the first of `sources`."""

    source: Literal["staff", "past_interactions", "global"]
    sources: list[Literal["featured", "friends_of_friends", "most_followed"]]
    account: Account


_OLD_WORDS = {
    suggestions.FEATURED: "staff",
    suggestions.FRIENDS_OF_FRIENDS: "past_interactions",
    suggestions.MOST_FOLLOWED: "global",
}


@blueprint.get("/api/v2/suggestions")
@requires("read:accounts")
@documented(list[Suggestion], query=OffsetParameters)
async def explained() -> Response:
    """Accounts the caller could follow, and why."""
    found = await _asked_for()
    shown = await account.bytes_of((one.account.id, one.account.version) for one in found)
    return json_list(
        [
            b'{"source":%b,"sources":%b,"account":%b}'
            % (encode(_OLD_WORDS[one.sources[0]]), encode(one.sources), shown[one.account.id])
            for one in found
            if one.account.id in shown
        ]
    )


@blueprint.get("/api/v1/suggestions")
@requires("read:accounts")
@documented(list[Account], query=OffsetParameters, deprecated=REPLACED)
async def plain() -> Response:
    """Accounts the caller could follow."""
    return json_list(await account.page([one.account for one in await _asked_for()]))


@blueprint.delete("/api/v1/suggestions/<id:account_id>")
@requires("write:accounts")
@documented(Empty)
async def dismiss(account_id: int) -> Response:
    """Suggest an account never again."""
    await suggestions.dismiss(await acting_account(), account_id)
    return empty()


async def _asked_for() -> list[Suggested]:
    wanted = params.read_query(OffsetParameters)
    limit = page_of_request(ACCOUNTS).limit
    return await suggestions.of_account(my_id(), limit=limit, offset=min(max(wanted.offset, 0), MAX_OFFSET))
