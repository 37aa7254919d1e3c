"""Custom emojis: small pictures that stand for a `:shortcode:` in text."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, created_at


class CustomEmoji(Model):
    """One emoji of this node (`domain` empty, with files) or of another (`remote_url`, shown from there).

    `static_key` is a picture that does not move; the same as `file_key` when that does not either.
    """

    id = Identifier()
    shortcode = fields.CharField(max_length=100)
    domain = fields.CharField(max_length=255, default="")
    file_key = fields.CharField(max_length=255, null=True)
    static_key = fields.CharField(max_length=255, null=True)
    remote_url = fields.CharField(max_length=2048, null=True)
    category = fields.CharField(max_length=100, null=True)
    visible_in_picker = fields.BooleanField(default=True)
    disabled = fields.BooleanField(default=False)
    created_at = created_at()

    class Meta:
        table = "custom_emojis"
        unique_together = (("shortcode", "domain"),)
        indexes = [("domain", "shortcode")]
