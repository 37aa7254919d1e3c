"""What a person is told about."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Post


class Notification(Model):
    """`kind` is the word Mastodon has for it: mention, status, reblog, follow, follow_request, favourite, update, poll, admin.sign_up."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="notifications")
    kind = fields.CharField(max_length=30)
    from_account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="caused")
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="notifications", null=True
    )
    created_at = created_at()

    account_id: int
    from_account_id: int
    post_id: int | None

    class Meta:
        table = "notifications"
        indexes = [("account_id", "id"), ("from_account_id",), ("post_id",)]
        unique_together = (("account_id", "kind", "from_account_id", "post_id"),)
