"""Reports that are to be passed on: in the node's own name, so that nobody elsewhere learns who complained."""

from __future__ import annotations

from activitypub.parse import origin_host
from activitypub.render import render_flag
from federation.outbound import audience
from federation.outbound.send import send
from node import db, urls
from node.events import ReportFiled
from node.models.accounts import Account
from node.models.reports import Report
from node.services import reports


async def report_filed(event: ReportFiled) -> None:
    """Flag, to the server of whoever is reported, and to those of people whom the reported posts answer, as the reporter
    wanted."""
    report = await Report.get_or_none(id=event.report_id).select_related("target")
    if report is None or not report.forward or report.forwarded_at is not None:
        return
    node = await Account.get(uri=urls.instance_actor())
    posts = await _posts(report)
    document = render_flag(
        urls.activity(node.uri, "flags", report.id),
        actor=node.uri,
        reported=report.target.uri,
        posts=[uri for uri, _ in posts],
        comment=report.comment,
    )
    inboxes = await _inboxes(report, [answered for _, answered in posts if answered is not None])
    if inboxes:
        await send(node.id, document, inboxes)
        await reports.mark_forwarded(report)


async def _posts(report: Report) -> list[tuple[str, int | None]]:
    """The reported posts: id, and whom they answer."""
    if not report.post_ids:
        return []
    rows = await db.fetch_all(
        f"SELECT uri, parent_account_id FROM posts WHERE id IN ({db.marks(report.post_ids)}) ORDER BY id",
        tuple(report.post_ids),
    )
    return [(row[0], row[1]) for row in rows]


async def _inboxes(report: Report, answered: list[int]) -> set[str]:
    """One inbox on each server."""
    wanted = report.forward_to or [report.target.domain]
    people = await Account.filter(id__in=answered, domain__in=wanted) if answered else []
    addressed = {account.id for account in people}
    if report.target.domain in wanted:
        addressed.add(report.target_id)
    by_host = {origin_host(inbox): inbox for inbox in sorted(await audience.accounts(addressed))}
    return set(by_host.values())
