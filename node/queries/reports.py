"""Pages of reports, for moderators."""

from __future__ import annotations

from dataclasses import dataclass

from node import db
from node.queries.conditions import EVERYTHING, Condition
from node.queries.statuses import Page


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports: closed or open ones (`None`: both), by whom, of whom, of whom on which server (`domain`)."""

    resolved: bool | None = False
    account_id: int | None = None
    target_id: int | None = None
    domain: str | None = None


async def page_of_reports(wanted: ReportFilter, page: Page) -> list[int]:
    """The ids of a page of reports, newest first."""
    where = EVERYTHING
    if wanted.resolved is not None:
        where = Condition(f"r.action_taken_at IS {'NOT NULL' if wanted.resolved else 'NULL'}")
    for column, value in (("r.account_id", wanted.account_id), ("r.target_id", wanted.target_id)):
        where = where & (Condition(f"{column} = ?", (value,)) if value is not None else EVERYTHING)
    if wanted.domain is not None:
        where = where & Condition("(SELECT a.domain FROM accounts a WHERE a.id = r.target_id) = ?", (wanted.domain,))
    bounds, values = page.condition("r.id")
    rows = await db.fetch_all(
        f"SELECT r.id FROM reports r WHERE {where.sql}{bounds}{page.order('r.id')}", (*where.parameters, *values)
    )
    found = [int(row[0]) for row in rows]
    return found[::-1] if page.upwards else found
