"""Who went on under another account, and what was taken back before it had come."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at


class AccountMove(Model):
    """`account` moved to `target`. The row stays when the move is taken back: nobody moves again at once."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="moves")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="moves_to_it")
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "account_moves"
        indexes = [Index(fields=["account_id", "id"]), Index(fields=["target_id"])]


class TakenBack(Model):
    """`account` deleted or undid, under this id, what has not come here yet: when it comes late, it is not taken in.

    Others of the same server cannot have it refused so: it counts for this account alone.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="taken_back")
    uri = fields.CharField(max_length=2048)
    created_at = created_at()

    account_id: int

    class Meta:
        table = "taken_back"
        unique_together = (("account_id", "uri"),)
        indexes = [Index(fields=["created_at"])]
