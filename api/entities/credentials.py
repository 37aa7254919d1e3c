"""Mastodon's CredentialAccount: an account as its owner sees it."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from api.entities import account
from api.entities.encoding import encode
from api.entities.status import visibility_word
from node import db
from node.errors import NotFound
from node.models.posts import FOLLOWERS, PUBLIC
from node.queries import accounts
from node.services.interaction_policies import EVERYONE

_OWNER = (
    "SELECT u.role, u.preferences, u.locale, a.note_source, a.profile_fields, a.attribution_domains, a.hide_collections, a.discoverable,"
    " a.indexable, a.is_private, (SELECT COUNT(*) FROM (SELECT 1 FROM follows f WHERE f.target_id = a.id"
    " AND f.accepted = FALSE LIMIT 40) waiting) AS requests FROM users u JOIN accounts a ON a.id = u.account_id"
    " WHERE a.id = ?"
)


class Preferences(msgspec.Struct, frozen=True):
    """How somebody posts unless they say otherwise; `visibility` in Mastodon's words."""

    visibility: str
    sensitive: bool
    language: str | None
    quote_policy: str = EVERYONE
    comment_policy: str = EVERYONE
    share_policy: str = EVERYONE
    hide_like_counts: bool = False
    show_originals: bool = False
    camera_shown: list[str] = []


def preferences_of(stored: str | dict[str, Any], is_private: bool) -> Preferences:
    """The posting defaults in a user's row."""
    values: dict[str, Any] = stored if isinstance(stored, dict) else orjson.loads(stored)
    visibility = values.get("visibility") or (FOLLOWERS if is_private else PUBLIC)
    return Preferences(
        visibility_word(visibility),
        bool(values.get("sensitive")),
        values.get("language"),
        values.get("quote_policy", EVERYONE),
        values.get("comment_policy", EVERYONE),
        values.get("share_policy", EVERYONE),
        bool(values.get("hide_like_counts")),
        bool(values.get("show_originals")),
        list(values.get("camera_shown", ())),
    )


async def credential_account(account_id: int) -> bytes:
    """The account with `source` and `role`. Raises `NotFound` for an account that is not a local user's."""
    details = await accounts.details([account_id])
    owner = await db.fetch_one(_OWNER, (account_id,))
    if owner is None or not details:
        raise NotFound
    defaults = preferences_of(owner["preferences"], bool(owner["is_private"]))
    source = account.Source(
        privacy=defaults.visibility,
        sensitive=defaults.sensitive,
        language=defaults.language,
        note=owner["note_source"],
        fields=[account.field(stored, as_written=True) for stored in orjson.loads(owner["profile_fields"])],
        follow_requests_count=owner["requests"],
        hide_collections=bool(owner["hide_collections"]),
        discoverable=bool(owner["discoverable"]),
        indexable=bool(owner["indexable"]),
        attribution_domains=orjson.loads(owner["attribution_domains"]),
        quote_policy=defaults.quote_policy,
        comment_policy=defaults.comment_policy,
        share_policy=defaults.share_policy,
        hide_like_counts=defaults.hide_like_counts,
        show_originals=defaults.show_originals,
        camera_shown=defaults.camera_shown,
    )
    (entity,) = await account.render(details)
    shown = encode(entity)
    return b"".join((shown[:-1], b',"source":', encode(source), b',"role":', encode(account.role(owner["role"])), b"}"))
