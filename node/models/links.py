"""Which posts lead to which page."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.fields import Identifier
from node.models.posts import Post


class PostLink(Model):
    """The text of a post links to an address, kept as the hash `address_key` (`node/services/links.py`)."""

    id = Identifier()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="links")
    address_key = fields.CharField(max_length=64)

    post_id: int

    class Meta:
        table = "post_links"
        unique_together = (("address_key", "post_id"),)
        indexes = [("post_id",)]
