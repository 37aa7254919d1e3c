"""Collections of accounts that somebody recommends (FEP-7aa9)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node import clock
from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.posts import Hashtag

PENDING, ACCEPTED, REVOKED = "pending", "accepted", "revoked"


class AccountCollection(Model):
    """A named list of accounts, `account`'s recommendation to others."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="collections")
    uri = fields.CharField(max_length=2048, unique=True)
    name = fields.CharField(max_length=255)
    description = fields.TextField(default="")
    language = fields.CharField(max_length=35, null=True)
    sensitive = fields.BooleanField(default=False)
    discoverable = fields.BooleanField(default=False)
    """Whether others find it at its owner's; who knows its id may look at it all the same."""
    hashtag: fields.ForeignKeyNullableRelation[Hashtag] = fields.ForeignKeyField(
        "models.Hashtag", related_name="account_collections", null=True, on_delete=fields.SET_NULL
    )
    created_at = created_at()
    updated_at = Moment(default=clock.now)

    account_id: int
    hashtag_id: int | None

    class Meta:
        table = "account_collections"
        indexes = [("account_id", "id"), ("hashtag_id",)]


class AccountCollectionItem(Model):
    """`account` is in `collection`: `accepted`, `pending` while its server has not agreed, or `revoked` by itself."""

    id = Identifier()
    collection: fields.ForeignKeyRelation[AccountCollection] = fields.ForeignKeyField(
        "models.AccountCollection", related_name="items"
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="collected_in")
    stamp_uri = fields.CharField(max_length=2048, null=True)
    """Where it can be read that the account agreed, when it or the collection is elsewhere."""
    position = fields.IntField(default=1)
    state = fields.CharField(max_length=10, default=PENDING)
    created_at = created_at()

    collection_id: int
    account_id: int

    class Meta:
        table = "account_collection_items"
        unique_together = (("collection_id", "account_id"),)
        indexes = [("account_id", "state", "collection_id"), ("stamp_uri",)]
