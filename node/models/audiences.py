"""For whom a post is when that is some people its author chose: close friends, a list, mutuals."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.lists import List
from node.models.posts import Post

CLOSE_FRIENDS, LIST, MUTUALS = "close_friends", "list", "mutuals"
KINDS = (CLOSE_FRIENDS, LIST, MUTUALS)


class CloseFriend(Model):
    """`member` is one of the close friends of `account`, who alone knows."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="close_friends")
    member: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="close_friend_of"
    )
    created_at = created_at()

    account_id: int
    member_id: int

    class Meta:
        table = "close_friends"
        unique_together = (("account_id", "member_id"),)
        indexes = [("member_id",)]


class PostAudience(Model):
    """Whom its author meant a post for, shown to the author alone. Who that was then is written as silent mentions."""

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="audience")
    account_id = fields.BigIntField()
    """The post's author again, for the question which posts somebody may no longer see."""
    kind = fields.CharField(max_length=20)
    list: fields.ForeignKeyNullableRelation[List] = fields.ForeignKeyField(
        "models.List", related_name="audiences", null=True, on_delete=fields.SET_NULL
    )

    post_id: int
    list_id: int | None

    class Meta:
        table = "post_audiences"
        indexes = [("account_id", "kind"), ("list_id",)]
