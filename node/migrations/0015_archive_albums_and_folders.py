from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [("models", "0014_moderation")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Album",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="albums",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("title", fields.CharField(default="", max_length=50)),
                ("description", fields.CharField(default="", max_length=500)),
                ("visibility", fields.CharField(default="draft", max_length=10)),
                ("published_at", Moment(null=True)),
                ("created_at", Moment(default=now)),
                ("updated_at", Moment(default=now)),
            ],
            options={
                "table": "albums",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AlbumPost",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "album",
                    fields.ForeignKeyField(
                        "models.Album",
                        source_field="album_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="album_entries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.IntField(default=0)),
            ],
            options={
                "table": "album_posts",
                "app": "models",
                "unique_together": (("album_id", "post_id"),),
                "indexes": [Index(fields=["post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ArchivedPost",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="archived",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="archive",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("visibility", fields.CharField(max_length=10)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "archived_posts",
                "app": "models",
                "indexes": [Index(fields=["account_id", "post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BookmarkFolder",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="bookmark_folders",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=100)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "bookmark_folders",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FiledBookmark",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "folder",
                    fields.ForeignKeyField(
                        "models.BookmarkFolder",
                        source_field="folder_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "bookmark",
                    fields.ForeignKeyField(
                        "models.Bookmark",
                        source_field="bookmark_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="filed",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "filed_bookmarks",
                "app": "models",
                "unique_together": (("folder_id", "bookmark_id"),),
                "indexes": [Index(fields=["bookmark_id"]), Index(fields=["folder_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddIndex(
            model_name="Post",
            index=Index(fields=["place_id"]),
        ),
    ]
