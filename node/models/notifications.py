"""What a person is told about, and from whom they want to hear."""

from __future__ import annotations

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from node.models.accounts import Account
from node.models.fields import Identifier, Moment, created_at
from node.models.posts import Post

ACCEPT, FILTER, DROP = "accept", "filter", "drop"


class Notification(Model):
    """`kind` is the word Mastodon has for it: mention, status, reblog, follow, follow_request, favourite, poll, update,
    admin.sign_up, admin.report, severed_relationships, moderation_warning, quote, quoted_update, added_to_collection,
    collection_update, tagged (in a picture; ours).

    `post` is what it is about, or `subject_id`: the id of the report, severance, warning or collection. `group_key`
    is shared by those that are shown as one. A `filtered` one waits until its account is accepted.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="notifications")
    kind = fields.CharField(max_length=30)
    from_account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="caused")
    post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="notifications", null=True
    )
    subject_id = fields.BigIntField(null=True)
    group_key = fields.CharField(max_length=60, null=True)
    filtered = fields.BooleanField(default=False, db_default=False)
    created_at = created_at()

    account_id: int
    from_account_id: int
    post_id: int | None

    class Meta:
        table = "notifications"
        indexes = [
            Index(fields=["account_id", "id"]),
            Index(fields=["account_id", "group_key", "id"]),
            Index(fields=["account_id", "from_account_id", "id"]),
            Index(fields=["from_account_id"]),
            Index(fields=["post_id"]),
        ]
        unique_together = (("account_id", "kind", "from_account_id", "post_id"),)


class NotificationPolicy(Model):
    """What becomes of notifications from whom a person hardly knows: `accept`, `filter` or `drop`.

    Who has no row has these defaults.
    """

    id = Identifier()
    account: fields.OneToOneRelation[Account] = fields.OneToOneField(
        "models.Account", related_name="notification_policy"
    )
    for_not_following = fields.CharField(max_length=6, default=ACCEPT)
    for_not_followers = fields.CharField(max_length=6, default=ACCEPT)
    for_new_accounts = fields.CharField(max_length=6, default=ACCEPT)
    for_private_mentions = fields.CharField(max_length=6, default=FILTER)
    for_limited_accounts = fields.CharField(max_length=6, default=FILTER)
    for_bots = fields.CharField(max_length=6, default=ACCEPT)

    account_id: int

    class Meta:
        table = "notification_policies"


class NotificationPermission(Model):
    """`account` accepted to hear of `from_account`, whatever its policy says."""

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField("models.Account", related_name="permits")
    from_account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="permitted_by"
    )
    created_at = created_at()

    account_id: int
    from_account_id: int

    class Meta:
        table = "notification_permissions"
        unique_together = (("account_id", "from_account_id"),)
        indexes = [("from_account_id",)]


class NotificationRequest(Model):
    """Filtered mentions of `from_account` wait for `account` to decide; `last_post` is the newest of them.

    How many wait is counted when it is asked for.
    """

    id = Identifier()
    account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="notification_requests"
    )
    from_account: fields.ForeignKeyRelation[Account] = fields.ForeignKeyField(
        "models.Account", related_name="requests_notifying"
    )
    last_post: fields.ForeignKeyNullableRelation[Post] = fields.ForeignKeyField(
        "models.Post", related_name="last_of_requests", null=True, on_delete=fields.SET_NULL
    )
    created_at = created_at()
    updated_at = Moment()

    account_id: int
    from_account_id: int
    last_post_id: int | None

    class Meta:
        table = "notification_requests"
        unique_together = (("account_id", "from_account_id"),)
        indexes = [("account_id", "id"), ("from_account_id",), ("last_post_id",)]
