"""The hashtags people show on their profiles."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires
from api.documentation import Empty, documented
from api.entities import tag
from api.entities.tag import FeaturedTag, Tag
from api.me import my_id
from api.responses import empty, json_list, json_response
from node.queries import hashtags
from node.services import accounts, tags

blueprint = Blueprint("featured_tags", __name__)

SUGGESTED = 10


class FeaturedTagParameters(msgspec.Struct):
    """Which hashtag, with or without `#`."""

    name: str = ""


@blueprint.get("/api/v1/featured_tags")
@requires("read:accounts")
@documented(list[FeaturedTag])
async def listed() -> Response:
    """What the caller shows."""
    return json_response([tag.featured(row) for row in await hashtags.featured(my_id())])


@blueprint.post("/api/v1/featured_tags")
@requires("write:accounts")
@documented(FeaturedTag, body=FeaturedTagParameters, errors=(422,))
async def feature() -> Response:
    """Show a hashtag on one's profile."""
    wanted = await params.read(FeaturedTagParameters)
    featured_id = await tags.feature(await acting_account(), wanted.name, again=False)
    (row,) = await hashtags.featured(my_id(), featured_id)
    return json_response(tag.featured(row))


@blueprint.delete("/api/v1/featured_tags/<id:featured_id>")
@requires("write:accounts")
@documented(Empty, errors=(404,))
async def remove(featured_id: int) -> Response:
    """Show it no longer."""
    await tags.remove_featured(await acting_account(), featured_id)
    return empty()


@blueprint.get("/api/v1/featured_tags/suggestions")
@requires("read:accounts")
@documented(list[Tag])
async def suggestions() -> Response:
    """What the caller used most of late and does not show."""
    return json_list(await tag.page(await hashtags.recently_used(my_id(), SUGGESTED), signed_in=True))


@blueprint.get("/api/v1/accounts/<id:account_id>/featured_tags")
@allows("read:accounts")
@documented(list[FeaturedTag], errors=(404,))
async def of_account(account_id: int) -> Response:
    """What an account shows."""
    known = await accounts.get(account_id)
    rows = await hashtags.featured(account_id) if known.suspended_at is None else []
    return json_response([tag.featured(row) for row in rows])
