"""What is known of posts of other servers by having read them there."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.fields import Identifier, Moment
from node.models.posts import Post


class PostReading(Model):
    """When a post was last read at its origin, what it said there, and how the thread below it was filled.

    The counts are its origin's word: they are shown, nothing depends on them. `refresh_key` is what apps ask by whether
    the filling is over.
    """

    id = Identifier()
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="reading")
    likes = fields.IntField(null=True)
    shares = fields.IntField(null=True)
    comments = fields.IntField(null=True)
    read_at = Moment(null=True)
    missing_since = Moment(null=True)
    """When its origin first answered that there is no such post; cleared when it is there again."""
    fill_began_at = Moment(null=True)
    fill_ended_at = Moment(null=True)
    found = fields.IntField(default=0)
    """How many comments the filling has found so far."""
    refresh_key = fields.CharField(max_length=32, null=True)

    post_id: int

    class Meta:
        table = "post_readings"
        indexes = [Index(fields=["refresh_key"])]
