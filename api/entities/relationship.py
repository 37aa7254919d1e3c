"""Mastodon's Relationship."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities.encoding import iso
from node.queries import relationships


class Relationship(msgspec.Struct, frozen=True, kw_only=True):
    """How the viewer stands to another account. `languages`: those a follow brings, none for all."""

    id: str
    following: bool
    showing_reblogs: bool
    notifying: bool
    languages: list[str]
    followed_by: bool
    blocking: bool
    blocked_by: bool
    muting: bool
    muting_notifications: bool
    muting_expires_at: str | None
    requested: bool
    requested_by: bool
    domain_blocking: bool
    endorsed: bool
    note: str


def render(row: relationships.RelationshipRow) -> Relationship:
    """The entity of a row."""
    following = bool(row.follows)
    return Relationship(
        id=str(row.id),
        following=following,
        showing_reblogs=row.follows is not None and bool(row.show_shares),
        notifying=row.follows is not None and bool(row.notify),
        languages=(row.languages or "").split(),
        followed_by=bool(row.followed),
        blocking=row.blocks is not None,
        blocked_by=row.blocked is not None,
        muting=row.mutes is not None,
        muting_notifications=bool(row.hide_notifications),
        muting_expires_at=iso(row.mute_expires_at) if row.mute_expires_at is not None else None,
        requested=row.follows is not None and not following,
        requested_by=row.followed is not None and not row.followed,
        domain_blocking=row.domain_block is not None,
        endorsed=row.endorsement is not None,
        note=row.note or "",
    )


async def with_accounts(
    viewer_id: int, account_ids: Sequence[int], *, with_suspended: bool = True
) -> list[Relationship]:
    """The viewer's relationships to those of these accounts that exist."""
    rows = await relationships.with_accounts(viewer_id, account_ids, with_suspended=with_suspended)
    return [render(row) for row in rows]
