from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [("models", "0008_scheduled_posts_and_drafts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccountCollection",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="collections",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("uri", fields.CharField(unique=True, max_length=2048)),
                ("name", fields.CharField(max_length=255)),
                ("description", fields.TextField(default="", unique=False)),
                ("language", fields.CharField(null=True, max_length=35)),
                ("sensitive", fields.BooleanField(default=False)),
                ("discoverable", fields.BooleanField(default=False)),
                (
                    "hashtag",
                    fields.ForeignKeyField(
                        "models.Hashtag",
                        source_field="hashtag_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="account_collections",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", Moment(default=now)),
                ("updated_at", Moment(default=now)),
            ],
            options={
                "table": "account_collections",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"]), Index(fields=["hashtag_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AccountCollectionItem",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "collection",
                    fields.ForeignKeyField(
                        "models.AccountCollection",
                        source_field="collection_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="items",
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
                        related_name="collected_in",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("position", fields.IntField(default=1)),
                ("state", fields.CharField(default="pending", max_length=10)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "account_collection_items",
                "app": "models",
                "unique_together": (("collection_id", "account_id"),),
                "indexes": [Index(fields=["account_id", "state", "collection_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DismissedSuggestion",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="dismissals",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "target",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="target_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="dismissed_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "dismissed_suggestions",
                "app": "models",
                "unique_together": (("account_id", "target_id"),),
                "indexes": [Index(fields=["target_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["discoverable", "followers_count"]),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["discoverable", "last_post_at", "id"]),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["discoverable", "id"]),
        ),
    ]
