"""Direct messages as conversations: a thread among the same people, once for each of them who is here."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier
from node.models.posts import Post


class Conversation(Model):
    """A thread of direct posts among the same people, as `account` has it.

    `participants` are the others' ids, in order, joined by commas; `participants_key` is their SHA-256, since there
    may be many. `last_post_id` is the newest of its posts, by which conversations are paged.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="conversations")
    thread_id = fields.BigIntField()
    participants = fields.TextField()
    participants_key = fields.CharField(max_length=64)
    last_post_id = fields.BigIntField()
    unread = fields.BooleanField(default=False)

    account_id: int

    class Meta:
        table = "conversations"
        unique_together = (("account_id", "thread_id", "participants_key"),)
        indexes = [("account_id", "last_post_id"), ("last_post_id",)]


class ConversationPost(Model):
    """A post of a conversation."""

    id = Identifier()
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="posts"
    )
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="conversation_posts")

    conversation_id: int
    post_id: int

    class Meta:
        table = "conversation_posts"
        unique_together = (("conversation_id", "post_id"),)
        indexes = [("post_id",)]
