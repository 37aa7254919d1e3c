"""What authors do with the comments on their posts: pin some, limit others."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Post


class PinnedComment(Model):
    """A comment that stands first under its post, because the post's author wants it to."""

    id = Identifier()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="pinned_comments")
    comment: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="comment_pin")
    created_at = created_at()

    post_id: int
    comment_id: int

    class Meta:
        table = "pinned_comments"
        indexes = [("post_id",)]


class CommentLimits(Model):
    """Which comments on an account's posts only it and those who wrote them see."""

    id = Identifier()
    account: fields.OneToOneRelation[Account] = fields.OneToOneField("models.Account", related_name="comment_limits")
    keywords: list[str] = fields.JSONField(default=list)
    min_account_age_days = fields.IntField(default=0)
    followers_only = fields.BooleanField(default=False)

    account_id: int

    class Meta:
        table = "comment_limits"
