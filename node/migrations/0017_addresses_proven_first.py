from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.clock import now
from node.ids import new_id
from node.models.fields import Identifier, Moment


class Migration(migrations.Migration):
    dependencies = [("models", "0016_links_of_posts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="ProvenAddress",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("email_key", fields.CharField(unique=True, max_length=320)),
                ("code_hash", fields.CharField(max_length=64)),
                ("attempts_left", fields.IntField()),
                ("expires_at", Moment()),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "proven_addresses",
                "app": "models",
                "indexes": [Index(fields=["expires_at"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
