"""Accounts (the public side, local or remote) and their keys."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node import clock
from node.models.fields import Identifier, Moment, created_at

LOCAL = ""


class Account(Model):
    """The public side of somebody: one ActivityPub actor, here or elsewhere.

    `domain` is empty for accounts of this node. `note` is sanitised HTML; `note_source` what its owner typed.
    `version` grows with every change another person can see: caches compare it.
    """

    id = Identifier()
    username = fields.CharField(max_length=255)
    username_key = fields.CharField(max_length=255)
    """`username` in lower case: handles are compared without case."""
    domain = fields.CharField(max_length=255, default=LOCAL)
    actor_type = fields.CharField(max_length=20, default="Person")
    uri = fields.CharField(max_length=2048, unique=True)
    url = fields.CharField(max_length=2048, null=True)
    display_name = fields.TextField(default="")
    note = fields.TextField(default="")
    note_source = fields.TextField(default="")
    fields_: list[dict[str, Any]] = fields.JSONField(default=list, source_field="profile_fields")
    """Profile fields as `[{"name", "value" (HTML), "source", "verified_at"}]`; `source` is there for local accounts,
    `verified_at` (milliseconds) once the page a field leads to has been seen to lead back."""
    avatar_key = fields.CharField(max_length=255, null=True)
    header_key = fields.CharField(max_length=255, null=True)
    avatar_remote_url = fields.CharField(max_length=2048, null=True)
    header_remote_url = fields.CharField(max_length=2048, null=True)
    avatar_description = fields.TextField(default="")
    header_description = fields.TextField(default="")
    is_private = fields.BooleanField(default=False)
    """Follows must be accepted by hand (`locked`, `manuallyApprovesFollowers`)."""
    discoverable = fields.BooleanField(default=False)
    indexable = fields.BooleanField(default=False)
    hide_collections = fields.BooleanField(default=False)
    memorial = fields.BooleanField(default=False, db_default=False)
    """Kept in memory of somebody who has died."""
    show_media = fields.BooleanField(default=True, db_default=True)
    show_media_replies = fields.BooleanField(default=True, db_default=True)
    show_featured = fields.BooleanField(default=True, db_default=True)
    """Which parts of a profile its owner wants apps to show."""
    attribution_domains: list[str] = fields.JSONField(default=list, db_default=[])
    """Websites that may name this account as an author."""
    inbox_url = fields.CharField(max_length=2048, default="")
    shared_inbox_url = fields.CharField(max_length=2048, null=True)
    outbox_url = fields.CharField(max_length=2048, null=True)
    followers_url = fields.CharField(max_length=2048, null=True)
    following_url = fields.CharField(max_length=2048, null=True)
    featured_url = fields.CharField(max_length=2048, null=True)
    featured_collections_url = fields.CharField(max_length=2048, null=True)
    featured_tags_url = fields.CharField(max_length=2048, null=True)
    also_known_as: list[str] = fields.JSONField(default=list)
    moved_to_uri = fields.CharField(max_length=2048, null=True)
    followers_count = fields.IntField(default=0)
    following_count = fields.IntField(default=0)
    posts_count = fields.IntField(default=0)
    last_post_at = Moment(null=True)
    version = fields.IntField(default=1)
    silenced_at = Moment(null=True)
    sensitized_at = Moment(null=True)
    """Since when everything the account posts counts as sensitive to everybody else."""
    suspended_at = Moment(null=True)
    hides_public = fields.BooleanField(default=False, db_default=False)
    """Public posts of the account are not for the pages of other servers that everybody may read."""
    hides_unlisted = fields.BooleanField(default=False, db_default=False)
    """The same of its unlisted posts."""
    suspended_by_origin = fields.BooleanField(default=False)
    """The account's own server suspended or deleted it; what its origin did only its origin can undo."""
    fetched_at = Moment(null=True)
    """When a remote actor was last read from its origin."""
    posts_read_at = Moment(null=True)
    """When the older posts of a remote account were last asked for."""
    created_at = created_at()

    class Meta:
        table = "accounts"
        unique_together = (("username_key", "domain"),)
        indexes = [
            Index(fields=["domain"]),
            Index(fields=["discoverable", "followers_count"]),
            Index(fields=["discoverable", "last_post_at", "id"]),
            Index(fields=["discoverable", "id"]),
            Index(fields=["silenced_at"]),
            Index(fields=["sensitized_at"]),
            Index(fields=["suspended_at"]),
        ]

    @property
    def is_local(self) -> bool:
        """Whether the account lives on this node."""
        return self.domain == LOCAL

    @property
    def acct(self) -> str:
        """The handle as this node shows it: `alice`, or `bob@elsewhere.example`."""
        return self.username if self.is_local else f"{self.username}@{self.domain}"


AUTHENTICATION, ASSERTION, FORMER = "authentication", "assertion", "former"


class ActorKey(Model):
    """A public key of an actor; with its private half when the actor is ours.

    `purpose`: requests are signed with the one for `authentication` (`publicKey`), documents are proven with the one
    for `assertion` (FEP-521a's `assertionMethod`). A `former` one of ours stays until its exchange has been told with it.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="keys")
    key_id = fields.CharField(max_length=2048, unique=True)
    public_pem = fields.TextField()
    private_pem = fields.TextField(null=True)
    purpose = fields.CharField(max_length=20, default=AUTHENTICATION, db_default=AUTHENTICATION)
    created_at = created_at()

    account_id: int

    class Meta:
        table = "actor_keys"
        indexes = [Index(fields=["account_id"])]


class User(Model):
    """The private side of a local account: credentials, contact, settings, role."""

    id = Identifier()
    account: fields.OneToOneRelation[Account] = fields.OneToOneField("models.Account", related_name="user")
    email = fields.CharField(max_length=320)
    email_key = fields.CharField(max_length=320, unique=True)
    """`email` in lower case."""
    password_hash = fields.TextField(null=True)
    role = fields.CharField(max_length=20, default="user")
    """`user`, `moderator` or `admin`."""
    locale = fields.CharField(max_length=35, default="en")
    confirmed_at = Moment(null=True)
    approved_at = Moment(null=True)
    disabled_at = Moment(null=True)
    sign_up_reason = fields.TextField(default="")
    sign_up_address = fields.CharField(max_length=45, default="", db_default="")
    """The IP address the account was opened from; forgotten after a year."""
    application_id = fields.BigIntField(null=True)
    """The application the account was opened with."""
    invited_by_id = fields.BigIntField(null=True)
    """The account whose invitation let this person in."""
    preferences: dict[str, Any] = fields.JSONField(default=dict)
    """Posting defaults: `visibility`, `sensitive`, `language`."""
    last_active_at = Moment(null=True)
    home_built_at = Moment(null=True, default=clock.now)
    """When the home timeline was built and since when it is kept; `None` once it has been dropped for a quiet reader.

    That of a new user is complete: it is empty.
    """
    filters_version = fields.IntField(default=0, db_default=0)
    """Grows with every change of the user's filters; 0 until there is one. Pages read it with their posts."""
    created_at = created_at()

    account_id: int

    class Meta:
        table = "users"
        indexes = [Index(fields=["sign_up_address"]), Index(fields=["invited_by_id"])]


class Invite(Model):
    """A code that lets people in while registration is by invitation."""

    id = Identifier()
    code = fields.CharField(max_length=64, unique=True)
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="invites", null=True, on_delete=fields.SET_NULL
    )
    max_uses = fields.IntField(null=True)
    uses = fields.IntField(default=0)
    expires_at = Moment(null=True)
    created_at = created_at()

    class Meta:
        table = "invites"
