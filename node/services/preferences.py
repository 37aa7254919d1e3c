"""How somebody posts unless they say otherwise, and how far they have read: kept in the user's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from media import shown_facts
from node import clock, db
from node.errors import Invalid, NotFound
from node.models.fields import to_milliseconds
from node.models.posts import DIRECT, MEMBERS, VISIBILITIES
from node.services import interaction_policies
from node.services.interaction_policies import AS_IT_IS, Policies
from node.text import is_language_tag

TIMELINES: Final = ("home", "notifications")


@dataclass(frozen=True, slots=True)
class PostingDefaults:
    """What changes; `None` leaves as it is, an empty `language` goes back to none."""

    visibility: str | None = None
    sensitive: bool | None = None
    language: str | None = None
    policies: Policies = AS_IT_IS
    camera_shown: Sequence[str] | None = None
    """Which camera facts others see of photographs that are uploaded from now on."""


@dataclass(frozen=True, slots=True)
class Marker:
    """How far a timeline was read: the id of the newest entry, a counter of changes, and when (milliseconds)."""

    last_read_id: int
    version: int
    updated_at: int


def check_defaults(changes: PostingDefaults) -> None:
    """Raises `Invalid` (visibility, language, camera_shown) when they cannot be accepted."""
    unfit = (MEMBERS, DIRECT)
    if changes.visibility is not None and (changes.visibility not in VISIBILITIES or changes.visibility in unfit):
        raise Invalid("visibility", "is not included in the list", code="ERR_INCLUSION")
    if changes.language and not is_language_tag(changes.language):
        raise Invalid("language", "is not a language tag")
    if changes.camera_shown is not None:
        check_shown_facts(changes.camera_shown)
    interaction_policies.check(changes.policies)


def check_shown_facts(names: Sequence[str]) -> list[str]:
    """The names of facts in their order, each once; empty ones do not count. Raises `Invalid` (camera_shown)."""
    if any(name and name not in shown_facts.CHOICES for name in names):
        raise Invalid("camera_shown", f"must be among {', '.join(shown_facts.CHOICES)}")
    return [name for name in shown_facts.CHOICES if name in names]


async def of_user(user_id: int) -> dict[str, Any]:
    """What is kept of a user; nothing of one who is not there."""
    row = await db.fetch_one("SELECT preferences FROM users WHERE id = ?", (user_id,))
    return dict(orjson.loads(row[0])) if row is not None else {}


async def of_account(account_id: int) -> dict[str, Any]:
    """What is kept of the user of an account; nothing of an account of another server."""
    row = await db.fetch_one("SELECT preferences FROM users WHERE account_id = ?", (account_id,))
    return dict(orjson.loads(row[0])) if row is not None else {}


async def camera_shown(account_id: int) -> list[str]:
    """Which camera facts others see of the photographs of an account, unless it says otherwise of one."""
    return list((await of_account(account_id)).get("camera_shown", ()))


async def change_defaults(user_id: int, changes: PostingDefaults) -> None:
    """Change how a user posts. Raises `Invalid` as `check_defaults` does, `NotFound`."""
    check_defaults(changes)
    async with db.transaction():
        preferences = await _locked(user_id)
        if changes.visibility is not None:
            preferences["visibility"] = changes.visibility
        if changes.sensitive is not None:
            preferences["sensitive"] = changes.sensitive
        if changes.language is not None:
            preferences["language"] = changes.language or None
        if changes.camera_shown is not None:
            preferences["camera_shown"] = check_shown_facts(changes.camera_shown)
        named = {
            "quote_policy": changes.policies.quote,
            "comment_policy": changes.policies.comment,
            "share_policy": changes.policies.share,
            "hide_like_counts": changes.policies.hide_like_counts,
            "show_originals": changes.policies.show_originals,
        }
        preferences |= {name: value for name, value in named.items() if value is not None}
        await _save(user_id, preferences)


async def markers(user_id: int) -> dict[str, Marker]:
    """How far the user has read, by timeline."""
    return _markers(await of_user(user_id))


async def mark_read(user_id: int, read: Mapping[str, int]) -> dict[str, Marker]:
    """Note how far some timelines were read; returns those. Raises `Invalid` for a timeline that is not kept.

    A marker never goes back: what one device read, another does not make unread.
    """
    if any(timeline not in TIMELINES for timeline in read):
        raise Invalid("timeline", "is not included in the list", code="ERR_INCLUSION")
    async with db.transaction():
        preferences = await _locked(user_id)
        kept = _markers(preferences)
        now = to_milliseconds(clock.now())
        for timeline, last_read_id in read.items():
            former = kept.get(timeline)
            if former is None:
                kept[timeline] = Marker(last_read_id, 0, now)
            elif last_read_id > former.last_read_id:
                kept[timeline] = Marker(last_read_id, former.version + 1, now)
        preferences["markers"] = {
            timeline: [marker.last_read_id, marker.version, marker.updated_at] for timeline, marker in kept.items()
        }
        await _save(user_id, preferences)
    return {timeline: kept[timeline] for timeline in read}


async def change(user_id: int, values: Mapping[str, Any]) -> None:
    """Write these values over those kept, as they are. Raises `NotFound`."""
    async with db.transaction():
        await _save(user_id, {**await _locked(user_id), **values})


def _markers(preferences: Mapping[str, Any]) -> dict[str, Marker]:
    return {timeline: Marker(*values) for timeline, values in preferences.get("markers", {}).items()}


async def _locked(user_id: int) -> dict[str, Any]:
    row = await db.fetch_one(f"SELECT preferences FROM users WHERE id = ?{db.for_update()}", (user_id,))
    if row is None:
        raise NotFound
    preferences: dict[str, Any] = orjson.loads(row[0])
    return preferences


async def _save(user_id: int, preferences: dict[str, Any]) -> None:
    await db.execute("UPDATE users SET preferences = ? WHERE id = ?", (orjson.dumps(preferences).decode(), user_id))
