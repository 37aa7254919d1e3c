"""Lists of domains from elsewhere: followed by address, turned into drafts that an admin approves or rejects."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.fields import Identifier, Moment, created_at

BLOCKS, ALLOWS = "blocks", "allows"
KINDS = (BLOCKS, ALLOWS)
WAITING, APPLYING, APPLIED, REJECTED = "waiting", "applying", "applied", "rejected"
ADD, CHANGE, REMOVE = "add", "change", "remove"


class ListSubscription(Model):
    """A list of domains (`blocks` or `allows`) that is read once a day. `error` is why it could not be the last time."""

    id = Identifier()
    url = fields.CharField(max_length=2048, unique=True)
    kind = fields.CharField(max_length=10, default=BLOCKS)
    checked_at = Moment(null=True)
    error = fields.TextField(default="")
    created_at = created_at()

    class Meta:
        table = "list_subscriptions"


class ListDraft(Model):
    """What a list would change here. `source` is its file name or address; nothing of it holds before it is approved."""

    id = Identifier()
    kind = fields.CharField(max_length=10, default=BLOCKS)
    source = fields.CharField(max_length=2048, default="")
    subscription: fields.ForeignKeyNullableRelation[ListSubscription] = fields.ForeignKeyField(
        "models.ListSubscription", related_name="drafts", null=True, on_delete=fields.CASCADE
    )
    state = fields.CharField(max_length=10, default=WAITING)
    unreadable = fields.IntField(default=0)
    """How many lines of the list name no domain."""
    created_at = created_at()
    decided_at = Moment(null=True)

    subscription_id: int | None

    class Meta:
        table = "list_drafts"
        indexes = [Index(fields=["subscription_id"])]


class DraftEntry(Model):
    """One domain of a draft: `action` is `add`, `change` or `remove` of its rule, or of its permission."""

    id = Identifier()
    draft: fields.ForeignKeyRelation[ListDraft] = fields.ForeignKeyField("models.ListDraft", related_name="entries")
    action = fields.CharField(max_length=10, default=ADD)
    domain = fields.CharField(max_length=255)
    severity = fields.CharField(max_length=20, default="suspend")
    reject_media = fields.BooleanField(default=False)
    reject_reports = fields.BooleanField(default=False)
    obfuscate = fields.BooleanField(default=False)
    public_comment = fields.TextField(default="")

    draft_id: int

    class Meta:
        table = "list_draft_entries"
        unique_together = (("draft_id", "domain"),)
        indexes = [Index(fields=["draft_id", "id"])]
