"""Lists: timelines of some of those a person follows."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Post

FOLLOWED, LIST, NONE = "followed", "list", "none"
REPLIES_POLICIES = (FOLLOWED, LIST, NONE)


class List(Model):
    """A list of somebody here. `replies_policy` says to whom comments on others' posts are shown in it.

    What members of an `exclusive` list post stays out of its owner's home timeline.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="lists")
    title = fields.CharField(max_length=256)
    replies_policy = fields.CharField(max_length=10, default=LIST)
    exclusive = fields.BooleanField(default=False)
    created_at = created_at()

    account_id: int

    class Meta:
        table = "lists"
        indexes = [("account_id", "id")]


class ListMember(Model):
    """An account is on a list; `owner_id` is the list's account again, for the question who is on any list of theirs."""

    id = Identifier()
    list: fields.ForeignKeyRelation[List] = fields.ForeignKeyField("models.List", related_name="members")
    owner_id = fields.BigIntField()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="listed_in")

    list_id: int
    account_id: int

    class Meta:
        table = "list_members"
        unique_together = (("list_id", "account_id"),)
        indexes = [("owner_id", "account_id"), ("account_id",)]


class ListEntry(Model):
    """One post in the timeline of a list, written when the post is. `id` is the database's own, of no meaning."""

    id = fields.BigIntField(primary_key=True)
    list: fields.ForeignKeyRelation[List] = fields.ForeignKeyField("models.List", related_name="entries")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="list_entries")

    list_id: int
    post_id: int

    class Meta:
        table = "list_entries"
        unique_together = (("list_id", "post_id"),)
        indexes = [("post_id",)]
