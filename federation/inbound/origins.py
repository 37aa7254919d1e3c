"""What was passed on without a signature that holds is looked up where it comes from, if it may matter here.

Nothing of the document is believed: it only says where to look.
"""

from __future__ import annotations

from typing import Any, Final

import structlog

from activitypub.parse import ParseError, origin_host, parse_note
from activitypub.types import Activity
from federation import received_notes, rereading, resolve
from federation.budget import Background
from federation.inbound.verify import Signer
from federation.resolve_errors import Gone, Unresolvable
from node import clock, db, jobs
from node.errors import DomainError
from node.models.posts import PUBLIC, UNLISTED, Post
from node.services import posts

log = structlog.get_logger()

LOOK_UP: Final = "look_up_at_origin"
LOOKED_UP_AT_ONCE: Final = 500
"""How many may wait at a time: whoever passes on more wants to keep us busy."""


async def look_up_soon(activity: Activity, passed_on_by: Signer) -> None:
    """Have the object of an activity looked up in the background, once an hour at most, if it may matter here."""
    uri = activity.object_id
    if uri is None or origin_host(uri) != origin_host(activity.actor) or not await _matters(activity, passed_on_by):
        return
    await look_up_later(uri)


async def look_up_later(uri: str, *, because: str | None = None) -> None:
    """Have what has this id looked up in the background: once an hour, or once for the activity `because` of which it is
    done."""
    row = await db.fetch_one("SELECT COUNT(*) FROM jobs WHERE state = 'waiting' AND kind = ?", (LOOK_UP,))
    if row is not None and row[0] >= LOOKED_UP_AT_ONCE:
        return
    reason = int(clock.timestamp() // 3600) if because is None else because[:900]
    await jobs.enqueue(LOOK_UP, {"uri": uri}, key=f"{LOOK_UP}:{reason}:{uri}"[:2000])


async def look_up(payload: dict[str, Any]) -> None:
    """The job: bring what is known here of a post in line with its origin. Raises `Drop` for what cannot be had."""
    uri = payload["uri"]
    post = await Post.get_or_none(uri=uri).select_related("account")
    try:
        if post is None:
            await resolve.resolve_post(uri, budget=Background(), quietly=False)
        elif not post.is_local:
            await _refresh(post)
    except (Unresolvable, DomainError) as error:
        raise jobs.Drop(str(error)) from error


async def _refresh(post: Post) -> None:
    try:
        note = (await rereading.fetch(post.uri, Background())).note
    except Gone as gone:
        # What is not for everybody is not shown to us when we ask in the node's name: 404 says nothing then.
        if gone.deleted or post.visibility in (PUBLIC, UNLISTED):
            await posts.receive_deletion(post.uri, post.account)
        return
    await posts.receive_edit(post, await received_notes.incoming(note, post.account, None))


async def _matters(activity: Activity, passed_on_by: Signer) -> bool:
    """Whether it is about a post that is here, answers one, or comes from somebody who is followed here."""
    if activity.type not in ("Create", "Update", "Delete"):
        return False
    uris = [activity.object_id]
    if activity.type == "Create" and activity.object is not None:
        try:
            uris.append(parse_note(activity.object).in_reply_to)
        except ParseError:
            return False
    known = [uri for uri in uris if uri is not None]
    row = await db.fetch_one(f"SELECT 1 FROM posts WHERE uri IN ({db.marks(known)})", known)
    if row is not None or activity.type != "Create":
        return row is not None
    followed = "SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ? AND a.domain = ''"
    return await db.fetch_one(followed, (passed_on_by.account_id,)) is not None
