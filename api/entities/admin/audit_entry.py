"""A decision of a moderator, as the log shows it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import account
from api.entities.account import Account
from api.entities.encoding import iso
from node.models.fields import to_milliseconds
from node.models.moderation import AuditEntry as EntryRow
from node.queries import accounts


class AuditTarget(msgspec.Struct, frozen=True):
    """What was decided on; `label` is its name then. It may be gone since."""

    type: str
    id: str | None
    label: str


class AuditEntry(msgspec.Struct, frozen=True):
    """Who did what to what, and when; `account` is null when it is gone."""

    id: str
    action: str
    created_at: str
    account: Account | None
    target: AuditTarget


async def page(rows: Sequence[EntryRow]) -> list[AuditEntry]:
    """The entries of a page, in its order; a fixed number of statements."""
    who = sorted({row.account_id for row in rows})
    shown = await account.render(await accounts.details(who)) if who else []
    moderators = {entity.id: entity for entity in shown}
    return [
        AuditEntry(
            str(row.id),
            row.action,
            iso(to_milliseconds(row.created_at)),
            moderators.get(str(row.account_id)),
            AuditTarget(row.target_kind, str(row.target_id) if row.target_id is not None else None, row.target_label),
        )
        for row in rows
    ]
