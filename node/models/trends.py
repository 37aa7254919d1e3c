"""What is talked about just now: counted now and then by `node/services/trends.py`, never while somebody waits."""

from __future__ import annotations

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.fields import Identifier, Moment
from node.models.posts import Hashtag, Post


class HashtagReview(Model):
    """What the moderators decided about a hashtag: may it trend, be found, be used at all. `None`: nothing yet."""

    id = Identifier()
    hashtag: fields.OneToOneRelation[Hashtag] = fields.OneToOneField("models.Hashtag", related_name="review")
    trendable: bool | None = fields.BooleanField(null=True)  # type: ignore[assignment]
    listable = fields.BooleanField(default=True)
    usable = fields.BooleanField(default=True)
    reviewed_at: datetime | None = Moment(null=True)  # type: ignore[assignment]

    hashtag_id: int

    class Meta:
        table = "hashtag_reviews"


class HashtagTrend(Model):
    """A hashtag that more people use than before. `peak` and `peaked_at` are what its score falls from."""

    id = Identifier()
    hashtag: fields.OneToOneRelation[Hashtag] = fields.OneToOneField("models.Hashtag", related_name="trend")
    score = fields.FloatField(default=0.0)
    peak = fields.FloatField(default=0.0)
    peaked_at = fields.BigIntField(default=0)

    hashtag_id: int

    class Meta:
        table = "hashtag_trends"
        indexes = [Index(fields=["score"])]


class PostReview(Model):
    """What the moderators decided about a post: whether it may trend."""

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="review")
    trendable = fields.BooleanField(default=False)

    post_id: int

    class Meta:
        table = "post_reviews"


class PostTrend(Model):
    """A post that many like and share just now."""

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="trend")
    score = fields.FloatField(default=0.0)

    post_id: int

    class Meta:
        table = "post_trends"
        indexes = [Index(fields=["score"])]
