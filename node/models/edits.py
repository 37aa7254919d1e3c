"""What is done to photographs: a recipe beside the original, which stays as it is."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier, Moment
from node.models.media import MediaFile


class PhotoEdit(Model):
    """The recipe a photograph is shown with (`media.edits.recipe.Recipe`, as JSON), and those it had before.

    `pending` is what was asked for last, while it is still being worked on. `version` grows with everything that is asked
    for, so that work on something older is told from what is wanted. `problem` is why the last could not be done.
    """

    id = Identifier()
    media: fields.OneToOneRelation[MediaFile] = fields.OneToOneField("models.MediaFile", related_name="edit")
    recipe: dict[str, Any] = fields.JSONField(default=dict)
    pending: dict[str, Any] | None = fields.JSONField(null=True)
    past: list[dict[str, Any]] = fields.JSONField(default=list)
    """The recipes before, oldest first."""
    look = fields.CharField(max_length=40, default="")
    """The filter that shows, for whoever lists pictures."""
    version = fields.IntField(default=1)
    problem = fields.CharField(max_length=255, default="")
    changed_at = Moment()

    media_id: int

    class Meta:
        table = "photo_edits"
