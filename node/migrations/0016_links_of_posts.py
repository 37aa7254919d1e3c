from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.ids import new_id
from node.models.fields import Identifier


class Migration(migrations.Migration):
    dependencies = [("models", "0015_archive_albums_and_folders")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PostLink",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("address_key", fields.CharField(max_length=64)),
            ],
            options={
                "table": "post_links",
                "app": "models",
                "unique_together": (("address_key", "post_id"),),
                "indexes": [Index(fields=["post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
