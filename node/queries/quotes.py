"""What posts quote, and who quotes a post: one statement for a page each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node import clock, db
from node.models.quotes import ACCEPTED
from node.queries.conditions import Condition, not_domain_blocked, not_muted, shown_to
from node.queries.statuses import OPTIONAL_POST_JOINS, Page, StatusRow, columns, page_of


class QuoteRow(NamedTuple):
    """What a post quotes. `quoted` is empty once that is gone.

    `is_shown` is whether the viewer may see it; the rest whether they block its author's domain, block or mute its
    author.
    """

    post_id: int
    state: str
    is_shown: bool
    is_domain_blocked: bool
    is_blocked: bool
    is_muted: bool
    quoted: StatusRow | None


async def of_posts(viewer_id: int | None, post_ids: Sequence[int]) -> list[QuoteRow]:
    """The quotes in these posts."""
    shown, seen, flags = columns(viewer_id), shown_to(viewer_id), _flags(viewer_id)
    rows = await db.fetch_all(
        f"SELECT q.post_id, q.state, CASE WHEN {seen.sql} THEN 1 ELSE 0 END, {flags.sql}, {shown.sql} FROM quotes q"
        f" LEFT JOIN posts p ON p.id = q.quoted_post_id{OPTIONAL_POST_JOINS} WHERE q.post_id IN ({db.marks(post_ids)})",
        (*seen.parameters, *flags.parameters, *shown.parameters, *post_ids),
    )
    return [_row(tuple(row)) for row in rows]


def _flags(viewer_id: int | None) -> Condition:
    if viewer_id is None:
        return Condition("0, 0, 0")
    return Condition(
        "EXISTS (SELECT 1 FROM account_domain_blocks qd WHERE qd.account_id = ? AND qd.domain = a.domain),"
        " EXISTS (SELECT 1 FROM blocks qb WHERE qb.account_id = ? AND qb.target_id = p.account_id),"
        " EXISTS (SELECT 1 FROM mutes qm WHERE qm.account_id = ? AND qm.target_id = p.account_id"
        " AND (qm.expires_at IS NULL OR qm.expires_at > ?))",
        (viewer_id, viewer_id, viewer_id, int(clock.timestamp() * 1000)),
    )


def _row(row: tuple[object, ...]) -> QuoteRow:
    quoted = StatusRow._make(row[6:]) if row[7] is not None else None
    return QuoteRow(row[0], row[1], bool(row[2]), bool(row[3]), bool(row[4]), bool(row[5]), quoted)  # type: ignore[arg-type]


async def quoting(viewer_id: int | None, post_id: int, page: Page, *, is_own: bool) -> list[StatusRow]:
    """The posts that quote this one, newest quote first; the cursor is the quote's.

    Who reads a list of somebody else's post is not shown those they mute, nor domains they block.
    """
    where = Condition("q.quoted_post_id = ? AND q.state = ?", (post_id, ACCEPTED))
    if not is_own:
        where = where & not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")
    return await page_of(viewer_id, "quotes q JOIN posts p ON p.id = q.post_id", where, page, "q.id")


async def related(viewer_id: int, account_ids: Sequence[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Of these accounts, those the viewer follows and those who follow the viewer."""
    marks = db.marks(account_ids)
    rows = await db.fetch_all(
        f"SELECT 1, target_id FROM follows WHERE account_id = ? AND accepted = TRUE AND target_id IN ({marks})"
        f" UNION ALL SELECT 0, account_id FROM follows WHERE target_id = ? AND accepted = TRUE AND account_id IN ({marks})",
        (viewer_id, *account_ids, viewer_id, *account_ids),
    )
    return frozenset(row[1] for row in rows if row[0]), frozenset(row[1] for row in rows if not row[0])
