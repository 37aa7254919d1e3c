"""Relays: servers that pass the public posts of their subscribers on to each other."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, created_at

MASTODON, LITEPUB = "mastodon", "litepub"
KINDS = (MASTODON, LITEPUB)
IDLE, PENDING, ACCEPTED, REJECTED = "idle", "pending", "accepted", "rejected"


class Relay(Model):
    """A relay: of the `mastodon` kind it is known by its inbox, of the `litepub` kind by its actor.

    `follow_uri` is the Follow that asks it to let this node in; `actor_uri` is filled once it has answered.
    """

    id = Identifier()
    kind = fields.CharField(max_length=10)
    address = fields.CharField(max_length=2048, unique=True)
    inbox_url = fields.CharField(max_length=2048)
    actor_uri = fields.CharField(max_length=2048, null=True, db_index=True)
    state = fields.CharField(max_length=10, default=IDLE)
    follow_uri = fields.CharField(max_length=2048, null=True, unique=True)
    created_at = created_at()

    class Meta:
        table = "relays"
