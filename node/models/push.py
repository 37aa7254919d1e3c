"""Where an app wants to be woken when its person is told something."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.credentials import AccessToken
from node.models.fields import Identifier, created_at


class PushSubscription(Model):
    """The endpoint of an app at its push service, with the keys to encrypt for it; it goes with its token.

    `standard` tells RFC 8291 from the draft before it. `alerts` are kinds of notifications that are (not) wanted;
    `policy` is `all`, `followed`, `follower` or `none`. `sealed_token` is the token itself, which the app needs to know
    whom a push is for, encrypted with the node's secret key.
    """

    id = Identifier()
    token: fields.OneToOneRelation[AccessToken] = fields.OneToOneField(
        "models.AccessToken", related_name="push_subscription"
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="push_subscriptions"
    )
    endpoint = fields.TextField()
    key_p256dh = fields.CharField(max_length=100)
    key_auth = fields.CharField(max_length=40)
    standard = fields.BooleanField(default=False)
    alerts: dict[str, Any] = fields.JSONField(default=dict)
    policy = fields.CharField(max_length=10, default="all")
    sealed_token = fields.TextField()
    created_at = created_at()

    token_id: int
    account_id: int

    class Meta:
        table = "push_subscriptions"
        indexes = [("account_id",)]
