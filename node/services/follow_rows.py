"""How follows are written down and taken away, with the counters, endorsements and home entries that hang on them."""

from __future__ import annotations

from collections.abc import Sequence

from node import db
from node.errors import Invalid
from node.models.fields import to_milliseconds
from node.models.graph import Follow
from node.services import audiences, counters, post_holders, timelines
from node.text import is_language_tag

MAX_LANGUAGES = 20


def written_languages(languages: Sequence[str]) -> str:
    """Languages as they stand in a follow's row (`Follow.languages`). Raises `Invalid` for what is none."""
    tags = sorted({language.lower() for language in languages if language})
    if len(tags) > MAX_LANGUAGES:
        raise Invalid("languages", f"is too long (maximum is {MAX_LANGUAGES} items)", code="ERR_TOO_LONG")
    if not all(is_language_tag(tag) for tag in tags):
        raise Invalid("languages", "is invalid")
    return f" {' '.join(tags)} " if tags else ""


async def insert(follow: Follow) -> bool:
    """Write a new follow. Returns `False`, and writes nothing, when there is one already or its uri is taken."""
    added = await db.execute(
        "INSERT INTO follows (id, account_id, target_id, accepted, uri, show_shares, notify, languages, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(follow.id, follow.account_id, follow.target_id, follow.accepted, follow.uri),
            *(follow.show_shares, follow.notify, follow.languages, to_milliseconds(follow.created_at)),
        ),
    )
    if added and follow.accepted:
        await _became_real(follow)
    follow._saved_in_db = added > 0
    return follow._saved_in_db


async def accept(follow: Follow) -> bool:
    """Make a request a follow. `False` when it was one already or is gone."""
    changed = await db.execute("UPDATE follows SET accepted = TRUE WHERE id = ? AND accepted = FALSE", (follow.id,))
    if not changed:
        return False
    follow.accepted = True
    await _became_real(follow)
    return True


async def remove(follow: Follow) -> bool:
    """End a follow or a request. `False` when it was gone."""
    rows = await db.fetch_all("DELETE FROM follows WHERE id = ? RETURNING accepted", (follow.id,))
    if not rows:
        return False
    await db.execute_later(
        "DELETE FROM list_members WHERE owner_id = ? AND account_id = ?",
        (follow.account_id, follow.target_id),
        is_short=True,
    )
    await audiences.follow_ended(follow.account_id, follow.target_id)
    if rows[0][0]:
        await post_holders.note_former_follower(follow.target_id, follow.account_id)
        await db.execute_later(
            "DELETE FROM endorsements WHERE account_id = ? AND target_id = ?", (follow.account_id, follow.target_id)
        )
        await counters.count_follow(follow.account_id, follow.target_id, -1)
        await timelines.forget(follow.account_id, follow.target_id)
    return True


async def _became_real(follow: Follow) -> None:
    await counters.count_follow(follow.account_id, follow.target_id, 1)
    await timelines.fill_from(follow.account_id, follow.target_id)
