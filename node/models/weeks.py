"""How much this node was used, week by week."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model


class Week(Model):
    """A week from Monday on (`began_at`, milliseconds): posts and comments written here, people active, people who joined.

    Who was active when is not kept, so the numbers are written down while the week lasts.
    """

    began_at = fields.BigIntField(primary_key=True)
    posts = fields.IntField(default=0)
    active = fields.IntField(default=0)
    sign_ups = fields.IntField(default=0)

    class Meta:
        table = "weeks"
