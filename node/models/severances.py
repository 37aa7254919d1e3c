"""What decisions about domains and accounts took from people here: the follows they ended, kept for their owners."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at

DOMAIN_BLOCK, OWN_DOMAIN_BLOCK, ACCOUNT_SUSPENSION = "domain_block", "user_domain_block", "account_suspension"


class Severance(Model):
    """A decision that ended follows. `kind` is Mastodon's word for it, `target_name` the domain or handle it was about."""

    id = Identifier()
    kind = fields.CharField(max_length=30)
    target_name = fields.CharField(max_length=320)
    lifted_at = Moment(null=True)
    """When it was taken back; the follows do not come back by themselves."""
    created_at = created_at()

    class Meta:
        table = "severances"
        indexes = [Index(fields=["target_name", "kind"])]


class SeveredFollow(Model):
    """A follow that a severance ended, between `account` here and `other` elsewhere, as it was."""

    id = Identifier()
    severance: fields.ForeignKeyRelation[Severance] = fields.ForeignKeyField("models.Severance", related_name="follows")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="severed")
    other: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="severed_from")
    is_follower = fields.BooleanField()
    """Whether it was `other` who followed."""
    show_shares = fields.BooleanField(default=True)
    notify = fields.BooleanField(default=False)
    languages = fields.CharField(max_length=1000, null=True)

    severance_id: int
    account_id: int
    other_id: int

    class Meta:
        table = "severed_follows"
        unique_together = (("severance_id", "account_id", "other_id", "is_follower"),)
        indexes = [Index(fields=["account_id"]), Index(fields=["other_id"])]


class AccountSeverance(Model):
    """What a severance took from one person: how many followers, and how many they followed."""

    id = Identifier()
    severance: fields.ForeignKeyRelation[Severance] = fields.ForeignKeyField("models.Severance", related_name="losses")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="losses")
    followers_count = fields.IntField()
    following_count = fields.IntField()
    created_at = created_at()

    severance_id: int
    account_id: int

    class Meta:
        table = "account_severances"
        unique_together = (("severance_id", "account_id"),)
        indexes = [Index(fields=["account_id", "id"])]
