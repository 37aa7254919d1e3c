"""Posts their authors put away: hidden from everybody else, kept as they are."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Post


class ArchivedPost(Model):
    """`post`, whose visibility is `archived` meanwhile; `visibility` is the one it goes back to."""

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="archived")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="archive")
    visibility = fields.CharField(max_length=10)
    created_at = created_at()

    post_id: int
    account_id: int

    class Meta:
        table = "archived_posts"
        indexes = [("account_id", "post_id")]
