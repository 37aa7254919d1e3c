"""The rules of the house."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, Moment, created_at


class Rule(Model):
    """Something people here agree to. `position` orders them; one that was withdrawn stays for the reports naming it."""

    id = Identifier()
    text = fields.TextField()
    hint = fields.TextField(default="")
    position = fields.IntField(default=0)
    translations: dict[str, dict[str, str]] = fields.JSONField(default=dict)
    """By language tag: `{"de": {"text": …, "hint": …}}`."""
    deleted_at = Moment(null=True)
    created_at = created_at()

    class Meta:
        table = "rules"
