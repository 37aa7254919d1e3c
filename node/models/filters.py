"""What a person does not want to come across unprepared: filters, the words and the posts they look for."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.posts import Post

WARN, HIDE, BLUR = "warn", "hide", "blur"
ACTIONS = (WARN, HIDE, BLUR)
CONTEXTS = ("home", "notifications", "public", "thread", "account")


class Filter(Model):
    """What is done (`action`), and where (`contexts`), with posts that one of its words or posts names.

    Every change bumps `User.filters_version` of its owner.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="filters")
    title = fields.CharField(max_length=256)
    contexts: list[str] = fields.JSONField(default=list)
    action = fields.CharField(max_length=10, default=WARN)
    expires_at = Moment(null=True)
    created_at = created_at()

    account_id: int

    class Meta:
        table = "filters"
        indexes = [("account_id", "id")]


class FilterKeyword(Model):
    """Words a filter looks for; as a whole word only, or anywhere."""

    id = Identifier()
    custom_filter: fields.ForeignKeyRelation[Filter] = fields.ForeignKeyField("models.Filter", related_name="keywords")
    keyword = fields.CharField(max_length=512)
    whole_word = fields.BooleanField(default=True)

    custom_filter_id: int

    class Meta:
        table = "filter_keywords"
        indexes = [("custom_filter_id", "id")]


class FilterStatus(Model):
    """A single post a filter names."""

    id = Identifier()
    custom_filter: fields.ForeignKeyRelation[Filter] = fields.ForeignKeyField("models.Filter", related_name="statuses")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="filtered_by")

    custom_filter_id: int
    post_id: int

    class Meta:
        table = "filter_statuses"
        unique_together = (("custom_filter_id", "post_id"),)
        indexes = [("post_id",)]
