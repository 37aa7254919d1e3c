"""Composing: what may be sent, places to name, and a picture published in one call."""

from __future__ import annotations

import dataclasses
import re
from typing import Final

import msgspec
from quart import Blueprint, Response

from api import mentions, params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import instance_configuration, place, status
from api.entities.credentials import preferences_of
from api.entities.status import Status
from api.me import my_id, my_user_id
from api.pagination import Page
from api.pixelfed.paths import served
from api.responses import json_response
from api.uploads import uploaded_files
from api.v1.statuses import NewStatus, draft_of, idempotency_key
from node import urls
from node.errors import Invalid, NotFound
from node.models.accounts import User
from node.queries import places
from node.queries.places import PlaceRow
from node.services import alt_texts, posting_defaults, posts, uploads
from node.services.publishing_once import publish_once, published_under
from node.services.uploads import Words

blueprint = Blueprint("pixelfed_compose", __name__)

POSTS_AT_PLACE: Final = 60
MAX_WORDS: Final = 100
ALL_RIGHTS_RESERVED: Final = 1


class LocationQuery(msgspec.Struct):
    """The beginning of a place's name."""

    q: str = ""


class Location(msgspec.Struct, frozen=True):
    """A place to name in a post, by `place_id`."""

    id: str
    name: str
    country: str
    url: str


class PixelfedPlace(msgspec.Struct, frozen=True):
    """A place; `lat` and `long` in degrees where known."""

    id: str
    name: str
    slug: str
    country: str
    lat: float | None
    long: float | None


class PlacePosts(msgspec.Struct, frozen=True):
    """A place and the newest public posts from there."""

    place: PixelfedPlace
    posts: list[Status]


class ComposeSettings(msgspec.Struct, frozen=True):
    """What may be sent; `max_file_size` in kilobytes. `default_license` is Pixelfed's number for all rights reserved,
    `media_descriptions` whether the caller wants to post no picture without an alt text."""

    allowed_media_types: list[str]
    max_caption_length: int
    default_license: int
    media_descriptions: bool
    max_file_size: int
    max_media_attachments: int
    max_altext_length: int
    default_scope: str


class PictureStatus(NewStatus):
    """A post and the alt text of its picture."""

    description: str = ""


@served(blueprint, "GET", "/compose/search/location")
@requires("read:search")
@documented(list[Location], query=LocationQuery, errors=(422,))
async def search_location() -> Response:
    """Places whose names begin so, as people who posted named them, and towns."""
    words = params.read_query(LocationQuery).q.strip()
    if not words:
        raise Invalid("q", "can't be blank", code="ERR_BLANK")
    if len(words) > MAX_WORDS:
        raise Invalid("q", f"is too long (maximum is {MAX_WORDS} characters)", code="ERR_TOO_LONG")
    return json_response([_location(row) for row in await place.found(my_id(), words)])


@served(blueprint, "GET", "/places/posts/<id:place_id>/<slug>")
@requires("read:statuses")
@documented(PlacePosts, errors=(404,))
async def posts_at(place_id: int, slug: str) -> Response:
    """A place and the newest public posts from there; 404 when there are none."""
    row = await places.one_seen(my_id(), place_id)
    rows = await places.posts_at(my_id(), place_id, Page(POSTS_AT_PLACE))
    if row is None or not rows or slug != _slug(row.name):
        raise NotFound
    details = PixelfedPlace(str(row.id), row.name, slug, row.country, row.latitude, row.longitude)
    shown = b",".join(await status.page(rows, my_id()))
    return json_response(b'{"place":%b,"posts":[%b]}' % (msgspec.json.encode(details), shown))


@served(blueprint, "GET", "/compose/settings")
@requires("read:accounts")
@documented(ComposeSettings)
async def settings() -> Response:
    """What may be sent, and the audience the caller's posts have unless they say otherwise."""
    limits = instance_configuration.first_configuration()
    account, user = await acting_account(), await User.get(id=my_user_id())
    return json_response(
        ComposeSettings(
            allowed_media_types=limits.media_attachments.supported_mime_types,
            max_caption_length=limits.statuses.max_characters,
            default_license=ALL_RIGHTS_RESERVED,
            media_descriptions=alt_texts.wish_in(user.preferences) == alt_texts.REQUIRE,
            max_file_size=limits.media_attachments.image_size_limit // 1000,
            max_media_attachments=limits.statuses.max_media_attachments,
            max_altext_length=limits.media_attachments.description_limit,
            default_scope=preferences_of(user.preferences, account.is_private).visibility,
        )
    )


@served(blueprint, "POST", "/status/create")
@requires("write")
@documented(Status, body=PictureStatus, files=("file",), errors=(404, 422, 503))
async def create() -> Response:
    """Upload one picture and publish it at once. With an `Idempotency-Key` the same call makes one post within an hour."""
    wanted = await params.read(PictureStatus)
    draft, key, author = draft_of(wanted), idempotency_key(), await acting_account()
    known = await published_under(author, key) if key else None
    if known is not None:
        return json_response(await status.one(known.id, author.id))
    async with uploaded_files("file") as files:
        if "file" not in files:
            raise Invalid("file", "can't be blank", code="ERR_BLANK")
        picture = await uploads.upload(author, files["file"], Words(wanted.description, (0.0, 0.0)))
    await mentions.make_known(draft.text)
    filled = await posting_defaults.filled_in(author, dataclasses.replace(draft, media_ids=(picture.id,)))
    post = await publish_once(author, filled, key) if key else await posts.publish(author, filled)
    return json_response(await status.one(post.id, author.id))


def _location(row: PlaceRow) -> Location:
    address = f"{urls.base()}/api/v1.1/places/posts/{row.id}/{_slug(row.name)}"
    return Location(str(row.id), row.name, row.country, address)


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-") or "place"
