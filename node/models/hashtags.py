"""What people do with hashtags: follow them, and show them on their profiles."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Hashtag


class TagFollow(Model):
    """Public posts with the hashtag come into the account's home timeline."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="tag_follows")
    hashtag: fields.ForeignKeyRelation[Hashtag] = fields.ForeignKeyField("models.Hashtag", related_name="followed_by")
    created_at = created_at()

    account_id: int
    hashtag_id: int

    class Meta:
        table = "tag_follows"
        unique_together = (("account_id", "hashtag_id"),)
        indexes = [("hashtag_id",), ("account_id", "id")]


class FeaturedTag(Model):
    """The account shows the hashtag, as it is written in `name`, on its profile."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="featured_tags")
    hashtag: fields.ForeignKeyRelation[Hashtag] = fields.ForeignKeyField("models.Hashtag", related_name="featured_by")
    name = fields.CharField(max_length=255)
    created_at = created_at()

    account_id: int
    hashtag_id: int

    class Meta:
        table = "featured_tags"
        unique_together = (("account_id", "hashtag_id"),)
        indexes = [("hashtag_id",)]
