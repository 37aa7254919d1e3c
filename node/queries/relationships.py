"""How the viewer stands to other accounts, for many at once in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node import clock, db


class RelationshipRow(NamedTuple):
    """The viewer's (left) and the other's (right) deeds; `None` where there is no such row.

    `follows` and `followed` are whether the follow was accepted; moments in milliseconds.
    """

    id: int
    follows: bool | None
    show_shares: bool | None
    notify: bool | None
    followed: bool | None
    blocks: int | None
    blocked: int | None
    mutes: int | None
    hide_notifications: bool | None
    mute_expires_at: int | None
    languages: str | None
    domain_block: int | None
    endorsement: int | None
    note: str | None


async def with_accounts(
    viewer_id: int, account_ids: Sequence[int], *, with_suspended: bool = True
) -> list[RelationshipRow]:
    """The relationships to those of these accounts that exist, in the order asked for, without repeats."""
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return []
    rows = await db.fetch_all(
        "SELECT a.id, f.accepted, f.show_shares, f.notify, r.accepted, b.id, bb.id, m.id, m.hide_notifications,"
        " m.expires_at, f.languages, d.id, e.id, n.comment FROM accounts a"
        " LEFT JOIN follows f ON f.account_id = ? AND f.target_id = a.id"
        " LEFT JOIN follows r ON r.account_id = a.id AND r.target_id = ?"
        " LEFT JOIN blocks b ON b.account_id = ? AND b.target_id = a.id"
        " LEFT JOIN blocks bb ON bb.account_id = a.id AND bb.target_id = ?"
        " LEFT JOIN mutes m ON m.account_id = ? AND m.target_id = a.id AND (m.expires_at IS NULL OR m.expires_at > ?)"
        " LEFT JOIN account_domain_blocks d ON d.account_id = ? AND d.domain = a.domain"
        " LEFT JOIN endorsements e ON e.account_id = ? AND e.target_id = a.id"
        " LEFT JOIN account_notes n ON n.account_id = ? AND n.target_id = a.id"
        f" WHERE a.id IN ({db.marks(wanted)}){'' if with_suspended else ' AND a.suspended_at IS NULL'}",
        (*(viewer_id,) * 5, int(clock.timestamp() * 1000), *(viewer_id,) * 3, *wanted),
    )
    found = {row[0]: RelationshipRow._make(row) for row in rows}
    return [found[account_id] for account_id in wanted if account_id in found]


async def follows(account_id: int, target_id: int) -> bool:
    """Whether one account follows another, accepted."""
    row = await db.fetch_one(
        "SELECT 1 FROM follows WHERE account_id = ? AND target_id = ? AND accepted = TRUE", (account_id, target_id)
    )
    return row is not None


async def blocks(account_id: int, target_id: int) -> bool:
    """Whether one account blocks another."""
    row = await db.fetch_one("SELECT 1 FROM blocks WHERE account_id = ? AND target_id = ?", (account_id, target_id))
    return row is not None
