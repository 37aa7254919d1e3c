"""Polls: a question that hangs on a post, and how people answered it."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.posts import Post


class Poll(Model):
    """The poll of a post. `tallies` are the votes for each of `options`, in their order.

    Of a remote post they are what its server said last; `voters_count` is then missing when it did not say, and
    `expires_at` when the poll never ends. `hide_totals`: the tallies are shown only once it has ended.
    """

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="poll")
    options: list[str] = fields.JSONField(default=list)
    tallies: list[int] = fields.JSONField(default=list)
    multiple = fields.BooleanField(default=False)
    hide_totals = fields.BooleanField(default=False)
    votes_count = fields.IntField(default=0)
    voters_count = fields.IntField(null=True)
    expires_at: datetime | None = Moment(null=True)  # type: ignore[assignment]
    created_at = created_at()

    post_id: int

    class Meta:
        table = "polls"


class PollVote(Model):
    """An account's vote for one option, by its position."""

    id = Identifier()
    poll: fields.ForeignKeyRelation[Poll] = fields.ForeignKeyField("models.Poll", related_name="votes")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="poll_votes")
    choice = fields.IntField()
    created_at = created_at()

    poll_id: int
    account_id: int

    class Meta:
        table = "poll_votes"
        unique_together = (("poll_id", "account_id", "choice"),)
        indexes = [("account_id",)]
