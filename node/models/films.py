"""Films and recordings that are, or were, worked on."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, Moment
from node.models.media import MediaFile


class Film(Model):
    """What the owner of an uploaded film wants of it, and how far the work is.

    `seconds` is the original's length. `edits` is a `media.video.facts.FilmEdits` as plain values; `poster_at` the
    moment of the poster, `has_poster` says that its owner gave one. `stage` is `waiting`, then what is being made;
    `progress` counts to 100. `reason` is why nothing came of it, a sentence for the owner.

    `pending` is what was asked for last, while it is worked on: the form of the other columns, and the `past` to be
    (those before, oldest first). `version` grows with everything that is asked for, so that work on something older is
    told from what is wanted.
    """

    id = Identifier()
    media: fields.OneToOneRelation[MediaFile] = fields.OneToOneField("models.MediaFile", related_name="film")
    seconds = fields.FloatField(default=0.0)
    edits: dict[str, Any] = fields.JSONField(default=dict)
    poster_at = fields.FloatField(null=True)
    has_poster = fields.BooleanField(default=False)
    stage = fields.CharField(max_length=10, default="waiting")
    progress = fields.IntField(default=0)
    reason = fields.CharField(max_length=300, default="")
    pending: dict[str, Any] | None = fields.JSONField(null=True)
    past: list[dict[str, Any]] | None = fields.JSONField(null=True)
    version = fields.IntField(default=0, db_default=0)
    changed_at = Moment(null=True)

    media_id: int

    class Meta:
        table = "films"
