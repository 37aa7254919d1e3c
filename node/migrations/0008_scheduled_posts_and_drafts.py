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
    dependencies = [("models", "0007_lists_and_followed_tags")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SavedDraft",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("parameters", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("scheduled_at", Moment(null=True)),
                ("created_at", Moment(default=now)),
                ("updated_at", Moment(default=now)),
            ],
            options={
                "table": "drafts",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScheduledPost",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="scheduled_posts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("scheduled_at", Moment()),
                ("parameters", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("idempotency_mark", fields.CharField(null=True, unique=True, max_length=64)),
            ],
            options={
                "table": "scheduled_posts",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"]), Index(fields=["account_id", "scheduled_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="MediaFile",
            name="draft",
            field=fields.ForeignKeyField(
                "models.SavedDraft",
                source_field="draft_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="media",
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="MediaFile",
            name="scheduled_post",
            field=fields.ForeignKeyField(
                "models.ScheduledPost",
                source_field="scheduled_post_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="media",
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="MediaFile",
            name="state",
            field=fields.CharField(default="ready", db_default="ready", max_length=10),
        ),
        ops.AddIndex(
            model_name="MediaFile",
            index=Index(fields=["scheduled_post_id"]),
        ),
        ops.AddIndex(
            model_name="MediaFile",
            index=Index(fields=["draft_id"]),
        ),
    ]
