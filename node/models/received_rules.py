"""Rules about what comes from servers and programs nobody here asked for."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.posts import Post

HOLD, REJECT, SILENCE = "hold", "reject", "silence"
KEYWORD_ACTIONS = (HOLD, REJECT, SILENCE)
LIMIT = "limit"
NEWCOMER_ACTIONS = (HOLD, LIMIT)
INBOX, API, EVERYWHERE = "inbox", "api", "everywhere"
PLACES = (INBOX, API, EVERYWHERE)


class KeywordRule(Model):
    """What becomes of posts with these words by people elsewhere whom nobody here follows: held for the moderators,
    rejected, or taken with their author silenced."""

    id = Identifier()
    keyword = fields.CharField(max_length=200, unique=True)
    whole_word = fields.BooleanField(default=True)
    action = fields.CharField(max_length=10)
    created_at = created_at()

    class Meta:
        table = "keyword_rules"


class HeldPost(Model):
    """A post that a keyword rule holds back until a moderator has looked at it. `keyword` outlives its rule."""

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="held")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="held_posts")
    keyword = fields.CharField(max_length=200)
    created_at = created_at()

    post_id: int
    account_id: int

    class Meta:
        table = "held_posts"
        indexes = [Index(fields=["account_id"])]


class NewcomerRule(Model):
    """How servers are treated that have been known here for fewer than `days`: there is one such rule at most."""

    id = Identifier()
    days = fields.IntField()
    action = fields.CharField(max_length=10)
    created_at = created_at()

    class Meta:
        table = "newcomer_rules"


class HeaderBlock(Model):
    """Requests whose `header` contains `pattern` (whatever the case) are refused, at the inboxes, the API or everywhere."""

    id = Identifier()
    header = fields.CharField(max_length=100)
    pattern = fields.CharField(max_length=200)
    place = fields.CharField(max_length=10)
    comment = fields.TextField(default="")
    created_at = created_at()

    class Meta:
        table = "header_blocks"
        unique_together = (("header", "pattern", "place"),)
