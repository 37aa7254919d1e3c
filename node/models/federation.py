"""What goes to other servers, and what is known about reaching them."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.posts import Post


class OutgoingActivity(Model):
    """An activity rendered once; `body` is the exact bytes that are sent, `digest` their `Digest` header."""

    id = Identifier()
    account_id = fields.BigIntField()
    """Whose key signs it."""
    uri = fields.CharField(max_length=2048, unique=True)
    body = fields.BinaryField()
    digest = fields.CharField(max_length=100)
    for_followers = fields.BooleanField(default=False, db_default=False)
    """It is for followers alone: each server is told along with it who of its people follow the account (FEP-8fcf)."""
    signed_with = fields.TextField(null=True)
    """The private key (PEM) that signs it instead of the account's: a former one, with which its change is told."""
    created_at = created_at()

    class Meta:
        table = "outgoing_activities"


class Delivery(Model):
    """One activity on its way to one inbox; the row goes once it has arrived or was refused for good."""

    id = Identifier()
    activity: fields.ForeignKeyRelation[OutgoingActivity] = fields.ForeignKeyField(
        "models.OutgoingActivity", related_name="deliveries"
    )
    inbox_url = fields.CharField(max_length=2048)
    host = fields.CharField(max_length=255)
    attempts = fields.IntField(default=0)
    next_attempt_at = Moment()
    lease_until = Moment(null=True)
    failed = fields.BooleanField(default=False)
    error = fields.TextField(default="")
    created_at = created_at()

    activity_id: int

    class Meta:
        table = "deliveries"
        indexes = [
            Index(fields=["failed", "next_attempt_at"]),
            Index(fields=["host", "failed"]),
            Index(fields=["activity_id"]),
        ]


class RemoteHost(Model):
    """How reaching a host has gone lately: its circuit breaker, and which signatures it takes."""

    host = fields.CharField(max_length=255, primary_key=True)
    failures = fields.IntField(default=0)
    """Failures in a row."""
    paused_until = Moment(null=True)
    failing_since = Moment(null=True)
    unreachable_at = Moment(null=True)
    """When it was given up; cleared by its next sign of life."""
    last_success_at = Moment(null=True)
    last_seen_at = Moment(null=True)
    last_error = fields.CharField(max_length=500, default="", db_default="")
    """Why the last delivery that did not arrive did not; kept when the next one does."""
    last_error_at = Moment(null=True)
    signature = fields.CharField(max_length=20, default="cavage")
    software = fields.CharField(max_length=100, default="")

    class Meta:
        table = "remote_hosts"


class DeliveryState(Model):
    """One row (id 1): whether deliveries are held back, and how far this database has come.

    `mark` only ever grows, and is written beside the database too: one that comes back with a lower mark than was seen
    has been restored from a backup.
    """

    id = Identifier()
    mark = fields.BigIntField(default=0)
    held_at = Moment(null=True)
    reason = fields.TextField(default="")

    class Meta:
        table = "delivery_state"


class PostFetch(Model):
    """A server that fetched a post of ours and may keep it: its inbox, which is told of edits and of the end."""

    id = Identifier()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="fetches")
    inbox_url = fields.CharField(max_length=2048)
    created_at = created_at()

    post_id: int

    class Meta:
        table = "post_fetches"
        unique_together = (("post_id", "inbox_url"),)


class FormerAudience(Model):
    """A server where somebody followed an account of ours once: it has what was posted until `ended_at`."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="former_audiences"
    )
    inbox_url = fields.CharField(max_length=2048)
    ended_at = Moment()

    account_id: int

    class Meta:
        table = "former_audiences"
        unique_together = (("account_id", "inbox_url"),)
