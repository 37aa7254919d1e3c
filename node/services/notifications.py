"""Notifications: what a person here is told about."""

from __future__ import annotations

from typing import Final

from node import clock, db, events
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.notifications import DROP, FILTER
from node.queries.notifications import in_group
from node.services import notification_facts, push_subscriptions

MENTION, STATUS, REBLOG, FOLLOW = "mention", "status", "reblog", "follow"
FOLLOW_REQUEST, FAVOURITE, POLL, UPDATE = "follow_request", "favourite", "poll", "update"
QUOTE, QUOTED_UPDATE = "quote", "quoted_update"
TAGGED = "tagged"
ADDED_TO_COLLECTION, COLLECTION_UPDATE = "added_to_collection", "collection_update"
SIGN_UP, REPORT = "admin.sign_up", "admin.report"
SEVERED, WARNING = "severed_relationships", "moderation_warning"

KINDS: Final = (
    *(MENTION, STATUS, REBLOG, FOLLOW, FOLLOW_REQUEST, FAVOURITE, POLL, UPDATE, SEVERED, WARNING),
    *(SIGN_UP, REPORT, QUOTE, QUOTED_UPDATE, ADDED_TO_COLLECTION, COLLECTION_UPDATE, TAGGED),
)
ABOUT_ONESELF: Final = (POLL, SEVERED, WARNING)
"""What a person is told of without anybody else being in it: `from_account_id` is their own."""
RENEWED: Final = (UPDATE, QUOTED_UPDATE, COLLECTION_UPDATE, SEVERED)
"""Told again each time, in place of what was told before."""
HELD: Final = (MENTION, QUOTE)
"""Filtered ones of these wait in a request until its account is accepted or dismissed."""

MAX_TOLD = 1_000
"""How many people one new post or edit notifies at most."""
MAX_STAFF = 100


async def notify(
    kind: str,
    account_id: int,
    from_account_id: int,
    post_id: int | None = None,
    *,
    subject_id: int | None = None,
) -> int | None:
    """Tell a local account about something, once. Call it inside the transaction that makes it true.

    `post_id` is the post it is about; `subject_id` the report, severance, warning or collection. What the account's
    policy filters is kept but not shown, and no event is recorded.

    Returns the notification's id, or `None` when there is nothing to tell: the account is remote or suspended, did it
    itself, knows it already, blocks (the other or their domain) or is blocked, muted the other with
    `hide_notifications`, or its policy drops it.
    """
    if account_id == from_account_id and kind not in ABOUT_ONESELF:
        return None
    if kind in RENEWED:
        await _forget_former(kind, account_id, from_account_id, post_id, subject_id)
    facts = await notification_facts.gather(kind, account_id, from_account_id, post_id, subject_id)
    if facts is None:
        return None
    verdict = await notification_facts.judge(kind, facts, account_id, from_account_id)
    if verdict == DROP:
        return None
    is_filtered = verdict == FILTER
    number = new_id()
    group_key = None if is_filtered else facts.group_key or notification_facts.new_group(kind, post_id)
    now = to_milliseconds(clock.now())
    added = await db.execute(
        "INSERT INTO notifications (id, account_id, kind, from_account_id, post_id, subject_id, group_key, filtered,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (number, account_id, kind, from_account_id, post_id, subject_id, group_key, is_filtered, now),
    )
    if not added:
        return None
    if is_filtered:
        if kind in HELD:
            await _hold(account_id, from_account_id, post_id, now)
        return number
    await events.record(events.NotificationCreated(notification_id=number, account_id=account_id))
    if facts.has_pushes:
        await push_subscriptions.wake(account_id, number, kind, facts)
    return number


async def _hold(account_id: int, from_account_id: int, post_id: int | None, now: int) -> None:
    """Let the account decide whether it wants to hear from the other."""
    await db.execute(
        "INSERT INTO notification_requests (id, account_id, from_account_id, last_post_id, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, from_account_id) DO UPDATE SET"
        " last_post_id = excluded.last_post_id, updated_at = excluded.updated_at",
        (new_id(), account_id, from_account_id, post_id, now, now),
    )


async def _forget_former(
    kind: str, account_id: int, from_account_id: int, post_id: int | None, subject_id: int | None
) -> None:
    await db.execute(
        "DELETE FROM notifications WHERE account_id = ? AND kind = ? AND from_account_id = ?"
        " AND COALESCE(post_id, 0) = ? AND COALESCE(subject_id, 0) = ?",
        (account_id, kind, from_account_id, post_id or 0, subject_id or 0),
    )


async def notify_staff(kind: str, from_account_id: int, *, subject_id: int | None = None) -> None:
    """Tell everybody who looks after this node."""
    rows = await db.fetch_all(
        "SELECT account_id FROM users WHERE role IN ('admin', 'moderator') AND disabled_at IS NULL LIMIT ?",
        (MAX_STAFF,),
    )
    for row in rows:
        await notify(kind, int(row[0]), from_account_id, subject_id=subject_id)


async def notify_subscribers(author_id: int, post_id: int) -> None:
    """Tell those followers of the author who asked to hear of every new post."""
    rows = await db.fetch_all(
        "SELECT f.account_id FROM follows f JOIN posts p ON p.id = ?"
        " WHERE f.target_id = ? AND f.notify = TRUE AND f.accepted = TRUE AND (p.visibility <> 'members'"
        " OR EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = f.account_id)) LIMIT ?",
        (post_id, author_id, MAX_TOLD),
    )
    for row in rows:
        await notify(STATUS, int(row[0]), author_id, post_id)


async def notify_of_edit(author_id: int, post_id: int) -> None:
    """Tell local people who shared or quoted a post that it is no longer what they shared or quoted."""
    rows = await db.fetch_all(
        "SELECT p.account_id FROM posts p WHERE p.shared_post_id = ? AND p.is_local = TRUE LIMIT ?",
        (post_id, MAX_TOLD),
    )
    for row in rows:
        await notify(UPDATE, int(row[0]), author_id, post_id)
    rows = await db.fetch_all(
        "SELECT account_id, post_id FROM quotes WHERE quoted_post_id = ? AND state = 'accepted' LIMIT ?",
        (post_id, MAX_TOLD),
    )
    for row in rows:
        await notify(QUOTED_UPDATE, int(row[0]), author_id, int(row[1]))


async def forget(kind: str, account_id: int, from_account_id: int, post_id: int | None = None) -> None:
    """Take a notification back because what it told is no longer so."""
    about = "post_id IS NULL" if post_id is None else "post_id = ?"
    await db.execute(
        f"DELETE FROM notifications WHERE account_id = ? AND kind = ? AND from_account_id = ? AND {about}",
        (account_id, kind, from_account_id, *(() if post_id is None else (post_id,))),
    )


async def forget_about(kind: str, post_id: int) -> None:
    """Take back what everybody was told of a post under this kind."""
    await db.execute("DELETE FROM notifications WHERE kind = ? AND post_id = ?", (kind, post_id))


async def forget_from(from_account_id: int) -> None:
    """Remove everything anybody was told about an account."""
    await db.execute("DELETE FROM notifications WHERE from_account_id = ?", (from_account_id,))


async def forget_between(one_id: int, other_id: int) -> None:
    """Remove everything either of two accounts was told about the other."""
    await db.execute(
        "DELETE FROM notifications WHERE (account_id = ? AND from_account_id = ?) OR (account_id = ? AND from_account_id = ?)",
        (one_id, other_id, other_id, one_id),
    )


async def dismiss(account: Account, notification_id: int) -> None:
    """Remove one of the account's notifications. Raises `NotFound` when it has no such one."""
    removed = await db.execute(
        "DELETE FROM notifications WHERE id = ? AND account_id = ?", (notification_id, account.id)
    )
    if not removed:
        raise NotFound()


async def dismiss_group(account: Account, group_key: str) -> None:
    """Remove the account's notifications of a group; nothing happens when there are none."""
    where = in_group(group_key, "notifications")
    await db.execute(f"DELETE FROM notifications WHERE account_id = ? AND {where.sql}", (account.id, *where.parameters))


async def clear(account: Account) -> None:
    """Remove all of the account's notifications."""
    await db.execute("DELETE FROM notifications WHERE account_id = ?", (account.id,))
