"""Reports: what people here, and other servers, ask the moderators to look at."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at

SPAM, LEGAL, VIOLATION, OTHER = "spam", "legal", "violation", "other"
CATEGORIES = (SPAM, LEGAL, VIOLATION, OTHER)


class Report(Model):
    """A complaint about an account, and maybe about some of its posts. It is open until `action_taken_at`."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="reports_made")
    target: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="reports_of")
    post_ids: list[int] = fields.JSONField(default=list)
    rule_ids: list[int] = fields.JSONField(default=list)
    collection_ids: list[int] = fields.JSONField(default=list)
    comment = fields.TextField(default="")
    category = fields.CharField(max_length=10, default=OTHER)
    forward = fields.BooleanField(default=False)
    """Whether the reporter wants the target's server to hear of it."""
    forward_to: list[str] = fields.JSONField(default=list, db_default=[])
    """The domains that are to hear of it: the target's, and those of people it answered. None stands for the target's."""
    forwarded_at = Moment(null=True)
    assigned: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="reports_assigned", null=True, on_delete=fields.SET_NULL
    )
    action_taken_at = Moment(null=True)
    action_taken_by: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="reports_resolved", null=True, on_delete=fields.SET_NULL
    )
    updated_at = created_at()
    created_at = created_at()

    account_id: int
    target_id: int
    assigned_id: int | None
    action_taken_by_id: int | None

    class Meta:
        table = "reports"
        indexes = [
            Index(fields=["target_id", "id"]),
            Index(fields=["account_id", "id"]),
            Index(fields=["assigned_id"]),
            Index(fields=["action_taken_by_id"]),
        ]


class ReportNote(Model):
    """What a moderator noted on a report, for the other moderators."""

    id = Identifier()
    report: fields.ForeignKeyRelation[Report] = fields.ForeignKeyField("models.Report", related_name="notes")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="report_notes")
    content = fields.TextField()
    created_at = created_at()

    report_id: int
    account_id: int

    class Meta:
        table = "report_notes"
        indexes = [Index(fields=["report_id", "id"]), Index(fields=["account_id"])]
