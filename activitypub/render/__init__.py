"""The types of ``activitypub.types`` as JSON-LD documents our peers accept."""

from __future__ import annotations

from activitypub.render.activity import (
    render_accept,
    render_activity,
    render_add,
    render_announce,
    render_block,
    render_create,
    render_delete,
    render_flag,
    render_follow,
    render_like,
    render_move,
    render_reject,
    render_remove,
    render_undo,
    render_update,
)
from activitypub.render.actor import render_actor, render_key_owner
from activitypub.render.collection import (
    render_collection,
    render_collection_page,
    render_ordered_collection,
)
from activitypub.render.interaction import quote_request, render_quote_authorization
from activitypub.render.note import render_emoji, render_note
from activitypub.render.tombstone import render_tombstone

__all__ = [
    "quote_request",
    "render_accept",
    "render_activity",
    "render_actor",
    "render_add",
    "render_announce",
    "render_block",
    "render_collection",
    "render_collection_page",
    "render_create",
    "render_delete",
    "render_emoji",
    "render_flag",
    "render_follow",
    "render_key_owner",
    "render_like",
    "render_move",
    "render_note",
    "render_ordered_collection",
    "render_quote_authorization",
    "render_reject",
    "render_remove",
    "render_tombstone",
    "render_undo",
    "render_update",
]
