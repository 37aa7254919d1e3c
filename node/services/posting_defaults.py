"""What somebody leaves unsaid when they post is as their preferences have it."""

from __future__ import annotations

import dataclasses

import orjson

from node import db
from node.models.accounts import Account
from node.services.posts import Draft


async def filled_in(author: Account, draft: Draft) -> Draft:
    """The draft with visibility, sensitivity and language from its author's preferences where it names none."""
    if draft.visibility is not None and draft.sensitive is not None and draft.language is not None:
        return draft
    row = await db.fetch_one("SELECT preferences FROM users WHERE account_id = ?", (author.id,))
    defaults = orjson.loads(row[0]) if row is not None else {}
    return dataclasses.replace(
        draft,
        visibility=draft.visibility or defaults.get("visibility"),
        sensitive=bool(defaults.get("sensitive")) if draft.sensitive is None else draft.sensitive,
        language=draft.language or defaults.get("language"),
    )
