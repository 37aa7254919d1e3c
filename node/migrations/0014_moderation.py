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
    dependencies = [("models", "0013_conversations")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccountWarning",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "target",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="target_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="warnings",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("moderator_id", fields.BigIntField()),
                ("action", fields.CharField(max_length=20)),
                ("text", fields.TextField(default="", unique=False)),
                ("report_id", fields.BigIntField(null=True)),
                ("post_ids", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "account_warnings",
                "app": "models",
                "indexes": [Index(fields=["target_id", "id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("account_id", fields.BigIntField()),
                ("action", fields.CharField(max_length=40)),
                ("target_kind", fields.CharField(max_length=40)),
                ("target_id", fields.BigIntField(null=True)),
                ("target_label", fields.CharField(default="", max_length=320)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "audit_log", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Account",
            name="sensitized_at",
            field=Moment(null=True),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["silenced_at"]),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["sensitized_at"]),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["suspended_at"]),
        ),
        ops.AddIndex(
            model_name="BrowserSession",
            index=Index(fields=["ip_address"]),
        ),
        ops.AddField(
            model_name="User",
            name="application_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="User",
            name="invited_by_id",
            field=fields.BigIntField(null=True),
        ),
        ops.AddField(
            model_name="User",
            name="sign_up_address",
            field=fields.CharField(default="", db_default="", max_length=45),
        ),
        ops.AddIndex(
            model_name="User",
            index=Index(fields=["sign_up_address"]),
        ),
        ops.AddIndex(
            model_name="User",
            index=Index(fields=["invited_by_id"]),
        ),
        ops.CreateModel(
            name="CanonicalEmailBlock",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("digest", fields.CharField(unique=True, max_length=64)),
                ("account_id", fields.BigIntField(null=True)),
                ("created_at", Moment(default=now)),
            ],
            options={
                "table": "canonical_email_blocks",
                "app": "models",
                "indexes": [Index(fields=["account_id"])],
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="DomainAllow",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("domain", fields.CharField(unique=True, max_length=255)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "domain_allows", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EmailDomainBlock",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("domain", fields.CharField(unique=True, max_length=255)),
                ("allow_with_approval", fields.BooleanField(default=False)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "email_domain_blocks", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EmailDomainAttempt",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                (
                    "block",
                    fields.ForeignKeyField(
                        "models.EmailDomainBlock",
                        source_field="block_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="attempts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("day", fields.IntField()),
                ("who", fields.CharField(max_length=64)),
                ("uses", fields.IntField(default=1)),
            ],
            options={
                "table": "email_domain_attempts",
                "app": "models",
                "unique_together": (("block_id", "day", "who"),),
                "pk_attr": "id",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="IpBlock",
            fields=[
                ("id", Identifier(primary_key=True, default=new_id, unique=True, db_index=True)),
                ("network", fields.CharField(unique=True, max_length=64)),
                ("severity", fields.CharField(max_length=30)),
                ("comment", fields.TextField(default="", unique=False)),
                ("expires_at", Moment(null=True)),
                ("created_at", Moment(default=now)),
            ],
            options={"table": "ip_blocks", "app": "models", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.AddField(
            model_name="DomainRule",
            name="obfuscate",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="DomainRule",
            name="reject_media",
            field=fields.BooleanField(default=False, db_default=False),
        ),
        ops.AddField(
            model_name="DomainRule",
            name="reject_reports",
            field=fields.BooleanField(default=False, db_default=False),
        ),
    ]
