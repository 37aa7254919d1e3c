"""Reports: filed by people here (from elsewhere: `received_reports`), worked off by the moderators.

Who may moderate is for the caller to know; moderators are given as accounts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node import clock, db, events
from node.errors import Invalid, NotFound
from node.models.account_collections import AccountCollection
from node.models.accounts import Account
from node.models.reports import CATEGORIES, OTHER, VIOLATION, Report, ReportNote
from node.queries import statuses
from node.services import domains, notifications, rules
from node.text import clean

MAX_COMMENT: Final = 1_000
MAX_NOTE: Final = 2_000
MAX_POSTS: Final = 200
MAX_RULES: Final = 100
MAX_COLLECTIONS: Final = 100
MAX_NOTES: Final = 500
MAX_OPEN: Final = 100
MAX_FORWARDED: Final = 20


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody reports of an account. Without a `category` it is a violation when it names rules, else "other".

    `forward`: the account's server is to hear of it, or, if any are named in `forward_to`, those of these domains that
    are its own or of people whom the reported posts answer.
    """

    target_id: int
    post_ids: tuple[int, ...] = ()
    rule_ids: tuple[int, ...] = ()
    collection_ids: tuple[int, ...] = ()
    comment: str = ""
    category: str | None = None
    forward: bool = False
    forward_to: tuple[str, ...] = ()


async def file(reporter: Account, complaint: Complaint) -> Report:
    """Report an account to the moderators. Records `ReportFiled`; they are told unless a report of it is open already.

    Raises `NotFound` when the account is not here, a post is not its own or hidden from the reporter, or a collection
    is not its own; `Invalid` (comment, category, rule_ids, status_ids, collection_ids).
    """
    target = await Account.get_or_none(id=complaint.target_id)
    if target is None:
        raise NotFound()
    comment, category = _checked_words(complaint)
    post_ids = await _reported_posts(reporter, target, complaint.post_ids)
    collection_ids = await _reported_collections(target, complaint.collection_ids)
    await _check_rules(category, complaint.rule_ids)
    async with db.transaction():
        is_first = not await Report.exists(target_id=target.id, action_taken_at=None)
        report = await Report.create(
            account_id=reporter.id,
            target_id=target.id,
            post_ids=post_ids,
            rule_ids=list(dict.fromkeys(complaint.rule_ids)),
            collection_ids=collection_ids,
            comment=comment,
            category=category,
            forward=complaint.forward and not target.is_local,
            forward_to=_known_domains(complaint.forward_to),
        )
        if is_first:
            await notifications.notify_staff(notifications.REPORT, reporter.id, subject_id=report.id)
        await events.record(events.ReportFiled(report_id=report.id))
    return report


async def mark_forwarded(report: Report) -> None:
    """Note that the report has been passed on to other servers."""
    await Report.filter(id=report.id).update(forwarded_at=clock.now())


async def is_filed(reporter: Account, complaint: Complaint) -> bool:
    """Whether the reporter has an open report of the same account and posts already; the newest ones are looked at."""
    filed = (
        await Report.filter(account_id=reporter.id, target_id=complaint.target_id, action_taken_at=None)
        .order_by("-id")
        .limit(MAX_OPEN)
    )
    return any(sorted(report.post_ids) == sorted(complaint.post_ids) for report in filed)


async def one(report_id: int) -> Report:
    """A report. Raises `NotFound`."""
    report = await Report.get_or_none(id=report_id)
    if report is None:
        raise NotFound()
    return report


async def classify(report_id: int, *, category: str | None = None, rule_ids: Sequence[int] | None = None) -> Report:
    """Put a report under another category, or name other rules; `None` leaves as it is.

    Raises `NotFound`, `Invalid` (category, rule_ids).
    """
    async with db.transaction():
        report = await one(report_id)
        if category is not None and category not in CATEGORIES:
            raise Invalid("category", "is not included in the list", code="ERR_INCLUSION")
        report.category = category or report.category
        if rule_ids is not None:
            report.rule_ids = list(dict.fromkeys(rule_ids))
        await _check_rules(report.category, report.rule_ids)
        await _save(report)
    return report


async def assign(report_id: int, moderator: Account | None) -> Report:
    """Say who takes care of a report; `None`: nobody in particular. Raises `NotFound`."""
    report = await one(report_id)
    report.assigned_id = moderator.id if moderator is not None else None
    await _save(report)
    return report


async def resolve(report_id: int, moderator: Account) -> Report:
    """Close a report; one that is closed stays as it is. Raises `NotFound`."""
    report = await one(report_id)
    if report.action_taken_at is None:
        report.action_taken_at, report.action_taken_by_id = clock.now(), moderator.id
        await _save(report)
    return report


async def resolve_all_of(target_id: int, moderator: Account) -> None:
    """Close every open report of an account, since something has been done about it."""
    now = clock.now()
    await Report.filter(target_id=target_id, action_taken_at=None).update(
        action_taken_at=now, action_taken_by_id=moderator.id, updated_at=now
    )


async def reopen(report_id: int) -> Report:
    """Open a closed report again. Raises `NotFound`."""
    report = await one(report_id)
    report.action_taken_at = report.action_taken_by_id = None
    await _save(report)
    return report


async def note(report_id: int, moderator: Account, content: str) -> ReportNote:
    """Note something on a report for the other moderators. Raises `NotFound`, `Invalid` (content)."""
    written = clean(content)
    if not written:
        raise Invalid("content", "can't be blank", code="ERR_BLANK")
    if len(written) > MAX_NOTE:
        raise Invalid("content", f"is too long (maximum is {MAX_NOTE} characters)", code="ERR_TOO_LONG")
    report = await one(report_id)
    return await ReportNote.create(report_id=report.id, account_id=moderator.id, content=written)


async def notes(report_id: int) -> list[ReportNote]:
    """What is noted on a report, oldest first."""
    return await ReportNote.filter(report_id=report_id).order_by("id").limit(MAX_NOTES)


async def remove_note(report_id: int, note_id: int) -> None:
    """Take a note away. Raises `NotFound`."""
    if not await ReportNote.filter(id=note_id, report_id=report_id).delete():
        raise NotFound()


async def _save(report: Report) -> None:
    report.updated_at = clock.now()
    await report.save()


def _known_domains(written: Sequence[str]) -> list[str]:
    """Domains as they stand in accounts; what is none is passed over."""
    found = []
    for name in written[:MAX_FORWARDED]:
        with contextlib.suppress(Invalid):
            found.append(domains.normalise(name))
    return list(dict.fromkeys(found))


def _checked_words(complaint: Complaint) -> tuple[str, str]:
    comment = clean(complaint.comment)
    if len(comment) > MAX_COMMENT:
        raise Invalid("comment", f"is too long (maximum is {MAX_COMMENT} characters)", code="ERR_TOO_LONG")
    category = VIOLATION if complaint.rule_ids else complaint.category or OTHER
    if category not in CATEGORIES:
        raise Invalid("category", "is not included in the list", code="ERR_INCLUSION")
    return comment, category


async def _reported_posts(reporter: Account, target: Account, post_ids: Sequence[int]) -> list[int]:
    wanted = list(dict.fromkeys(post_ids))
    if len(wanted) > MAX_POSTS:
        raise Invalid("status_ids", f"is too long (maximum is {MAX_POSTS} statuses)", code="ERR_TOO_MANY")
    seen = [row.id for row in await statuses.by_ids(reporter.id, wanted) if row.account_id == target.id]
    if len(seen) != len(wanted):
        raise NotFound()
    return seen


async def _reported_collections(target: Account, collection_ids: Sequence[int]) -> list[int]:
    wanted = list(dict.fromkeys(collection_ids))
    if len(wanted) > MAX_COLLECTIONS:
        raise Invalid("collection_ids", f"is too long (maximum is {MAX_COLLECTIONS} collections)", code="ERR_TOO_MANY")
    if wanted and await AccountCollection.filter(id__in=wanted, account_id=target.id).count() != len(wanted):
        raise NotFound()
    return wanted


async def _check_rules(category: str, rule_ids: Sequence[int]) -> None:
    if category != VIOLATION:
        return
    wanted = set(rule_ids)
    if not wanted or len(wanted) > MAX_RULES or len(await rules.by_ids(list(wanted))) != len(wanted):
        raise Invalid("rule_ids", "does not reference valid rules")
