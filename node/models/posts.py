"""Posts in every form: photographs, comments, shares, direct messages; their history, mentions and hashtags."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.credentials import Application
from node.models.fields import Identifier, Moment, created_at

PUBLIC, UNLISTED, FOLLOWERS, MEMBERS, DIRECT = "public", "unlisted", "followers", "members", "direct"
VISIBILITIES = (PUBLIC, UNLISTED, FOLLOWERS, MEMBERS, DIRECT)
"""From widest to narrowest. `members`: those written down as silently addressed when it was published, fixed from then on
(`node/services/audiences.py`)."""
ARCHIVED = "archived"
"""The visibility of a post its author put away (`node/services/archive.py`): nobody publishes one."""
FOR_STAFF = 0
"""For whom a post is held back (`Post.held_for`) that waits for a moderator: this is no account's id."""


class Place(Model):
    """Somewhere a photograph was taken, as its author names it; for everybody to name, or somebody's own (`owner`).

    The `country` of one's own is a mark of whose it is, so that others may call theirs the same, and is never shown.
    Where it is exactly is for its owner alone when it `hides_position`.
    """

    id = Identifier()
    name = fields.CharField(max_length=255)
    country = fields.CharField(max_length=255, default="")
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    owner: fields.ForeignKeyNullableRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="places", null=True
    )
    hides_position = fields.BooleanField(default=False, db_default=False)

    owner_id: int | None

    class Meta:
        table = "places"
        unique_together = (("name", "country"),)
        indexes = [("owner_id",)]


class Post(Model):
    """Permanent content: a post, a comment (`parent`), a share (`shared_post`).

    `content` is sanitised HTML ready to show; `text` what a local author typed. `version` grows with every change
    another person can see, counters included: rendered copies are kept by (id, version).
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="posts")
    uri = fields.CharField(max_length=2048, unique=True)
    url = fields.CharField(max_length=2048, null=True)
    parent: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="comments", null=True, on_delete=fields.SET_NULL
    )
    parent_account_id = fields.BigIntField(null=True)
    parent_uri = fields.CharField(max_length=2048, null=True)
    """Set while the parent is not known here; cleared once it is."""
    conversation_id = fields.BigIntField(null=True)
    """The id of the post that began the thread; its own for a top post."""
    shared_post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="shares", null=True
    )
    visibility = fields.CharField(max_length=10, default=PUBLIC)
    content = fields.TextField(default="")
    text = fields.TextField(default="")
    spoiler_text = fields.TextField(default="")
    sensitive = fields.BooleanField(default=False)
    language = fields.CharField(max_length=35, null=True)
    place: fields.ForeignKeyNullableRelation[Place] = fields.ForeignKeyField(
        "models.Place", related_name="posts", null=True, on_delete=fields.SET_NULL
    )
    application: fields.ForeignKeyNullableRelation[Application] = fields.ForeignKeyField(
        "models.Application", related_name="posts", null=True, on_delete=fields.SET_NULL
    )
    idempotency_mark = fields.CharField(max_length=64, null=True, unique=True)
    """Under which key its client published it, hashed together with the author: asking again makes no second post."""
    comments_disabled = fields.BooleanField(default=False)
    comment_policy = fields.CharField(max_length=10, default="public", db_default="public")
    """Who may comment while comments are on, who may share and who may quote (`node/services/interaction_policies.py`)."""
    share_policy = fields.CharField(max_length=10, default="public", db_default="public")
    quote_policy = fields.CharField(max_length=10, default="public", db_default="public")
    quote_by_hand = fields.BooleanField(default=False, db_default=False)
    """Of a remote post: others than `quote_policy` lets may ask, and its author decides."""
    held_for = fields.BigIntField(null=True)
    """Of a comment that its post's author limits (`node/services/comment_limits.py`): that author, who alone sees it
    besides its own. `FOR_STAFF`: it waits for a moderator (`node/services/keyword_rules.py`)."""
    hide_like_counts = fields.BooleanField(default=False, db_default=False)
    show_originals = fields.BooleanField(default=False, db_default=False)
    """Those who see its photographs may have them in the quality they came in (`node/services/originals.py`)."""
    is_local = fields.BooleanField(default=True)
    has_media = fields.BooleanField(default=False)
    comments_count = fields.IntField(default=0)
    likes_count = fields.IntField(default=0)
    shares_count = fields.IntField(default=0)
    quotes_count = fields.IntField(default=0, db_default=0)
    version = fields.IntField(default=1)
    edited_at = Moment(null=True)
    fetched_at = Moment(null=True)
    created_at = created_at()

    account_id: int
    parent_id: int | None
    shared_post_id: int | None
    place_id: int | None

    class Meta:
        table = "posts"
        indexes = [
            Index(fields=["account_id", "id"]),
            Index(fields=["parent_id"]),
            Index(fields=["conversation_id"]),
            Index(fields=["shared_post_id", "account_id"]),
            Index(fields=["visibility", "id"]),
            Index(fields=["is_local", "visibility", "id"]),
            Index(fields=["parent_uri"]),
            Index(fields=["place_id"]),
        ]


class PostEdit(Model):
    """How a post looked before an edit, oldest first."""

    id = Identifier()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="edits")
    content = fields.TextField(default="")
    spoiler_text = fields.TextField(default="")
    sensitive = fields.BooleanField(default=False)
    media: list[dict[str, Any]] = fields.JSONField(default=list)
    """Order and alt texts of the pictures then: `[{"id", "description"}]`."""
    poll_options: list[str] | None = fields.JSONField(null=True)
    """What could be voted for then, if there was a poll."""
    created_at = created_at()

    post_id: int

    class Meta:
        table = "post_edits"
        indexes = [("post_id",)]


class PinnedPost(Model):
    """A post its author shows first on their profile."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="pins")
    post: fields.OneToOneRelation[Post] = fields.OneToOneField("models.Post", related_name="pin")
    created_at = created_at()

    account_id: int
    post_id: int

    class Meta:
        table = "pinned_posts"
        indexes = [("account_id", "id")]


class Mention(Model):
    """An account addressed by a post. `silent` when it is addressed but not named in the text."""

    id = Identifier()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="mentions")
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="mentioned_in")
    silent = fields.BooleanField(default=False)

    post_id: int
    account_id: int

    class Meta:
        table = "mentions"
        unique_together = (("post_id", "account_id"),)
        indexes = [("account_id", "post_id")]


class Hashtag(Model):
    """A hashtag: `name` in lower case, `display_name` as first written."""

    id = Identifier()
    name = fields.CharField(max_length=255, unique=True)
    display_name = fields.CharField(max_length=255)
    created_at = created_at()

    class Meta:
        table = "hashtags"


class PostHashtag(Model):
    """A post carries a hashtag."""

    id = Identifier()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="hashtag_links")
    hashtag: fields.ForeignKeyRelation[Hashtag] = fields.ForeignKeyField("models.Hashtag", related_name="post_links")

    post_id: int
    hashtag_id: int

    class Meta:
        table = "post_hashtags"
        unique_together = (("hashtag_id", "post_id"),)
        indexes = [("post_id",)]


class HomeEntry(Model):
    """One post in the home timeline of one reader, written when the post is. `id` is the database's own, of no meaning."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.BigIntField()
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="home_entries")

    post_id: int

    class Meta:
        table = "home_entries"
        unique_together = (("account_id", "post_id"),)
        indexes = [("post_id",)]


class Tombstone(Model):
    """Something that was here and is gone: keeps a late Create from bringing it back."""

    id = Identifier()
    uri = fields.CharField(max_length=2048, unique=True)
    was_public = fields.BooleanField(default=False, db_default=False)
    """Everybody could know of it: it answers 410. What was for some is like what never was."""
    created_at = created_at()

    class Meta:
        table = "tombstones"
