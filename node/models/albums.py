"""Albums: posts their author put together, in an order."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from node import clock
from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.media import MediaFile
from node.models.posts import Post

PUBLIC, PRIVATE, DRAFT = "public", "private", "draft"
VISIBILITIES = (PUBLIC, PRIVATE, DRAFT)
"""For everyone, for the owner's followers, for the owner alone."""


class Album(Model):
    """An album of `account`'s; `published_at` is when others could first see it. Its `cover` is a picture of one of its posts,
    while it is in there; else the first picture stands for it."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="albums")
    title = fields.CharField(max_length=50, default="")
    description = fields.CharField(max_length=500, default="")
    visibility = fields.CharField(max_length=10, default=DRAFT)
    cover: fields.ForeignKeyNullableRelation[MediaFile] = fields.ForeignKeyField(
        "models.MediaFile", related_name="covered_albums", null=True, on_delete=fields.SET_NULL
    )
    published_at: datetime | None = Moment(null=True)  # type: ignore[assignment]
    created_at = created_at()
    updated_at = Moment(default=clock.now)

    account_id: int
    cover_id: int | None

    class Meta:
        table = "albums"
        indexes = [("account_id", "id"), ("cover_id",)]


class AlbumPost(Model):
    """`post` is in `album`. One that its author took out of somebody else's is `withdrawn`: it stays out."""

    id = Identifier()
    album: fields.ForeignKeyRelation[Album] = fields.ForeignKeyField("models.Album", related_name="entries")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="album_entries")
    position = fields.IntField(default=0)
    withdrawn = fields.BooleanField(default=False, db_default=False)

    album_id: int
    post_id: int

    class Meta:
        table = "album_posts"
        unique_together = (("album_id", "post_id"),)
        indexes = [("post_id",)]
