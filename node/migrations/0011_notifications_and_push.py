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
    dependencies = [("models", "0010_quotes_and_policies")]

    initial = False

    operations = [
        ops.CreateModel(
            name="NotificationPermission",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="permits",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "from_account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="from_account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="permitted_by",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "notification_permissions",
                "app": "models",
                "unique_together": (("account_id", "from_account_id"),),
                "indexes": [Index(fields=["from_account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NotificationPolicy",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.OneToOneField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notification_policy",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("for_not_following", fields.CharField(default="accept", max_length=6)),
                ("for_not_followers", fields.CharField(default="accept", max_length=6)),
                ("for_new_accounts", fields.CharField(default="accept", max_length=6)),
                ("for_private_mentions", fields.CharField(default="filter", max_length=6)),
                ("for_limited_accounts", fields.CharField(default="filter", max_length=6)),
                ("for_bots", fields.CharField(default="accept", max_length=6)),
            ],
            options={"table": "notification_policies", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NotificationRequest",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notification_requests",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "from_account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="from_account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="requests_notifying",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "last_post",
                    fields.ForeignKeyField(
                        "models.Post",
                        source_field="last_post_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="last_of_requests",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", Moment(default=now)),
                ("updated_at", Moment()),
            ],
            options={
                "table": "notification_requests",
                "app": "models",
                "unique_together": (("account_id", "from_account_id"),),
                "indexes": [
                    Index(fields=["account_id", "id"]),
                    Index(fields=["from_account_id"]),
                    Index(fields=["last_post_id"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "token",
                    fields.OneToOneField(
                        "models.AccessToken",
                        source_field="token_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="push_subscription",
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
                        related_name="push_subscriptions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("endpoint", fields.TextField(unique=False)),
                ("key_p256dh", fields.CharField(max_length=100)),
                ("key_auth", fields.CharField(max_length=40)),
                ("standard", fields.BooleanField(default=False)),
                ("alerts", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("policy", fields.CharField(default="all", max_length=10)),
                ("sealed_token", fields.TextField(unique=False)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "push_subscriptions",
                "app": "models",
                "indexes": [Index(fields=["account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Notification",
            name="filtered",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="Notification",
            name="group_key",
            field=fields.CharField(null=True, max_length=60),
        ),
        ops.AddField(
            model_name="Notification",
            name="subject_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddIndex(
            model_name="Notification",
            index=Index(fields=["account_id", "group_key", "id"]),
        ),
        ops.AddIndex(
            model_name="Notification",
            index=Index(fields=["account_id", "from_account_id", "id"]),
        ),
    ]
