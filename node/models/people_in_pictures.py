"""Who can be seen in a picture, and where in it."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, created_at
from node.models.media import MediaFile
from node.models.posts import Post

SHOWN, WAITING, REMOVED = "shown", "waiting", "removed"


class PersonInPicture(Model):
    """`account` is tagged in a picture of `post`: `x` from the left and `y` from the top, as parts of the picture as it
    is shown. Outside of 0 to 1 they were cropped away: then the account is not shown, but may be again.

    `waiting` until the account agrees, `removed` when it did not or took it back: it is not tagged there again.
    """

    id = Identifier()
    media: fields.ForeignKeyRelation[MediaFile] = fields.ForeignKeyField("models.MediaFile", related_name="people")
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="people")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="tagged_in")
    x = fields.FloatField()
    y = fields.FloatField()
    state = fields.CharField(max_length=10, default=SHOWN)
    created_at = created_at()

    media_id: int
    post_id: int
    account_id: int

    class Meta:
        table = "people_in_pictures"
        unique_together = (("media_id", "account_id"),)
        indexes = [("account_id", "state", "post_id"), ("post_id",)]
