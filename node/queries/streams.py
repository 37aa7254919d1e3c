"""Who of those with an open stream sees a post: for all of them in one statement, by the rules of the timelines.

The conditions of the timelines are written for one reader. Here they are asked for `EACH`, and what stands for the
reader in them becomes a column of the statement.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

from node import db
from node.queries import timelines
from node.queries.conditions import Condition, visible_to
from node.queries.statuses import POST_JOINS, StatusRow, columns

EACH: Final = -0x48454C494F
"""The reader of whom it is asked: no account has this id."""


class FreshPost(NamedTuple):
    """What decides which streams a post belongs to. `is_answer`: to somebody else than its author."""

    id: int
    account_id: int
    visibility: str
    is_local: bool
    has_media: bool
    is_share: bool
    is_answer: bool
    created_at: int


async def fresh_post(post_id: int) -> FreshPost | None:
    """The post; `None` when it is gone already or its author is suspended."""
    row = await db.fetch_one(
        "SELECT p.id, p.account_id, p.visibility, p.is_local, p.has_media, p.shared_post_id,"
        " CASE WHEN (p.parent_id IS NULL AND p.parent_uri IS NULL) OR p.parent_account_id = p.account_id THEN 0 ELSE 1 END,"
        " p.created_at FROM posts p JOIN accounts a ON a.id = p.account_id WHERE p.id = ? AND a.suspended_at IS NULL",
        (post_id,),
    )
    if row is None:
        return None
    return FreshPost(row[0], row[1], row[2], bool(row[3]), bool(row[4]), row[5] is not None, bool(row[6]), row[7])


async def hashtags(post_id: int) -> list[str]:
    """The names of a post's hashtags, in lower case."""
    rows = await db.fetch_all(
        "SELECT t.name FROM post_hashtags ph JOIN hashtags t ON t.id = ph.hashtag_id WHERE ph.post_id = ?", (post_id,)
    )
    return [str(row[0]) for row in rows]


async def at_home(post_id: int, readers: Collection[int]) -> dict[int, StatusRow]:
    """Those of `readers` who have the post in their home timeline, and the post as each sees it."""
    where = Condition(f"h.post_id = ? AND h.account_id IN ({db.marks(len(readers))})", (post_id, *readers))
    wanted = where & each(timelines.welcome_at_home(EACH), "h.account_id")
    return await _seen_by("home_entries h JOIN posts p ON p.id = h.post_id", "h.account_id", wanted)


async def on_lists(post_id: int, list_ids: Collection[int]) -> tuple[set[int], dict[int, StatusRow]]:
    """Which of these lists have the post, and what the owners of those who want to see it see."""
    rows = await db.fetch_all(
        "SELECT e.list_id, l.account_id FROM list_entries e JOIN lists l ON l.id = e.list_id"
        f" WHERE e.post_id = ? AND e.list_id IN ({db.marks(len(list_ids))})",
        (post_id, *list_ids),
    )
    if not rows:
        return set(), {}
    owners = {int(row[1]) for row in rows}
    where = Condition(f"p.id = ? AND v.id IN ({db.marks(len(owners))})", (post_id, *owners))
    wanted = where & each(timelines.welcome_at_home(EACH), "v.id")
    seen = await _seen_by("accounts v JOIN posts p ON p.visibility <> 'direct'", "v.id", wanted)
    return {int(row[0]) for row in rows}, seen


async def lists_with_any(author_ids: Collection[int], list_ids: Collection[int]) -> list[tuple[int, int]]:
    """On which of these lists any of the authors is: (list, author)."""
    rows = await db.fetch_all(
        f"SELECT list_id, account_id FROM list_members WHERE account_id IN ({db.marks(len(author_ids))})"
        f" AND list_id IN ({db.marks(len(list_ids))})",
        (*author_ids, *list_ids),
    )
    return [(int(row[0]), int(row[1])) for row in rows]


async def owns_list(account_id: int, list_id: int) -> bool:
    """Whether the list is this account's."""
    row = await db.fetch_one("SELECT 1 FROM lists WHERE id = ? AND account_id = ?", (list_id, account_id))
    return row is not None


async def in_public(post_id: int, readers: Collection[int]) -> dict[int, StatusRow]:
    """Those of `readers` who would be shown the public post in a public or hashtag timeline."""
    where = Condition(f"p.id = ? AND v.id IN ({db.marks(len(readers))})", (post_id, *readers))
    wanted = where & each(timelines.welcome_in_public(EACH), "v.id")
    return await _seen_by("accounts v JOIN posts p ON p.visibility = 'public'", "v.id", wanted)


async def followers_among(author_ids: Collection[int], readers: Collection[int]) -> list[tuple[int, int]]:
    """Who of `readers` follows which of the authors: (reader, author)."""
    rows = await db.fetch_all(
        "SELECT account_id, target_id FROM follows WHERE accepted = TRUE"
        f" AND target_id IN ({db.marks(len(author_ids))}) AND account_id IN ({db.marks(len(readers))})",
        (*author_ids, *readers),
    )
    return [(int(row[0]), int(row[1])) for row in rows]


async def _seen_by(source: str, reader: str, where: Condition) -> dict[int, StatusRow]:
    shown, seen = each(columns(EACH, reader), reader), each(visible_to(EACH), reader)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM {source}{POST_JOINS} WHERE {where.sql} AND {seen.sql}",
        (*shown.parameters, *where.parameters, *seen.parameters),
    )
    found = [StatusRow._make(row) for row in rows]
    return {row.cursor: row for row in found}


def each(condition: Condition, reader: str) -> Condition:
    """The condition with the column `reader` in every place where it asks for `EACH`."""
    pieces = condition.sql.split("?")
    sql, kept = [pieces[0]], []
    for parameter, piece in zip(condition.parameters, pieces[1:], strict=True):
        if parameter == EACH:
            sql.append(reader)
        else:
            sql.append("?")
            kept.append(parameter)
        sql.append(piece)
    return Condition("".join(sql), tuple(kept))
