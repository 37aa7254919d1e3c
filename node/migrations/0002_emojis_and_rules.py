from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [("models", "0001_initial")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CustomEmoji",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("shortcode", fields.CharField(max_length=100)),
                ("domain", fields.CharField(default="", max_length=255)),
                ("file_key", fields.CharField(null=True, max_length=255)),
                ("static_key", fields.CharField(null=True, max_length=255)),
                ("remote_url", fields.CharField(null=True, max_length=2048)),
                ("category", fields.CharField(null=True, max_length=100)),
                ("visible_in_picker", fields.BooleanField(default=True)),
                ("disabled", fields.BooleanField(default=False)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "custom_emojis",
                "app": "models",
                "unique_together": (("shortcode", "domain"),),
                "indexes": [Index(fields=["domain", "shortcode"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Rule",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("text", fields.TextField(unique=False)),
                ("hint", fields.TextField(default="", unique=False)),
                ("position", fields.IntField(default=0)),
                ("translations", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("deleted_at", Moment(null=True)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "rules", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
