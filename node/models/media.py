"""Pictures: one original and the variants made from it."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.drafts import SavedDraft
from node.models.fields import Identifier, created_at
from node.models.posts import Post
from node.models.scheduled_posts import ScheduledPost

READY, PROCESSING, FAILED = "ready", "processing", "failed"


class MediaFile(Model):
    """One photograph, film or recording, owned by an account, in a post or waiting for one.

    `variants` is `{"grid"|"feed"|"full": {"key", "type", "width", "height", "bytes", "also": {type: bytes}}}`; what is
    `also` there lies beside it (`media/formats.py`). Of a film these are its poster, and `video` (or `audio`), `hls…` and
    `captions-…` are files of the same form. A remote file may have none and a `remote_url` instead. `camera` (lens, exposure …) is for its owner alone. While it waits for its post, a
    scheduled post or a draft may keep it from being collected. In the states `processing` and `failed` it has no
    variants; `original_key` then names what was sent.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="media")
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="media", null=True, on_delete=fields.SET_NULL
    )
    scheduled_post: fields.ForeignKeyNullableRelation[ScheduledPost] = fields.ForeignKeyField(
        "models.ScheduledPost", related_name="media", null=True, on_delete=fields.SET_NULL
    )
    draft: fields.ForeignKeyNullableRelation[SavedDraft] = fields.ForeignKeyField(
        "models.SavedDraft", related_name="media", null=True, on_delete=fields.SET_NULL
    )
    state = fields.CharField(max_length=10, default=READY, db_default=READY)
    position = fields.IntField(default=0)
    kind = fields.CharField(max_length=10, default="image")
    media_type = fields.CharField(max_length=100, default="")
    original_key = fields.CharField(max_length=255, null=True)
    variants: dict[str, dict[str, Any]] = fields.JSONField(default=dict)
    remote_url = fields.CharField(max_length=2048, null=True)
    thumbnail_remote_url = fields.CharField(max_length=2048, null=True)
    width = fields.IntField(null=True)
    height = fields.IntField(null=True)
    duration = fields.FloatField(null=True)
    """Seconds, of films and recordings."""
    size = fields.BigIntField(default=0)
    sha256 = fields.CharField(max_length=64, default="")
    """Of the file that is served as the best."""
    sent_sha256 = fields.CharField(max_length=64, default="", db_default="")
    """Of the file as it was uploaded; empty for what came before this was kept, and for other servers' files."""
    blurhash = fields.CharField(max_length=164, null=True)
    focus_x = fields.FloatField(default=0.0)
    focus_y = fields.FloatField(default=0.0)
    """Outside of -1 to 1 when it was cropped away: then it is shown as the nearest point within (`shown_focus`)."""
    description = fields.TextField(default="")
    camera: dict[str, Any] = fields.JSONField(default=dict)
    hidden = fields.BooleanField(default=False, db_default=False)
    """Its files were for everybody and are no more: they lie on the private shelf (`node/services/hidden_files.py`)."""
    created_at = created_at()
    """When it was uploaded, or last let go of by a post: from then on it waits for another."""

    account_id: int
    post_id: int | None
    scheduled_post_id: int | None
    draft_id: int | None

    class Meta:
        table = "media_files"
        indexes = [
            ("post_id", "position"),
            ("account_id",),
            ("account_id", "sent_sha256"),
            ("scheduled_post_id",),
            ("draft_id",),
        ]
