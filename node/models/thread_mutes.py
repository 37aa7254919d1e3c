"""Threads somebody wants to hear no more of."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at


class ThreadMute(Model):
    """`account` wants to hear no more of a thread (`conversation_id` of its posts)."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="thread_mutes")
    conversation_id = fields.BigIntField()
    created_at = created_at()

    account_id: int

    class Meta:
        table = "thread_mutes"
        unique_together = (("account_id", "conversation_id"),)
        indexes = [("conversation_id",)]
