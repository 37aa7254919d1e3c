"""What the admins tell everybody here."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at


class Announcement(Model):
    """A message to everybody here. `content` is its HTML, `text` what an admin typed.

    `starts_at` and `ends_at` are of what it tells about; after `ends_at` it is shown no longer. With `all_day` only
    their days matter.
    """

    id = Identifier()
    text = fields.TextField()
    content = fields.TextField()
    mentioned_ids: list[int] = fields.JSONField(default=list)
    post_ids: list[int] = fields.JSONField(default=list)
    """Posts of this node whose addresses stand in the text."""
    starts_at = Moment(null=True)
    ends_at = Moment(null=True)
    all_day = fields.BooleanField(default=False)
    published_at = Moment(null=True)
    """`None` once it has been taken back or has ended."""
    updated_at = created_at()
    created_at = created_at()

    class Meta:
        table = "announcements"


class AnnouncementReaction(Model):
    """Somebody's answer to an announcement in one emoji: a character, or the shortcode of a custom one."""

    id = Identifier()
    announcement: fields.ForeignKeyRelation[Announcement] = fields.ForeignKeyField(
        "models.Announcement", related_name="reactions"
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="announcement_reactions"
    )
    name = fields.CharField(max_length=100)
    created_at = created_at()

    announcement_id: int
    account_id: int

    class Meta:
        table = "announcement_reactions"
        unique_together = (("announcement_id", "name", "account_id"),)
        indexes = [Index(fields=["account_id"])]


class AnnouncementDismissal(Model):
    """Somebody has read an announcement."""

    id = Identifier()
    announcement: fields.ForeignKeyRelation[Announcement] = fields.ForeignKeyField(
        "models.Announcement", related_name="dismissals"
    )
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="dismissed_announcements"
    )
    created_at = created_at()

    announcement_id: int
    account_id: int

    class Meta:
        table = "announcement_dismissals"
        unique_together = (("account_id", "announcement_id"),)
        indexes = [Index(fields=["announcement_id"])]
