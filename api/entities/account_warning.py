"""Mastodon's AccountWarning: what the moderators did about an account, as its owner reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from api.entities import account, notification_subjects
from api.entities.account import Account
from api.entities.encoding import encode, iso
from api.entities.notification_subjects import Subject
from node.models.fields import to_milliseconds
from node.models.moderation import AccountWarning as WarningRow
from node.queries import accounts

NAMES: Final = {
    "none": "a warning",
    "disable": "a warning: your account is disabled",
    "sensitive": "a warning: your posts are marked as sensitive",
    "silence": "a warning: your account is limited",
    "suspend": "a warning: your account is suspended",
}


class AccountWarning(msgspec.Struct, frozen=True, kw_only=True):
    """`action` is `none`, `disable`, `sensitive`, `silence` or `suspend`. There are no appeals here."""

    id: str
    action: str
    text: str
    status_ids: list[str] | None
    created_at: str
    target_account: Account
    appeal: None = None


async def _subjects(warning_ids: Sequence[int], viewer_id: int) -> dict[int, Subject]:
    """The viewer's own warnings with these ids."""
    rows = await WarningRow.filter(id__in=list(warning_ids), target_id=viewer_id)
    if not rows:
        return {}
    (target,) = await account.render(await accounts.details([viewer_id]))
    return {row.id: Subject(encode(_entity(row, target)), NAMES[row.action]) for row in rows}


def _entity(row: WarningRow, target: Account) -> AccountWarning:
    return AccountWarning(
        id=str(row.id),
        action=row.action,
        text=row.text,
        status_ids=[str(number) for number in row.post_ids] or None,
        created_at=iso(to_milliseconds(row.created_at)),
        target_account=target,
    )


notification_subjects.show("moderation_warning", _subjects)
