from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [("models", "0003_weeks")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Filter",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="filters",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("title", fields.CharField(max_length=256)),
                ("contexts", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("action", fields.CharField(default="warn", max_length=10)),
                ("expires_at", Moment(null=True)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "filters",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FilterKeyword",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "custom_filter",
                    fields.ForeignKeyField(
                        "models.Filter",
                        source_field="custom_filter_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="keywords",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("keyword", fields.CharField(max_length=512)),
                ("whole_word", fields.BooleanField(default=True)),
            ],
            options={
                "table": "filter_keywords",
                "app": "models",
                "indexes": [Index(fields=["custom_filter_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FilterStatus",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "custom_filter",
                    fields.ForeignKeyField(
                        "models.Filter",
                        source_field="custom_filter_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="statuses",
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
                        related_name="filtered_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "filter_statuses",
                "app": "models",
                "unique_together": (("custom_filter_id", "post_id"),),
                "indexes": [Index(fields=["post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="User",
            name="filters_version",
            field=fields.IntField(default=0, db_default=0),
        ),
    ]
