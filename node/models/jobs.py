"""Durable work."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.fields import Identifier, Moment, created_at

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


class Job(Model):
    """One piece of work. States: waiting → running → done | waiting (retry) | failed (given up, for the admin to see).

    `key` makes it unique: a second enqueue under the same key is dropped, also after it is done (done jobs with a key
    are kept a week, then forgotten; those without are deleted at once). Jobs of one `lane` run one after another.
    """

    id = Identifier()
    queue = fields.CharField(max_length=30)
    kind = fields.CharField(max_length=60)
    payload: dict[str, Any] = fields.JSONField(default=dict)
    key = fields.CharField(max_length=2100, null=True, unique=True)
    lane = fields.CharField(max_length=255, null=True)
    state = fields.CharField(max_length=10, default=WAITING)
    attempts = fields.IntField(default=0)
    run_at = Moment()
    lease_until = Moment(null=True)
    error = fields.TextField(default="")
    created_at = created_at()

    class Meta:
        table = "jobs"
        indexes = [Index(fields=["state", "queue", "run_at"])]
