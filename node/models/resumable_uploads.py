"""Files that come in piece by piece, and how much each account may keep."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at


class ResumableUpload(Model):
    """A file of `length` bytes on its way, of which the first `received` are here for good.

    `media_id` is what became of it when it was whole; the pieces are gone then. With a `store_key` it comes in one piece,
    past this server, to that place in the object store; what it is to be has been announced then.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="resumable_uploads"
    )
    length = fields.BigIntField()
    received = fields.BigIntField(default=0)
    description = fields.TextField(default="")
    focus_x = fields.FloatField(default=0.0)
    focus_y = fields.FloatField(default=0.0)
    store_key = fields.CharField(max_length=255, null=True)
    media_type = fields.CharField(max_length=100, default="", db_default="")
    sha256 = fields.CharField(max_length=64, default="", db_default="")
    media_id = fields.BigIntField(null=True)
    expires_at = Moment()
    created_at = created_at()

    account_id: int

    class Meta:
        table = "resumable_uploads"
        indexes = [("account_id",), ("expires_at",)]


class MediaQuota(Model):
    """How many bytes one account may keep, where an admin has said so; 0 is without end."""

    id = Identifier()
    account: fields.OneToOneRelation[Account] = fields.OneToOneField("models.Account", related_name="media_quota")
    bytes = fields.BigIntField()

    account_id: int

    class Meta:
        table = "media_quotas"
