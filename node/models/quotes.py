"""Posts that quote others."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Post

PENDING, ACCEPTED, REJECTED, REVOKED = "pending", "accepted", "rejected", "revoked"


class Quote(Model):
    """`post`, of `account`, quotes `quoted_post`. Only an accepted quote shows what it quotes.

    `quoted_post` is empty once that post is gone, or while it is not here yet. `stamp_uri` is where the quoted author's
    approval can be read, once it has been seen there or given here (FEP-044f).
    """

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="quote")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="quotes")
    quoted_post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="quoted_by", null=True, on_delete=fields.SET_NULL
    )
    quoted_account: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="quoted_in", null=True, on_delete=fields.SET_NULL
    )
    quoted_uri = fields.CharField(max_length=2048, null=True)
    stamp_uri = fields.CharField(max_length=2048, null=True)
    state = fields.CharField(max_length=10, default=PENDING)
    created_at = created_at()

    post_id: int
    account_id: int
    quoted_post_id: int | None
    quoted_account_id: int | None

    class Meta:
        table = "quotes"
        indexes = [
            Index(fields=["quoted_post_id", "state", "id"]),
            Index(fields=["account_id"]),
            Index(fields=["quoted_account_id"]),
            Index(fields=["stamp_uri"]),
        ]
