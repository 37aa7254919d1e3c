"""Pinned posts and comments, muted threads, quotes, and who may do what with a post."""

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
    dependencies = [("models", "0009_suggestions_and_collections")]

    initial = False

    operations = [
        ops.CreateModel(
            name="PinnedPost",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="pins",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "post",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="pin",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "pinned_posts",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ThreadMute",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="thread_mutes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("conversation_id", fields.BigIntField()),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "thread_mutes",
                "app": "models",
                "unique_together": (("account_id", "conversation_id"),),
                "indexes": [Index(fields=["conversation_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Quote",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="quote",
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
                        related_name="quotes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "quoted_post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="quoted_post_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="quoted_by",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "quoted_account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="quoted_account_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="quoted_in",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("state", fields.CharField(default="pending", max_length=10)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "quotes",
                "app": "models",
                "indexes": [
                    Index(fields=["quoted_post_id", "state", "id"]),
                    Index(fields=["account_id"]),
                    Index(fields=["quoted_account_id"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Post",
            name="comment_policy",
            field=fields.CharField(default="public", db_default="public", max_length=10),
        ),
        ops.AddField(
            model_name="Post",
            name="hide_like_counts",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Post",
            name="quote_policy",
            field=fields.CharField(default="public", db_default="public", max_length=10),
        ),
        ops.AddField(
            model_name="Post",
            name="quotes_count",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.AddField(
            model_name="Post",
            name="share_policy",
            field=fields.CharField(default="public", db_default="public", max_length=10),
        ),
        ops.RunSQL(
            "UPDATE posts SET quote_policy = 'nobody'"
            " WHERE is_local = FALSE OR visibility NOT IN ('public', 'unlisted')"
        ),
        ops.CreateModel(
            name="CommentLimits",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.OneToOneField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="comment_limits",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("keywords", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("min_account_age_days", fields.IntField(default=0)),
                ("followers_only", fields.BooleanField(default=False)),
            ],
            options={"table": "comment_limits", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PinnedComment",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="pinned_comments",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "comment",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="comment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="comment_pin",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "pinned_comments",
                "app": "models",
                "indexes": [Index(fields=["post_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Post",
            name="held_for",
            field=fields.BigIntField(null=True),
        ),
    ]
