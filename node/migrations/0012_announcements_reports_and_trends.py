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
    dependencies = [("models", "0011_notifications_and_push")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Announcement",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("text", fields.TextField(unique=False)),
                ("content", fields.TextField(unique=False)),
                ("mentioned_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("post_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("starts_at", Moment(null=True)),
                ("ends_at", Moment(null=True)),
                ("all_day", fields.BooleanField(default=False)),
                ("published_at", Moment(null=True)),
                ("updated_at", Moment(default=now)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "announcements", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AnnouncementDismissal",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "announcement",
                    fields.ForeignKeyField(
                        "models.Announcement",
                        source_field="announcement_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="dismissals",
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
                        related_name="dismissed_announcements",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "announcement_dismissals",
                "app": "models",
                "unique_together": (("account_id", "announcement_id"),),
                "indexes": [Index(fields=["announcement_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AnnouncementReaction",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "announcement",
                    fields.ForeignKeyField(
                        "models.Announcement",
                        source_field="announcement_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="reactions",
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
                        related_name="announcement_reactions",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("name", fields.CharField(max_length=100)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "announcement_reactions",
                "app": "models",
                "unique_together": (("announcement_id", "name", "account_id"),),
                "indexes": [Index(fields=["account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HashtagReview",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "hashtag",
                    fields.OneToOneField(
                        "models.Hashtag",
                        source_field="hashtag_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="review",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("trendable", fields.BooleanField(null=True)),
                ("listable", fields.BooleanField(default=True)),
                ("usable", fields.BooleanField(default=True)),
                ("reviewed_at", Moment(null=True)),
            ],
            options={"table": "hashtag_reviews", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="HashtagTrend",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "hashtag",
                    fields.OneToOneField(
                        "models.Hashtag",
                        source_field="hashtag_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="trend",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("score", fields.FloatField(default=0.0)),
                ("peak", fields.FloatField(default=0.0)),
                ("peaked_at", fields.BigIntField(default=0)),
            ],
            options={"table": "hashtag_trends", "app": "models", "indexes": [Index(fields=["score"])], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PostReview",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="review",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("trendable", fields.BooleanField(default=False)),
            ],
            options={"table": "post_reviews", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PostTrend",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "post",
                    fields.OneToOneField(
                        "models.Post",
                        source_field="post_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="trend",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("score", fields.FloatField(default=0.0)),
            ],
            options={"table": "post_trends", "app": "models", "indexes": [Index(fields=["score"])], "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Report",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="reports_made",
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
                        related_name="reports_of",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("post_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("rule_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("collection_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("comment", fields.TextField(default="", unique=False)),
                ("category", fields.CharField(default="other", max_length=10)),
                ("forward", fields.BooleanField(default=False)),
                ("forwarded_at", Moment(null=True)),
                (
                    "assigned",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="assigned_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reports_assigned",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("action_taken_at", Moment(null=True)),
                (
                    "action_taken_by",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="action_taken_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reports_resolved",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("updated_at", Moment(default=now)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "reports",
                "app": "models",
                "indexes": [
                    Index(fields=["target_id", "id"]),
                    Index(fields=["account_id", "id"]),
                    Index(fields=["assigned_id"]),
                    Index(fields=["action_taken_by_id"]),
                ],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReportNote",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "report",
                    fields.ForeignKeyField(
                        "models.Report",
                        source_field="report_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notes",
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
                        related_name="report_notes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("content", fields.TextField(unique=False)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "report_notes",
                "app": "models",
                "indexes": [Index(fields=["report_id", "id"]), Index(fields=["account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
    ]
