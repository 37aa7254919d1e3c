"""Notifications: what a person here is told about."""

from __future__ import annotations

from node import clock, db, events
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds

MENTION, STATUS, REBLOG, FOLLOW = "mention", "status", "reblog", "follow"
QUOTE, QUOTED_UPDATE = "quote", "quoted_update"
FOLLOW_REQUEST, FAVOURITE, UPDATE, SIGN_UP = "follow_request", "favourite", "update", "admin.sign_up"
POLL = "poll"
"""A poll has ended: the only news one has of oneself."""

MAX_TOLD = 1_000
"""How many people one new post or edit notifies at most."""


async def notify(kind: str, account_id: int, from_account_id: int, post_id: int | None = None) -> int | None:
    """Tell a local account about something, once. Call it inside the transaction that makes it true.

    Returns the notification's id, or `None` when there is nothing to tell: the account is remote or suspended, did it
    itself, knows it already, blocks (the other or their domain) or is blocked, muted the other with
    `hide_notifications`, or muted the thread.
    """
    if account_id == from_account_id and kind != POLL:
        return None
    now = to_milliseconds(clock.now())
    row = await db.fetch_one(
        "INSERT INTO notifications (id, account_id, kind, from_account_id, post_id, created_at)"
        " SELECT CAST(? AS BIGINT), a.id, CAST(? AS VARCHAR(30)), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS BIGINT)"
        " FROM accounts a WHERE a.id = ? AND a.domain = '' AND a.suspended_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND b.target_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ? AND b.target_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.account_id = a.id AND m.target_id = ?"
        " AND m.hide_notifications = TRUE AND (m.expires_at IS NULL OR m.expires_at > ?))"
        " AND NOT EXISTS (SELECT 1 FROM account_domain_blocks d JOIN accounts fa ON fa.domain = d.domain"
        " WHERE d.account_id = a.id AND fa.id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM thread_mutes tm JOIN posts told ON told.conversation_id = tm.conversation_id"
        " WHERE tm.account_id = a.id AND told.id = CAST(? AS BIGINT))"
        # The unique index holds two NULLs to be different.
        " AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.account_id = a.id AND n.kind = ?"
        " AND n.from_account_id = ? AND n.post_id IS NULL AND CAST(? AS BIGINT) IS NULL)"
        " ON CONFLICT DO NOTHING RETURNING id",
        (
            *(new_id(), kind, from_account_id, post_id, now),
            *(account_id, from_account_id, from_account_id, from_account_id, now, from_account_id),
            *(post_id, kind, from_account_id, post_id),
        ),
    )
    if row is None:
        return None
    await events.record(events.NotificationCreated(notification_id=int(row[0]), account_id=account_id))
    return int(row[0])


async def notify_subscribers(author_id: int, post_id: int) -> None:
    """Tell those followers of the author who asked to hear of every new post."""
    rows = await db.fetch_all(
        "SELECT account_id FROM follows WHERE target_id = ? AND notify = TRUE AND accepted = TRUE LIMIT ?",
        (author_id, MAX_TOLD),
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


async def clear(account: Account) -> None:
    """Remove all of the account's notifications."""
    await db.execute("DELETE FROM notifications WHERE account_id = ?", (account.id,))
