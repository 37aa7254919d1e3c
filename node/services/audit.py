"""The log of what moderators decide: written in the transaction that makes it so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from node import db
from node.models.moderation import AuditEntry

MAX_LABEL: Final = 320


@dataclass(slots=True)
class Decision:
    """Something a moderator does. `kind`, `target_id` and `label` say to what, in words that outlive it."""

    action: str
    kind: str = ""
    target_id: int | None = None
    label: str = ""

    def about(self, kind: str, target_id: int | None, label: str = "") -> None:
        """Say what it concerns, where that is known only once it is done."""
        self.kind, self.target_id, self.label = kind, target_id, label


@asynccontextmanager
async def decision(
    moderator_id: int, action: str, kind: str = "", target_id: int | None = None, label: str = ""
) -> AsyncIterator[Decision]:
    """A transaction for what the account `moderator_id` decides, which is logged with it or, when it fails, not at all."""
    async with db.transaction():
        made = Decision(action, kind, target_id, label)
        yield made
        await AuditEntry.create(
            account_id=moderator_id,
            action=made.action,
            target_kind=made.kind,
            target_id=made.target_id,
            target_label=made.label[:MAX_LABEL],
        )
