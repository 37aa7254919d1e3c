"""The directory: accounts that want to be found."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, viewer_id
from api.documentation import documented
from api.entities import account
from api.entities.account import Account
from api.pagination import ACCOUNTS, page_of_request
from api.responses import json_list
from node.errors import NotFound
from node.queries import suggestions
from node.runtime import runtime

blueprint = Blueprint("directory", __name__)

MAX_OFFSET = 10_000


class DirectoryParameters(msgspec.Struct):
    """`order`: `active` (who posted last first) or `new`; `local`: accounts of this node only."""

    limit: int = ACCOUNTS[0]
    offset: int = 0
    order: str = "active"
    local: bool = False


@blueprint.get("/api/v1/directory")
@allows()
@documented(list[Account], query=DirectoryParameters, errors=(404,))
async def show() -> Response:
    """A page of the accounts that want to be found; 404 where the node keeps no directory."""
    if not runtime().settings.instance.directory:
        raise NotFound
    wanted = params.read_query(DirectoryParameters)
    rows = await suggestions.directory(
        viewer_id(),
        limit=page_of_request(ACCOUNTS).limit,
        offset=min(max(wanted.offset, 0), MAX_OFFSET),
        local=wanted.local,
        newest=wanted.order == "new",
    )
    return json_list(await account.page(rows))
