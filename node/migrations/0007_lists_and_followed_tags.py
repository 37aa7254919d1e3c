from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [("models", "0006_graph_and_profiles")]

    initial = False

    operations = [
        ops.CreateModel(
            name="FeaturedTag",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="featured_tags",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "hashtag",
                    fields.ForeignKeyField(
                        "models.Hashtag",
                        source_field="hashtag_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="featured_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=255)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "featured_tags",
                "app": "models",
                "unique_together": (("account_id", "hashtag_id"),),
                "indexes": [Index(fields=["hashtag_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="List",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lists",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("title", fields.CharField(max_length=256)),
                ("replies_policy", fields.CharField(default="list", max_length=10)),
                ("exclusive", fields.BooleanField(default=False)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "lists",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ListEntry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "list",
                    fields.ForeignKeyField(
                        "models.List",
                        source_field="list_id",
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
                        related_name="list_entries",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "list_entries",
                "app": "models",
                "unique_together": (("list_id", "post_id"),),
                "indexes": [Index(fields=["post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ListMember",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "list",
                    fields.ForeignKeyField(
                        "models.List",
                        source_field="list_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("owner_id", fields.BigIntField()),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="listed_in",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "list_members",
                "app": "models",
                "unique_together": (("list_id", "account_id"),),
                "indexes": [Index(fields=["owner_id", "account_id"]), Index(fields=["account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TagFollow",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tag_follows",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "hashtag",
                    fields.ForeignKeyField(
                        "models.Hashtag",
                        source_field="hashtag_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="followed_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "tag_follows",
                "app": "models",
                "unique_together": (("account_id", "hashtag_id"),),
                "indexes": [Index(fields=["hashtag_id"]), Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
