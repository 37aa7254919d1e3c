"""Who follows, blocks, mutes, recommends whom; who likes and keeps what."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.posts import Post


class Follow(Model):
    """`account` follows `target`, or asks to (`accepted` false). `uri` is the Follow activity that began it."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="follows")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="followed_by")
    accepted = fields.BooleanField(default=False)
    uri = fields.CharField(max_length=2048, unique=True)
    show_shares = fields.BooleanField(default=True)
    notify = fields.BooleanField(default=False)
    languages = fields.CharField(max_length=1000, null=True)
    """Languages (lower case) whose posts are wanted, each between spaces: ` de en `; none is every language."""
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "follows"
        unique_together = (("account_id", "target_id"),)
        indexes = [
            Index(fields=["target_id", "accepted", "id"]),
            Index(fields=["account_id", "accepted", "id"]),
            Index(fields=["target_id", "notify"]),
        ]


class Block(Model):
    """`account` blocks `target`: neither sees or reaches the other."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="blocks")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="blocked_by")
    uri = fields.CharField(max_length=2048, unique=True)
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "blocks"
        unique_together = (("account_id", "target_id"),)
        indexes = [("target_id",)]


class Mute(Model):
    """`account` does not want to see `target`, who is not told."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="mutes")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="muted_by")
    hide_notifications = fields.BooleanField(default=True)
    expires_at = Moment(null=True)
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "mutes"
        unique_together = (("account_id", "target_id"),)
        indexes = [("target_id",), ("expires_at",)]


class DomainBlock(Model):
    """`account` wants nothing from a whole domain: it sees nobody from there and is followed by nobody from there."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="domain_blocks")
    domain = fields.CharField(max_length=255)
    created_at = created_at()

    account_id: int

    class Meta:
        table = "account_domain_blocks"
        unique_together = (("account_id", "domain"),)
        indexes = [("account_id", "id")]


class AccountNote(Model):
    """What `account` noted for itself about `target`; nobody else sees it."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="notes")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="noted_by")
    comment = fields.TextField()
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "account_notes"
        unique_together = (("account_id", "target_id"),)
        indexes = [("target_id",)]


class Endorsement(Model):
    """`account` recommends `target`, whom it follows, on its profile."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="endorsements")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="endorsed_by")
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "endorsements"
        unique_together = (("account_id", "target_id"),)
        indexes = [("account_id", "id"), ("target_id",)]


class DismissedSuggestion(Model):
    """`account` does not want `target` suggested to it again."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="dismissals")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="dismissed_by")
    created_at = created_at()

    account_id: int
    target_id: int

    class Meta:
        table = "dismissed_suggestions"
        unique_together = (("account_id", "target_id"),)
        indexes = [("target_id",)]


class Like(Model):
    """`account` likes `post`. `uri` is the Like activity."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="likes")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="likes")
    uri = fields.CharField(max_length=2048, unique=True)
    created_at = created_at()

    account_id: int
    post_id: int

    class Meta:
        table = "likes"
        unique_together = (("post_id", "account_id"),)
        indexes = [("account_id", "id")]


class Bookmark(Model):
    """`account` keeps `post` for itself; nobody is told."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="bookmarks")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="bookmarks")
    created_at = created_at()

    account_id: int
    post_id: int

    class Meta:
        table = "bookmarks"
        unique_together = (("post_id", "account_id"),)
        indexes = [("account_id", "id")]
