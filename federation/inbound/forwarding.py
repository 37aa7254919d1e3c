"""Inbox forwarding (ActivityPub §7.1.2): who follows an author here also gets the replies from elsewhere.

A reply goes from its author's server to ours, and only we know who follows the one it answers. What is passed on is
the very document that came, and only when the signature in it holds: others have no other reason to believe it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from activitypub.parse import origin_host
from activitypub.types import Activity
from federation.inbound import attested
from federation.outbound import audience
from federation.outbound.send import pass_on
from node import db, jobs, urls

FORWARD: Final = "forward_activity"
FORWARDED: Final = frozenset({"Create", "Update", "Delete"})

_HEARD_ELSEWHERE: Final = (
    "EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id"
    " WHERE f.target_id = author.id AND f.accepted = TRUE AND a.domain <> '')"
)
_WHO_IS_ANSWERED: Final = (
    "SELECT author.id FROM posts parent JOIN accounts author ON author.id = parent.account_id AND author.domain = ''"
    f" WHERE parent.uri = ? AND parent.visibility IN ('public', 'unlisted') AND {_HEARD_ELSEWHERE}"
)
# The answered post may be gone by now, and who followed its author follow no more: what was passed on to them while it
# was here must change and go all the same.
_WHOM_IT_ANSWERED: Final = (
    "SELECT author.id, p.created_at FROM posts p"
    " JOIN accounts author ON author.id = p.parent_account_id AND author.domain = ''"
    f" WHERE p.uri = ? AND p.visibility IN ('public', 'unlisted') AND ({_HEARD_ELSEWHERE} OR EXISTS ("
    "SELECT 1 FROM former_audiences e WHERE e.account_id = author.id AND e.ended_at >= p.created_at))"
)


class Answered(NamedTuple):
    """An account here that a reply from elsewhere answers."""

    account_id: int
    since: int | None
    """When the reply was written, in milliseconds, if it was passed on before; `None` for a new one."""


async def answered_author(activity: Activity, document: Mapping[str, Any]) -> Answered | None:
    """The account here to whose followers the activity is to be passed on; `None` when there is none.

    Ask before the activity is done: afterwards a deleted reply is not here any more.
    """
    if activity.type not in FORWARDED or not attested.is_signed_inside(document) or activity.object_id is None:
        return None
    if activity.type != "Create":
        row = await db.fetch_one(_WHOM_IT_ANSWERED, (activity.object_id,))
        if row is not None:
            return Answered(int(row[0]), int(row[1]))
    if activity.type == "Delete" or not urls.is_local(_answered(activity)):
        return None
    row = await db.fetch_one(_WHO_IS_ANSWERED, (_answered(activity),))
    return None if row is None else Answered(int(row[0]), None)


async def forward_soon(answered: Answered, activity: Activity, document: Mapping[str, Any]) -> None:
    """Have it passed on, in the caller's transaction."""
    if activity.type != "Delete" and not await _is_public_here(activity.object_id):
        return
    payload = {"account": answered.account_id, "since": answered.since, "activity": document}
    await jobs.enqueue(FORWARD, payload, key=f"{FORWARD}:{activity.id}"[:2000])


async def forward(payload: dict[str, Any]) -> None:
    """The job: pass an activity on to the servers of an account's followers, but not to its author's."""
    document, account_id = payload["activity"], int(payload["account"])
    if not await attested.holds(document):
        raise jobs.Drop("the signature in the document does not hold")
    inboxes = await audience.followers_of(account_id)
    if payload.get("since") is not None:
        inboxes |= await audience.former_followers_of(account_id, payload["since"])
    home = origin_host(document["actor"])
    await pass_on(account_id, document, {inbox for inbox in inboxes if origin_host(inbox) != home})


async def _is_public_here(uri: str | None) -> bool:
    """Whether the reply was taken in, and is for everybody."""
    row = await db.fetch_one(
        "SELECT 1 FROM posts WHERE uri = ? AND visibility IN ('public', 'unlisted') AND held_for IS NULL", (uri,)
    )
    return row is not None


def _answered(activity: Activity) -> str:
    answered = activity.object.get("inReplyTo") if activity.object is not None else None
    if isinstance(answered, Mapping):
        answered = answered.get("id")
    return answered if isinstance(answered, str) else ""
