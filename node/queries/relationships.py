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


async def with_accounts(viewer_id: int, account_ids: Sequence[int]) -> list[RelationshipRow]:
    """The relationships to those of these accounts that exist, in the order asked for, without repeats."""
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return []
    rows = await db.fetch_all(
        "SELECT a.id, f.accepted, f.show_shares, f.notify, r.accepted, b.id, bb.id, m.id, m.hide_notifications,"
        " m.expires_at FROM accounts a"
        " LEFT JOIN follows f ON f.account_id = ? AND f.target_id = a.id"
        " LEFT JOIN follows r ON r.account_id = a.id AND r.target_id = ?"
        " LEFT JOIN blocks b ON b.account_id = ? AND b.target_id = a.id"
        " LEFT JOIN blocks bb ON bb.account_id = a.id AND bb.target_id = ?"
        " LEFT JOIN mutes m ON m.account_id = ? AND m.target_id = a.id AND (m.expires_at IS NULL OR m.expires_at > ?)"
        f" WHERE a.id IN ({db.marks(wanted)})",
        (*(viewer_id,) * 5, int(clock.timestamp() * 1000), *wanted),
    )
    found = {row[0]: RelationshipRow._make(row) for row in rows}
    return [found[account_id] for account_id in wanted if account_id in found]
