"""The posts somebody is seen in, and what waits for their consent."""

from __future__ import annotations

from typing import Final, NamedTuple

from node import db
from node.queries.conditions import Condition, not_domain_blocked, not_muted
from node.queries.statuses import Page, StatusRow, page_of

IS_SHOWN: Final = "t.state = 'shown' AND t.x BETWEEN 0 AND 1 AND t.y BETWEEN 0 AND 1"
"""Of somebody tagged in a picture, `t`: they let it be seen, and stand within what is shown of it."""


class WaitingRow(NamedTuple):
    """Somebody is to be tagged in a picture; the moment in milliseconds."""

    id: int
    post_id: int
    media_id: int
    x: float
    y: float
    created_at: int


async def posts_with(viewer_id: int | None, account_id: int, page: Page) -> list[StatusRow]:
    """The posts with pictures an account is shown in, as far as the viewer may see them; newest first."""
    where = Condition(
        f"p.id IN (SELECT t.post_id FROM people_in_pictures t WHERE t.account_id = ? AND {IS_SHOWN})",
        (account_id,),
    )
    where = where & not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")
    return await page_of(viewer_id, "posts p", where, page)


async def waiting(account_id: int, page: Page) -> list[WaitingRow]:
    """What waits for an account's consent, newest first."""
    bounds, values = page.condition("id")
    rows = await db.fetch_all(
        "SELECT id, post_id, media_id, x, y, created_at FROM people_in_pictures"
        f" WHERE account_id = ? AND state = 'waiting'{bounds}{page.order('id')}",
        (account_id, *values),
    )
    found = [WaitingRow._make(row) for row in rows]
    return found[::-1] if page.upwards else found
