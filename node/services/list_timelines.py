"""The timelines of lists: written when a post is, like home timelines (`node/services/timelines.py`).

Reading a page is a walk along an index however many members a list has and however seldom they post.
"""

from __future__ import annotations

from node import clock, db
from node.models.fields import to_milliseconds
from node.services.feed_rules import LISTED

_INSERT = "INSERT INTO list_entries (list_id, post_id) "
_OWN = "list_id IN (SELECT id FROM lists WHERE account_id = ?)"


async def fan_out(post_id: int, *, is_short: bool) -> None:
    """Put a new post into the lists it belongs in: one statement."""
    await db.execute_later(
        f"{_INSERT} SELECT l.id, p.id {LISTED} AND p.id = ? ON CONFLICT DO NOTHING",
        (_now(), post_id),
        is_short=is_short,
    )


async def fill_list(list_id: int, limit: int) -> None:
    """Put the newest posts of a list's members into it."""
    await _fill("l.id = ?", (list_id,), limit)


async def fill_from(owner_id: int, account_id: int, limit: int) -> None:
    """Put the newest posts of an account into those lists of the owner it is on."""
    await _fill("lm.owner_id = ? AND p.account_id = ?", (owner_id, account_id), limit)


async def _fill(where: str, values: tuple[int, ...], limit: int) -> None:
    await db.execute_later(
        f"{_INSERT} SELECT list_id, id FROM (SELECT l.id AS list_id, p.id AS id {LISTED}"
        f" AND {where} ORDER BY p.id DESC LIMIT ?) newest WHERE TRUE ON CONFLICT DO NOTHING",
        (_now(), *values, limit),
    )


async def empty(list_id: int) -> None:
    """Take everything out of a list's timeline."""
    await db.execute("DELETE FROM list_entries WHERE list_id = ?", (list_id,))


async def forget(owner_id: int, account_id: int, *, shares_too: bool = False) -> None:
    """Take the posts of `account_id` out of every list of the owner; with `shares_too` also others' shares of them."""
    await _forget(_OWN, owner_id, account_id, shares_too)


async def forget_member(list_id: int, account_id: int) -> None:
    """Take the posts of `account_id` out of one list."""
    await _forget("list_id = ?", list_id, account_id, shares_too=False)


async def _forget(where: str, value: int, account_id: int, shares_too: bool) -> None:
    shared = " OR o.account_id = ?" if shares_too else ""
    await db.execute_later(
        f"DELETE FROM list_entries WHERE {where} AND EXISTS (SELECT 1 FROM posts p"
        " LEFT JOIN posts o ON o.id = p.shared_post_id"
        f" WHERE p.id = list_entries.post_id AND (p.account_id = ?{shared}))",
        (value, account_id, account_id) if shares_too else (value, account_id),
    )


async def trim_all(limit: int, slack: int) -> int:
    """Keep the newest `limit` entries of every list that has `slack` more; returns how many had."""
    rows = await db.fetch_all("SELECT list_id FROM list_entries GROUP BY list_id HAVING COUNT(*) > ?", (limit + slack,))
    for row in rows:
        await db.execute(
            "DELETE FROM list_entries WHERE list_id = ? AND post_id <= ("
            "SELECT post_id FROM list_entries WHERE list_id = ? ORDER BY post_id DESC LIMIT 1 OFFSET ?)",
            (row[0], row[0], limit),
        )
    return len(rows)


async def rebuild(owner_id: int, limit: int) -> None:
    """Write all lists of an owner anew."""
    await drop(owner_id)
    for row in await db.fetch_all("SELECT id FROM lists WHERE account_id = ?", (owner_id,)):
        await fill_list(int(row[0]), limit)


async def drop(owner_id: int) -> None:
    """Empty all lists of an owner."""
    await db.execute(f"DELETE FROM list_entries WHERE {_OWN}", (owner_id,))


def _now() -> int:
    return to_milliseconds(clock.now())
