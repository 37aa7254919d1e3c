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
    dependencies = [("models", "0004_filters")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Poll",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="poll",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("options", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("tallies", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("multiple", fields.BooleanField(default=False)),
                ("hide_totals", fields.BooleanField(default=False)),
                ("votes_count", fields.IntField(default=0)),
                ("voters_count", fields.IntField(null=True)),
                ("expires_at", Moment(null=True)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "polls", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PollVote",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "poll",
                    fields.ForeignKeyField(
                        "models.Poll",
                        source_field="poll_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="votes",
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
                        related_name="poll_votes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("choice", fields.IntField()),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "poll_votes",
                "app": "models",
                "unique_together": (("poll_id", "account_id", "choice"),),
                "indexes": [Index(fields=["account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="PostEdit",
            name="poll_options",
            field=fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
