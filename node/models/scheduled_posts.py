"""Posts that wait for their time."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment


class ScheduledPost(Model):
    """What an account publishes at `scheduled_at`. `parameters` is a `services.posts.Draft` as plain values.

    `idempotency_mark` is that of the post it becomes.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="scheduled_posts"
    )
    scheduled_at = Moment()
    parameters: dict[str, Any] = fields.JSONField(default=dict)
    idempotency_mark = fields.CharField(max_length=64, null=True, unique=True)

    account_id: int

    class Meta:
        table = "scheduled_posts"
        indexes = [("account_id", "id"), ("account_id", "scheduled_at")]
