"""Mastodon's RelationshipSeveranceEvent: what a decision took from the person who reads of it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import msgspec

from api.entities import notification_subjects
from api.entities.encoding import encode, iso
from api.entities.notification_subjects import Subject
from node.services import severances
from node.services.severances import Loss


class RelationshipSeveranceEvent(msgspec.Struct, frozen=True):
    """Followers lost, and accounts no longer followed. `type` is `domain_block`, `user_domain_block` or
    `account_suspension`; `lifted_at` is when the decision was taken back: from then on one can follow again."""

    id: str
    type: str
    purged: bool
    target_name: str
    followers_count: int
    following_count: int
    created_at: str
    lifted_at: str | None


def render(loss: Loss) -> RelationshipSeveranceEvent:
    """The entity of a row."""
    return RelationshipSeveranceEvent(
        str(loss.id),
        loss.kind,
        False,
        loss.target_name,
        loss.followers_count,
        loss.following_count,
        iso(loss.created_at),
        iso(loss.lifted_at) if loss.lifted_at is not None else None,
    )


async def _subjects(loss_ids: Sequence[int], viewer_id: int) -> dict[int, Subject]:
    """The viewer's own losses with these ids."""
    return {
        loss.id: Subject(encode(render(loss)), escape(loss.target_name))
        for loss in await severances.losses(viewer_id, ids=loss_ids)
    }


notification_subjects.show("severed_relationships", _subjects)
