from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from node.ids import new_id
from node.models.fields import Identifier


class Migration(migrations.Migration):
    dependencies = [("models", "0012_announcements_reports_and_trends")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Conversation",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="conversations",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("thread_id", fields.BigIntField()),
                ("participants", fields.TextField(unique=False)),
                ("participants_key", fields.CharField(max_length=64)),
                ("last_post_id", fields.BigIntField()),
                ("unread", fields.BooleanField(default=False)),
            ],
            options={
                "table": "conversations",
                "app": "models",
                "unique_together": (("account_id", "thread_id", "participants_key"),),
                "indexes": [Index(fields=["account_id", "last_post_id"]), Index(fields=["last_post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConversationPost",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "conversation",
                    fields.ForeignKeyField(
                        "models.Conversation",
                        source_field="conversation_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="posts",
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
                        related_name="conversation_posts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "conversation_posts",
                "app": "models",
                "unique_together": (("conversation_id", "post_id"),),
                "indexes": [Index(fields=["post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
