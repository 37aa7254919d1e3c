"""What proves who is asking: OAuth applications, grants and tokens, browser sessions, one-time secrets.

Secrets are kept as SHA-256 of a high-entropy value; the value itself is shown once.
"""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import User
from node.models.fields import Identifier, Moment, created_at


class Application(Model):
    """A client that registered itself (`POST /api/v1/apps`)."""

    id = Identifier()
    client_id = fields.CharField(max_length=64, unique=True)
    secret_hash = fields.CharField(max_length=64)
    name = fields.CharField(max_length=255)
    website = fields.CharField(max_length=2048, null=True)
    redirect_uris: list[str] = fields.JSONField(default=list)
    scopes: list[str] = fields.JSONField(default=list)
    created_at = created_at()

    class Meta:
        table = "applications"


class AuthorizationGrant(Model):
    """An authorisation code on its way to becoming a token: single use, ten minutes.

    A used one is kept a while with the token it gave, so that using it again can take that token back.
    """

    id = Identifier()
    code_hash = fields.CharField(max_length=64, unique=True)
    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "models.Application", related_name="grants"
    )
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="grants")
    redirect_uri = fields.CharField(max_length=2048)
    scopes: list[str] = fields.JSONField(default=list)
    code_challenge = fields.CharField(max_length=128, null=True)
    expires_at = Moment()
    used_at = Moment(null=True)
    access_token_id = fields.BigIntField(null=True)

    application_id: int
    user_id: int

    class Meta:
        table = "authorization_grants"


class AccessToken(Model):
    """What a client presents; `user` is empty for the token of an application itself."""

    id = Identifier()
    token_hash = fields.CharField(max_length=64, unique=True)
    application: fields.ForeignKeyRelation[Application] = fields.ForeignKeyField(
        "models.Application", related_name="tokens"
    )
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="tokens", null=True
    )
    scopes: list[str] = fields.JSONField(default=list)
    last_used_at = Moment(null=True)
    created_at = created_at()

    application_id: int
    user_id: int | None

    class Meta:
        table = "access_tokens"
        indexes = [("user_id", "application_id")]


class BrowserSession(Model):
    """A person signed in to the pages of the node."""

    id = Identifier()
    token_hash = fields.CharField(max_length=64, unique=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="sessions")
    user_agent = fields.CharField(max_length=255, default="")
    ip_address = fields.CharField(max_length=45, default="")
    expires_at = Moment()
    created_at = created_at()

    user_id: int

    class Meta:
        table = "browser_sessions"
        indexes = [("user_id",), ("ip_address",)]


class OneTimeSecret(Model):
    """A link (and sometimes a 6-digit code) that proves control of an e-mail address, once and for a while.

    `purpose` is `confirm_email`, `reset_password` or `sign_in`. The code is guessed at most `attempts_left` times.
    """

    id = Identifier()
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="one_time_secrets")
    purpose = fields.CharField(max_length=20)
    token_hash = fields.CharField(max_length=64, unique=True)
    code_hash = fields.CharField(max_length=64, null=True)
    attempts_left = fields.IntField(default=5)
    expires_at = Moment()
    created_at = created_at()

    user_id: int

    class Meta:
        table = "one_time_secrets"
        indexes = [("user_id", "purpose")]


class ProvenAddress(Model):
    """An e-mail address that somebody without an account proves with a 6-digit code, before they open one.

    No letter carries the code of an address that has an account already.
    """

    id = Identifier()
    email_key = fields.CharField(max_length=320, unique=True)
    code_hash = fields.CharField(max_length=64)
    attempts_left = fields.IntField()
    expires_at = Moment()
    created_at = created_at()

    class Meta:
        table = "proven_addresses"
        indexes = [("expires_at",)]


class KeptSecret(Model):
    """A secret the node made for itself on first start (session key, VAPID key) and keeps."""

    name = fields.CharField(max_length=50, primary_key=True)
    value = fields.TextField()
    created_at = created_at()

    class Meta:
        table = "kept_secrets"
