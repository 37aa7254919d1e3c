"""Mastodon's Admin::Report: a report as the moderators see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from api.entities import instance, status
from api.entities.admin import account
from api.entities.admin.account import AdminAccount
from api.entities.encoding import encode, iso
from api.entities.instance import Rule
from api.entities.status import Status
from node.models.fields import to_milliseconds
from node.models.reports import Report as ReportRow
from node.models.rules import Rule as RuleRow
from node.queries import statuses
from node.services import rules

MAX_POSTS_OF_PAGE = 2_000


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says, without the posts it names."""

    id: str
    action_taken: bool
    action_taken_at: str | None
    category: str
    comment: str
    forwarded: bool
    created_at: str
    updated_at: str
    account: AdminAccount
    target_account: AdminAccount
    assigned_account: AdminAccount | None
    action_taken_by_account: AdminAccount | None
    rules: list[Rule]


class AdminReport(Facts, frozen=True, kw_only=True):
    """A complaint about an account, and who takes care of it. The posts are shown whatever their audience."""

    statuses: list[Status]


async def page(rows: Sequence[ReportRow], viewer_id: int) -> list[bytes]:
    """The reports of a page as JSON, in its order, for the moderator `viewer_id`; a fixed number of statements."""
    people = await account.by_ids([number for row in rows for number in _concerned(row)])
    named = await rules.by_ids(list({number for row in rows for number in row.rule_ids}))
    wanted = list(dict.fromkeys(number for row in rows for number in row.post_ids))[:MAX_POSTS_OF_PAGE]
    posts = await status.by_id(await statuses.whoever_looks(viewer_id, wanted), viewer_id)
    return [
        b'%b,"statuses":[%b]}'
        % (encode(_facts(row, people, named))[:-1], b",".join(posts[one] for one in row.post_ids if one in posts))
        for row in rows
    ]


async def one(row: ReportRow, viewer_id: int) -> bytes:
    """One report as JSON."""
    (body,) = await page([row], viewer_id)
    return body


def _concerned(row: ReportRow) -> list[int]:
    numbers = (row.account_id, row.target_id, row.assigned_id, row.action_taken_by_id)
    return [number for number in numbers if number is not None]


def _facts(row: ReportRow, people: Mapping[int, AdminAccount], named: Mapping[int, RuleRow]) -> Facts:
    return Facts(
        id=str(row.id),
        action_taken=row.action_taken_at is not None,
        action_taken_at=iso(to_milliseconds(row.action_taken_at)) if row.action_taken_at is not None else None,
        category=row.category,
        comment=row.comment,
        forwarded=row.forwarded_at is not None,
        created_at=iso(to_milliseconds(row.created_at)),
        updated_at=iso(to_milliseconds(row.updated_at)),
        account=people[row.account_id],
        target_account=people[row.target_id],
        assigned_account=people.get(row.assigned_id or 0),
        action_taken_by_account=people.get(row.action_taken_by_id or 0),
        rules=[instance.rule(named[number]) for number in row.rule_ids if number in named],
    )
