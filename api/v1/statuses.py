"""Posts: published, read, edited, deleted; their thread and their history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from quart import Blueprint, Response, request

from api import mentions, params
from api.auth import acting_account, allows, caller, requires, viewer_id
from api.documentation import documented
from api.entities import history, scheduled_status, status, thread
from api.entities.scheduled_status import ScheduledStatus
from api.entities.status import Status
from api.entities.thread import Context, DeletedStatus
from api.ids import Id
from api.params import InvalidParameter
from api.responses import json_list, json_response
from api.v1.media import PATIENCE
from api.v1.quotes import PolicyParameters
from api.v1.scheduled_statuses import moment_of
from node import db
from node.errors import NotFound
from node.models.posts import FOLLOWERS
from node.queries import statuses
from node.services import edits, marked_points, media, polls, posting_defaults, posts, recipes, scheduled_posts
from node.services.people_in_pictures import Spot
from node.services.publishing_once import publish_once

blueprint = Blueprint("statuses", __name__)

MAX_IDS = 40
MAX_IDEMPOTENCY_KEY = 255


class PlaceParameters(msgspec.Struct):
    """Where the photographs were taken, in words."""

    name: str = ""


class PollParameters(msgspec.Struct, frozen=True):
    """A question to the readers; `expires_in` in seconds."""

    options: list[str] = []
    expires_in: int | None = None
    multiple: bool = False
    hide_totals: bool = False


class PersonParameters(msgspec.Struct):
    """Who is seen in a picture: `x` from the left and `y` from the top, 0 to 1."""

    account_id: Id
    x: float
    y: float


class NewMediaAttributes(msgspec.Struct):
    """Who is seen in a picture of the new post."""

    id: Id
    people: list[PersonParameters] = []


class NewStatus(PolicyParameters):
    """`place[name]` or `place_name` names the place, `place_id` (Pixelfed's) one that is known here; the policies but
    that of quotes are ours as well, `collection_ids`, of up to three albums, is Pixelfed's; `media_attributes` say who is seen in
    the pictures. `visibility` may also be `close_friends`, `mutuals` or, with `list_id`, `list`. The rest is Mastodon's."""

    status: str | None = None
    media_ids: list[Id] | None = None
    in_reply_to_id: Id | None = None
    sensitive: bool | None = None
    spoiler_text: str | None = None
    visibility: str | None = None
    language: str | None = None
    place: PlaceParameters | None = None
    place_name: str | None = None
    poll: PollParameters | None = None
    scheduled_at: str | None = None
    quoted_status_id: Id | None = None
    place_id: Id | None = None
    collection_ids: list[Id] | None = None
    media_attributes: list[NewMediaAttributes] | None = None
    list_id: Id | None = None


class MediaAttributes(msgspec.Struct):
    """New words for a picture of the post, and everybody who is seen in it; `edits`, ours, is a recipe for a photograph, as
    an object or as JSON."""

    id: Id
    description: str | None = None
    focus: str | None = None
    people: list[PersonParameters] | None = None
    edits: str | dict[str, Any] | None = None


class StatusChanges(PolicyParameters):
    """What an edit may change; what is left out stays, but for a poll, which goes when it is left out. `place_id` 0
    takes the place away."""

    status: str | None = None
    spoiler_text: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    media_ids: list[Id] | None = None
    media_attributes: list[MediaAttributes] | None = None
    place_id: Id | None = None
    poll: PollParameters | None = None


class StatusIds(msgspec.Struct):
    """Which posts."""

    id: list[Id] = []


class Deletion(msgspec.Struct):
    """Whether the pictures go at once, or are kept for a day to post anew."""

    delete_media: bool = False


@blueprint.post("/api/v1/statuses")
@requires("write:statuses")
@documented(
    (Status, ScheduledStatus),
    body=NewStatus,
    errors=(404, 422, 503),
    headers={"Idempotency-Key": "Any text of up to 255 characters: the same within an hour makes no second post."},
)
async def create() -> Response:
    """Publish a post or a comment, at once or at `scheduled_at`. With an `Idempotency-Key` the same call makes one post within an hour."""
    wanted = await params.read(NewStatus)
    draft = draft_of(wanted)
    key = idempotency_key()
    author = await acting_account()
    await mentions.make_known(draft.text)
    if wanted.scheduled_at:
        waiting = await scheduled_posts.schedule(author, draft, moment_of(wanted.scheduled_at), key)
        return json_response(await scheduled_status.scheduled(waiting))
    filled = await posting_defaults.filled_in(author, draft)
    post = await publish_once(author, filled, key) if key else await posts.publish(author, filled)
    return json_response(await status.one(post.id, author.id))


def idempotency_key() -> str:
    """What the caller calls this request, so that asking again is not asking twice; empty without."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_IDEMPOTENCY_KEY:
        raise InvalidParameter("Invalid header: Idempotency-Key")
    return key


def draft_of(wanted: NewStatus) -> posts.Draft:
    """What the caller wrote; what they left unsaid stays so.

    As with Mastodon, a warning without text is the text, of a sensitive post.
    """
    place = wanted.place.name if wanted.place is not None else wanted.place_name
    text, spoiler_text = wanted.status or "", wanted.spoiler_text or ""
    is_bare_warning = not text.strip() and bool(spoiler_text.strip()) and wanted.quoted_status_id is None
    return posts.Draft(
        text=spoiler_text if is_bare_warning else text,
        media_ids=tuple(wanted.media_ids or ()),
        parent_id=wanted.in_reply_to_id,
        spoiler_text="" if is_bare_warning else spoiler_text,
        sensitive=True if is_bare_warning else wanted.sensitive,
        visibility=audience(wanted.visibility),
        language=wanted.language or None,
        place_name=place or None,
        application_id=caller().application_id,
        comments_disabled=bool(wanted.comments_disabled),
        policies=wanted.policies(),
        quoted_post_id=wanted.quoted_status_id,
        poll=_new_poll(wanted.poll),
        place_id=wanted.place_id,
        album_ids=tuple(wanted.collection_ids or ()),
        list_id=wanted.list_id,
        people=tuple(spot for item in wanted.media_attributes or () for spot in _spots(item.id, item.people)),
    )


def _spots(media_id: int, people: list[PersonParameters]) -> list[Spot]:
    return [Spot(media_id, seen.account_id, seen.x, seen.y) for seen in people]


def _new_poll(wanted: PollParameters | None) -> polls.NewPoll | None:
    if wanted is None or wanted == PollParameters():
        return None
    return polls.NewPoll(tuple(wanted.options), wanted.expires_in, wanted.multiple, wanted.hide_totals)


def audience(word: str | None) -> str | None:
    """Our word for Mastodon's `private`; every other word is the same."""
    return FOLLOWERS if word == "private" else word or None


@blueprint.get("/api/v1/statuses/<id:status_id>")
@allows("read:statuses")
@documented(Status)
async def show(status_id: int) -> Response:
    """One post."""
    return json_response(await status.one(status_id, viewer_id()))


@blueprint.get("/api/v1/statuses")
@allows("read:statuses")
@documented(list[Status], query=StatusIds)
async def many() -> Response:
    """Several posts by `id[]`; those hidden or missing are left out."""
    wanted = params.read_query(StatusIds)
    rows = await statuses.by_ids(viewer_id(), wanted.id[:MAX_IDS])
    return json_list(await status.page(rows, viewer_id()))


@blueprint.put("/api/v1/statuses/<id:status_id>")
@requires("write:statuses")
@documented(Status, body=StatusChanges, errors=(422,))
async def edit(status_id: int) -> Response:
    """Change one of the caller's own posts."""
    wanted = await params.read(StatusChanges)
    author = await acting_account()
    attributes = wanted.media_attributes or []
    recipe_by_id = {item.id: recipes.checked(item.edits) for item in attributes if item.edits is not None}
    await mentions.make_known(wanted.status or "")
    async with edits.prepared(author, recipe_by_id, patience=PATIENCE) as pictures, db.transaction():
        await posts.edit(
            author,
            status_id,
            posts.Edit(
                text=wanted.status,
                spoiler_text=wanted.spoiler_text,
                sensitive=wanted.sensitive,
                language=wanted.language or None,
                media_ids=None if wanted.media_ids is None else tuple(wanted.media_ids),
                policies=wanted.policies(),
                place_id=wanted.place_id,
                media_descriptions={item.id: item.description for item in attributes if item.description is not None},
                poll=_new_poll(wanted.poll),
                people={item.id: _spots(item.id, item.people) for item in attributes if item.people is not None},
            ),
        )
        for item in attributes:
            if item.focus:
                await media.describe(author, item.id, focus=media.focus_of(item.focus))
        for picture in pictures:
            picture.staying = _marked_anew(attributes, picture.file.id)
            await edits.write(picture, within=status_id)
    return json_response(await status.one(status_id, author.id))


def _marked_anew(attributes: Sequence[MediaAttributes], media_id: int) -> frozenset[str]:
    """What the caller says of a picture as it is after the edit that comes with it."""
    said = [item for item in attributes if item.id == media_id]
    people = {marked_points.PEOPLE} if any(item.people is not None for item in said) else set()
    focus = {marked_points.FOCUS} if any(item.focus for item in said) else set()
    return frozenset(people | focus)


@blueprint.delete("/api/v1/statuses/<id:status_id>")
@requires("write:statuses")
@documented(DeletedStatus, body=Deletion)
async def delete(status_id: int) -> Response:
    """Delete one of the caller's own posts; answers with it and its source, to be written anew."""
    wanted = await params.read(Deletion)
    author = await acting_account()
    shown = await status.one(status_id, author.id)
    pictures = await statuses.media_ids(status_id)
    async with db.transaction():
        post = await posts.delete(author, status_id)
        if wanted.delete_media:
            await media.remove(pictures)
    text = msgspec.json.encode(post.text)
    return json_response(b"".join((shown[:-1], b',"text":', text, b"}")))


@blueprint.get("/api/v1/statuses/<id:status_id>/context")
@allows("read:statuses")
@documented(Context)
async def context(status_id: int) -> Response:
    """The thread around a post: what it answers, and what answers it, as far as it is known here.

    When other servers are asked for more, the answer has the header `Mastodon-Async-Refresh`: `id`, `retry` in seconds
    and `result_count`; ask for the id at `/api/v1_alpha/async_refreshes/:id`, and for the thread once that is finished.
    """
    response = json_response(await thread.around(status_id, viewer_id()))
    response.headers.update(await thread.refresh_headers(status_id, viewer_id()))
    return response


@blueprint.get("/api/v1/statuses/<id:status_id>/history")
@allows("read:statuses")
@documented(list[history.StatusEdit])
async def shown_history(status_id: int) -> Response:
    """How the post looked before each edit, and how it looks now; oldest first."""
    await _visible(status_id)
    return json_response(await history.of_post(status_id, viewer_id()))


@blueprint.get("/api/v1/statuses/<id:status_id>/source")
@requires("read:statuses")
@documented(history.StatusSource)
async def source(status_id: int) -> Response:
    """What the caller typed, for editing one of their own posts."""
    return json_response(await history.source(status_id, caller().account_id))


async def _visible(status_id: int) -> None:
    if await statuses.one(viewer_id(), status_id) is None:
        raise NotFound
