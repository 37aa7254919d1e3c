"""The weekly numbers of the node, written down while the weeks last."""

from __future__ import annotations

from node import clock, db
from node.ids import first_id_at
from node.models.fields import from_milliseconds, to_milliseconds
from node.queries.instance import WEEK_MILLISECONDS, WEEKS, week_of


async def count() -> None:
    """Count the present week and the one before anew, and older ones that were never counted; periodic."""
    present = week_of(to_milliseconds(clock.now()))
    rows = await db.fetch_all("SELECT began_at FROM weeks WHERE began_at > ?", (present - WEEKS * WEEK_MILLISECONDS,))
    counted = {int(row[0]) for row in rows}
    for number in range(WEEKS):
        start = present - number * WEEK_MILLISECONDS
        if number < 2 or start not in counted:
            await _count(start)


async def _count(start: int) -> None:
    """Who was active last counts in the week they were: a number that was larger once stays."""
    end = start + WEEK_MILLISECONDS
    row = await db.fetch_one(
        "SELECT (SELECT COUNT(*) FROM posts WHERE is_local = TRUE AND shared_post_id IS NULL AND id >= ? AND id < ?"
        " AND visibility IN ('public', 'unlisted', 'followers', 'members', 'direct')),"
        " (SELECT COUNT(*) FROM users WHERE last_active_at >= ? AND last_active_at < ?),"
        " (SELECT COUNT(*) FROM users WHERE created_at >= ? AND created_at < ?)",
        (first_id_at(from_milliseconds(start)), first_id_at(from_milliseconds(end)), start, end, start, end),
    )
    assert row is not None
    await db.execute(
        "INSERT INTO weeks (began_at, posts, active, sign_ups) VALUES (?, ?, ?, ?) ON CONFLICT (began_at) DO UPDATE"
        " SET posts = excluded.posts, sign_ups = excluded.sign_ups,"
        " active = CASE WHEN weeks.active > excluded.active THEN weeks.active ELSE excluded.active END",
        (start, *(int(value) for value in row)),
    )
