"""Posts that somebody has begun to write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from node import clock
from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at


class SavedDraft(Model):
    """A post as far as it is written, for its author alone. `parameters` is a `services.posts.Draft` as plain values.

    With `scheduled_at` it is meant to be published then.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="drafts")
    parameters: dict[str, Any] = fields.JSONField(default=dict)
    scheduled_at: datetime | None = Moment(null=True)  # type: ignore[assignment]
    created_at = created_at()
    updated_at = Moment(default=clock.now)

    account_id: int

    class Meta:
        table = "drafts"
        indexes = [("account_id", "id")]
