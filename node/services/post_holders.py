"""Which servers may hold a copy of a post of ours: those that fetched it, and those it reached in other ways.

Followers are the audience's own matter (`federation.outbound.audience`); here is who else must hear of edits and of
the end: people who were addressed or did something with the post, servers that fetched it because somebody elsewhere
shared or answered it, and those of former followers.
"""

from __future__ import annotations

from node import clock, db
from node.cache import BoundedCache
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds

MAX_INBOXES = 500
NOTED_SECONDS = 3600.0

_INBOX = "COALESCE(a.shared_inbox_url, a.inbox_url)"
_REACHABLE = "a.domain <> '' AND a.suspended_at IS NULL AND a.inbox_url <> ''"
_noted: BoundedCache[tuple[int, str], bool] = BoundedCache(10_000, NOTED_SECONDS)


async def note_fetch(post_id: int, by: Account) -> bool:
    """A server fetches the post, as the signer of its request shows: it will be told what becomes of it.

    Returns `False`, and costs nothing, when it was noted within the hour. After `True` read the post anew: whoever
    edits it from now on finds the note.
    """
    inbox = by.shared_inbox_url or by.inbox_url
    if by.is_local or not inbox or _noted.get((post_id, inbox)) is not None:
        return False
    _noted.put((post_id, inbox), True)
    await db.execute(
        "INSERT INTO post_fetches (id, post_id, inbox_url, created_at)"
        " SELECT CAST(? AS BIGINT), p.id, CAST(? AS VARCHAR(2048)), CAST(? AS BIGINT) FROM posts p WHERE p.id = ?"
        " ON CONFLICT DO NOTHING",
        (new_id(), inbox, to_milliseconds(clock.now()), post_id),
    )
    return True


async def note_former_follower(account_id: int, follower_id: int) -> None:
    """Somebody elsewhere stopped following the local `account_id`, in the caller's transaction: their server has what
    was posted until now."""
    await db.execute(
        "INSERT INTO former_audiences (id, account_id, inbox_url, ended_at)"
        f" SELECT CAST(? AS BIGINT), t.id, {_INBOX}, CAST(? AS BIGINT) FROM accounts a JOIN accounts t ON t.id = ? AND t.domain = ''"
        f" WHERE a.id = ? AND {_REACHABLE}"
        " ON CONFLICT (account_id, inbox_url) DO UPDATE SET ended_at = excluded.ended_at",
        (new_id(), to_milliseconds(clock.now()), account_id, follower_id),
    )


async def inboxes(post_id: int, *, personally: bool = False) -> list[str]:
    """The inboxes of servers that may hold the post, at most 500, those first that have to do with it the most; with
    `personally` those of the people themselves."""
    inbox = "a.inbox_url" if personally else _INBOX
    rows = await db.fetch_all(
        "SELECT inbox FROM ("
        f"SELECT {inbox} AS inbox, 1 AS rank FROM accounts a WHERE {_REACHABLE} AND a.id IN ("
        "SELECT m.account_id FROM mentions m WHERE m.post_id = ?"
        " UNION SELECT s.account_id FROM posts s WHERE s.shared_post_id = ?"
        " UNION SELECT c.account_id FROM posts c WHERE c.parent_id = ?"
        " UNION SELECT l.account_id FROM likes l WHERE l.post_id = ?"
        " UNION SELECT o.account_id FROM posts p JOIN posts o ON o.id IN (p.parent_id, p.shared_post_id) WHERE p.id = ?)"
        " UNION ALL SELECT f.inbox_url, 2 FROM post_fetches f WHERE f.post_id = ?"
        " UNION ALL SELECT e.inbox_url, 3 FROM former_audiences e JOIN posts p ON p.account_id = e.account_id"
        " WHERE p.id = ? AND p.visibility NOT IN ('members', 'direct') AND e.ended_at >= p.created_at"
        ") holders GROUP BY inbox ORDER BY MIN(rank), inbox LIMIT ?",
        (*[post_id] * 7, MAX_INBOXES),
    )
    return [str(row[0]) for row in rows]


def forget_everything() -> None:
    """Empty the memory of this process."""
    _noted.clear()
