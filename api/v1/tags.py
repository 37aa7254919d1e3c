"""Hashtags: looked at, followed, shown on one's profile."""

from __future__ import annotations

from quart import Blueprint, Response

from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import documented
from api.entities import tag
from api.entities.tag import RelatedTag, Tag
from api.me import my_id
from api.pagination import TAGS, link_header, page_of_request
from api.responses import json_list, json_response
from node.errors import NotFound
from node.queries import hashtags
from node.services import tags
from node.text import clean_line, hashtag_name, is_hashtag

blueprint = Blueprint("tags", __name__)


@blueprint.get("/api/v1/tags/<name>")
@allows("read")
@documented(Tag, errors=(404,))
async def show(name: str) -> Response:
    """A hashtag, used yet or not."""
    return await _answer(name)


@blueprint.post("/api/v1/tags/<name>/follow")
@requires("write:follows")
@documented(Tag, errors=(404,))
async def follow(name: str) -> Response:
    """Have public posts with a hashtag in the home timeline."""
    await tags.follow(await acting_account(), _written(name))
    return await _answer(name)


@blueprint.post("/api/v1/tags/<name>/unfollow")
@requires("write:follows")
@documented(Tag, errors=(404,))
async def unfollow(name: str) -> Response:
    """Have them there no longer."""
    await tags.unfollow(await acting_account(), _written(name))
    return await _answer(name)


@blueprint.post("/api/v1/tags/<name>/feature")
@requires("write:accounts")
@documented(Tag, errors=(404, 422))
async def feature(name: str) -> Response:
    """Show a hashtag on one's profile."""
    await tags.feature(await acting_account(), _written(name))
    return await _answer(name)


@blueprint.post("/api/v1/tags/<name>/unfeature")
@requires("write:accounts")
@documented(Tag, errors=(404,))
async def unfeature(name: str) -> Response:
    """Show it there no longer."""
    await tags.unfeature(await acting_account(), _written(name))
    return await _answer(name)


@blueprint.get("/api/v1/tags/<name>/related")
@requires("read")
@documented(list[RelatedTag], errors=(404,))
async def related(name: str) -> Response:
    """What often stands beside a hashtag; Pixelfed's call."""
    found = await hashtags.by_names(None, [hashtag_name(_written(name))])
    if not found:
        raise NotFound
    return json_response([RelatedTag(row.name, row.together) for row in await hashtags.related(found[0].id)])


@blueprint.get("/api/v1/followed_tags")
@requires("read:follows")
@documented(list[Tag], paged=TAGS)
async def followed() -> Response:
    """The hashtags the caller follows, newest follow first."""
    page = page_of_request(TAGS)
    rows = await hashtags.followed(my_id(), page)
    return json_list(await tag.page(rows, signed_in=True), link_header([row.cursor for row in rows], page))


def _written(name: str) -> str:
    """The hashtag of a path, as it is written there. Raises `NotFound` for what cannot be one."""
    written = clean_line(name).removeprefix("#")
    if not is_hashtag(written):
        raise NotFound
    return written


async def _answer(name: str) -> Response:
    written, signed_in = _written(name), viewer_id() is not None
    rows = await hashtags.by_names(viewer_id(), [hashtag_name(written)])
    if not rows:
        return json_response(tag.unused(hashtag_name(written), written, signed_in=signed_in))
    return json_response((await tag.page(rows, signed_in=signed_in))[0])
