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
    dependencies = [("models", "0017_addresses_proven_first")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccountMove",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves",
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
                        related_name="moves_to_it",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "account_moves",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"]), Index(fields=["target_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="TakenBack",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="taken_back",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("uri", fields.CharField(max_length=2048)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "taken_back",
                "app": "models",
                "unique_together": (("account_id", "uri"),),
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="OutgoingActivity",
            name="for_followers",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Report",
            name="forward_to",
            field=fields.JSONField(default=list, db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
