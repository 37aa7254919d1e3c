"""Files of other servers that are kept here, so that readers get them from here."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, Moment, created_at


class RemoteCopy(Model):
    """What is kept of one file of another server, or why it could not be had.

    `kind` and `subject_id` say of what it is: an attachment, its thumbnail, an avatar, a header, an emoji. `files` is
    `{"original"|"small": {"key", "type", "bytes"}}`, empty while there are none.
    """

    id = Identifier()
    kind = fields.CharField(max_length=12)
    subject_id = fields.BigIntField()
    url_hash = fields.CharField(max_length=64)
    """SHA-256 of the address it came from: a subject that changes its picture needs another copy."""
    domain = fields.CharField(max_length=255)
    """Of whom it belongs to, as in their handle."""
    files: dict[str, dict[str, Any]] = fields.JSONField(default=dict)
    size = fields.BigIntField(default=0)
    attempts = fields.IntField(default=0)
    """Failures in a row."""
    error = fields.TextField(default="")
    next_try_at = Moment(null=True)
    used_at = Moment()
    created_at = created_at()

    class Meta:
        table = "remote_copies"
        unique_together = (("kind", "subject_id"),)
        indexes = [("used_at",), ("domain",)]
