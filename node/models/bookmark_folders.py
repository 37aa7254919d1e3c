"""Folders for saved posts."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.graph import Bookmark


class BookmarkFolder(Model):
    """A folder of `account`'s, which nobody else sees."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="bookmark_folders"
    )
    name = fields.CharField(max_length=100)
    created_at = created_at()

    account_id: int

    class Meta:
        table = "bookmark_folders"
        indexes = [("account_id", "id")]


class FiledBookmark(Model):
    """`bookmark` is in `folder`; a saved post may be in several."""

    id = Identifier()
    folder: fields.ForeignKeyRelation[BookmarkFolder] = fields.ForeignKeyField(
        "models.BookmarkFolder", related_name="entries"
    )
    bookmark: fields.ForeignKeyRelation[Bookmark] = fields.ForeignKeyField("models.Bookmark", related_name="filed")

    folder_id: int
    bookmark_id: int

    class Meta:
        table = "filed_bookmarks"
        unique_together = (("folder_id", "bookmark_id"),)
        indexes = [("bookmark_id",), ("folder_id", "id")]
