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
    dependencies = [("models", "0005_polls")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccountNote",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notes",
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
                        related_name="noted_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("comment", fields.TextField(unique=False)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "account_notes",
                "app": "models",
                "unique_together": (("account_id", "target_id"),),
                "indexes": [Index(fields=["target_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DomainBlock",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="domain_blocks",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("domain", fields.CharField(max_length=255)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "account_domain_blocks",
                "app": "models",
                "unique_together": (("account_id", "domain"),),
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Endorsement",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="endorsements",
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
                        related_name="endorsed_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "endorsements",
                "app": "models",
                "unique_together": (("account_id", "target_id"),),
                "indexes": [Index(fields=["account_id", "id"]), Index(fields=["target_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Account",
            name="attribution_domains",
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="Account",
            name="memorial",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Account",
            name="show_featured",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name="Account",
            name="show_media",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name="Account",
            name="show_media_replies",
            field=fields.BooleanField(default=True, db_default=True),
        ),
        ops.AddField(
            model_name="Follow",
            name="languages",
            field=fields.CharField(null=True, max_length=1000),
        ),
        ops.AddIndex(
            model_name="Mute",
            index=Index(fields=["expires_at"]),
        ),
    ]
