"""Conversations: fed by direct posts, written here or received; read and removed by those who have them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from node import clock, db, events
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import FOR_STAFF, Post


async def feed(post: Post) -> None:
    """Put a new direct post, whose addressees are written, into the conversations of all it concerns here.

    Not of somebody who blocks its author or is blocked, or who muted it together with its notifications; of nobody
    while it waits for staff. Call it inside the transaction that makes the post, or lets it be seen.
    """
    if post.held_for == FOR_STAFF:
        return
    rows = await db.fetch_all("SELECT account_id FROM mentions WHERE post_id = ?", (post.id,))
    everybody = sorted({int(row[0]) for row in rows} | {post.account_id})
    for account_id in await _reached(post.account_id, everybody):
        others = [number for number in everybody if number != account_id]
        await _add(account_id, others, post)


async def forget_post(post: Post) -> None:
    """Take a direct post out of the conversations it is in, before its row goes; empty ones go with it."""
    rows = await db.fetch_all(
        "SELECT c.id, c.account_id, (SELECT MAX(x.post_id) FROM conversation_posts x"
        " WHERE x.conversation_id = c.id AND x.post_id <> ?) FROM conversation_posts cp"
        " JOIN conversations c ON c.id = cp.conversation_id WHERE cp.post_id = ?",
        (post.id, post.id),
    )
    for row in rows:
        if row[2] is None:
            await db.execute("DELETE FROM conversations WHERE id = ?", (row[0],))
        else:
            await db.execute("UPDATE conversations SET last_post_id = ? WHERE id = ?", (row[2], row[0]))
            await events.record(events.ConversationChanged(account_id=row[1], conversation_id=row[0]))


async def mark(account: Account, conversation_id: int, *, unread: bool) -> None:
    """Note that one of the account's conversations was read, or is to count as unread. Raises `NotFound`."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE conversations SET unread = ? WHERE id = ? AND account_id = ?", (unread, conversation_id, account.id)
        )
        if not changed:
            raise NotFound
        await events.record(events.ConversationChanged(account_id=account.id, conversation_id=conversation_id))


async def remove(account: Account, conversation_id: int) -> None:
    """Remove one of the account's conversations; its posts stay, and a new one begins it again. Raises `NotFound`."""
    removed = await db.execute(
        "DELETE FROM conversations WHERE id = ? AND account_id = ?", (conversation_id, account.id)
    )
    if not removed:
        raise NotFound


async def _reached(author_id: int, everybody: Sequence[int]) -> list[int]:
    """Those of them who live here and hear what this author says."""
    rows = await db.fetch_all(
        f"SELECT a.id FROM accounts a WHERE a.id IN ({db.marks(everybody)}) AND a.domain = '' AND (a.id = ? OR"
        " (NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND b.target_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ? AND b.target_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.account_id = a.id AND m.target_id = ?"
        " AND m.hide_notifications = TRUE AND (m.expires_at IS NULL OR m.expires_at > ?)))) ORDER BY a.id",
        (*everybody, author_id, author_id, author_id, author_id, to_milliseconds(clock.now())),
    )
    return [int(row[0]) for row in rows]


async def _add(account_id: int, others: Sequence[int], post: Post) -> None:
    participants = ",".join(str(number) for number in others)
    row = await db.fetch_one(
        "INSERT INTO conversations (id, account_id, thread_id, participants, participants_key, last_post_id, unread)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, thread_id, participants_key) DO UPDATE SET"
        " last_post_id = CASE WHEN conversations.last_post_id > excluded.last_post_id"
        " THEN conversations.last_post_id ELSE excluded.last_post_id END, unread = excluded.unread RETURNING id",
        (
            *(new_id(), account_id, post.conversation_id, participants),
            *(hashlib.sha256(participants.encode()).hexdigest(), post.id, post.account_id != account_id),
        ),
    )
    assert row is not None
    await db.execute(
        "INSERT INTO conversation_posts (id, conversation_id, post_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        (new_id(), row[0], post.id),
    )
    await events.record(events.ConversationChanged(account_id=account_id, conversation_id=int(row[0])))
