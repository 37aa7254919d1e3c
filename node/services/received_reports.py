"""Reports that other servers pass on to us: of people here, or of somebody elsewhere who answered people here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import db, events
from node.errors import Forbidden
from node.models.accounts import Account
from node.models.reports import OTHER, Report
from node.rate_limits import Limit
from node.services import domains, notifications, reports
from node.services.throttling import has_spent
from node.text import clean

MAX_COMMENT: Final = 5_000
PER_SERVER: Final = Limit("received_reports_per_server", 100, 3600)


async def check_welcome(reporter: Account) -> None:
    """Raises `Forbidden` when no reports are taken from the server of `reporter`, or no more within the hour."""
    if await domains.rejects_reports(reporter.domain):
        raise Forbidden("no reports are taken from there", domain=reporter.domain)
    if await has_spent(PER_SERVER, reporter.domain):
        raise Forbidden("too many reports from there", domain=reporter.domain)


async def receive(reporter: Account, target: Account, post_ids: Sequence[int], comment: str) -> Report | None:
    """Put a report from elsewhere before the moderators; returns `None` when the same one is open already.

    Of `post_ids` only posts of `target` count that the reporter's server has got. Somebody elsewhere is reported to us
    only for what they answered to people here. Records `ReportFiled`. Raises `Forbidden` when it is not for us.
    """
    concerned = await _delivered(reporter.domain, target.id, post_ids)
    if not target.is_local and not await _answer_people_here(concerned):
        raise Forbidden("the account is not ours to judge", uri=target.uri)
    words = clean(comment)[:MAX_COMMENT]
    same = reports.Complaint(target.id, tuple(concerned), comment=words)
    async with db.transaction():
        if await reports.is_filed(reporter, same):
            return None
        is_first = not await Report.exists(target_id=target.id, action_taken_at=None)
        report = await Report.create(
            account_id=reporter.id, target_id=target.id, post_ids=concerned, comment=words, category=OTHER
        )
        if is_first:
            await notifications.notify_staff(notifications.REPORT, reporter.id, subject_id=report.id)
        await events.record(events.ReportFiled(report_id=report.id))
    return report


async def _delivered(domain: str, target_id: int, post_ids: Sequence[int]) -> list[int]:
    """The target's posts that have been sent to the reporter's server: it cannot know of others."""
    wanted = list(dict.fromkeys(post_ids))[: reports.MAX_POSTS]
    if not wanted:
        return []
    rows = await db.fetch_all(
        f"SELECT p.id FROM posts p WHERE p.id IN ({db.marks(wanted)}) AND p.account_id = ?"
        " AND p.shared_post_id IS NULL AND (p.visibility IN ('public', 'unlisted')"
        " OR (p.visibility = 'followers' AND EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id"
        " WHERE f.target_id = p.account_id AND f.accepted = TRUE AND a.domain = ?))"
        " OR EXISTS (SELECT 1 FROM mentions m JOIN accounts a ON a.id = m.account_id"
        " WHERE m.post_id = p.id AND a.domain = ?)) ORDER BY p.id",
        (*wanted, target_id, domain, domain),
    )
    return [int(row[0]) for row in rows]


async def _answer_people_here(post_ids: Sequence[int]) -> bool:
    if not post_ids:
        return False
    row = await db.fetch_one(
        "SELECT 1 FROM posts p JOIN accounts a ON a.id = p.parent_account_id"
        f" WHERE p.id IN ({db.marks(post_ids)}) AND a.domain = '' LIMIT 1",
        tuple(post_ids),
    )
    return row is not None
