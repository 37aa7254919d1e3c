"""Mastodon's Report, as the one who filed it sees it."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import msgspec

from api.entities import account
from api.entities.account import Account
from api.entities.encoding import encode, iso
from api.entities.notification_subjects import Subject, show
from node.models.fields import to_milliseconds
from node.models.reports import Report as ReportRow
from node.queries import accounts


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says, without whom it is about."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    status_ids: list[str]
    rule_ids: list[str] | None
    collection_ids: list[str]


class Report(Facts, frozen=True, kw_only=True):
    """A complaint to the moderators about an account."""

    target_account: Account


def facts(row: ReportRow) -> Facts:
    """The part that is in the report's own row."""
    return Facts(
        id=str(row.id),
        action_taken=row.action_taken_at is not None,
        action_taken_at=iso(to_milliseconds(row.action_taken_at)) if row.action_taken_at is not None else None,
        category=row.category,
        comment=row.comment,
        forwarded=row.forwarded_at is not None,
        created_at=iso(to_milliseconds(row.created_at)),
        status_ids=[str(number) for number in row.post_ids],
        rule_ids=[str(number) for number in row.rule_ids] or None,
        collection_ids=[str(number) for number in row.collection_ids],
    )


async def subjects(report_ids: Sequence[int], viewer_id: int) -> Mapping[int, Subject]:
    """What notifications of reports are about, without those that are gone. Four statements at most."""
    rows = await ReportRow.filter(id__in=list(report_ids)).select_related("target")
    bodies = await _render(rows)
    return {
        row.id: Subject(body, f"<bdi>{html.escape(row.target.display_name or row.target.username)}</bdi>")
        for row, body in zip(rows, bodies, strict=True)
    }


async def one(row: ReportRow) -> bytes:
    """One report as JSON."""
    (body,) = await _render([row])
    return body


async def _render(rows: list[ReportRow]) -> list[bytes]:
    if not rows:
        return []
    details = await accounts.details(sorted({row.target_id for row in rows}))
    targets = {entity.id: encode(entity) for entity in await account.render(details)}
    return [b'%b,"target_account":%b}' % (encode(facts(row))[:-1], targets[str(row.target_id)]) for row in rows]


show("admin.report", subjects)
