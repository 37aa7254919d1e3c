"""Mastodon's Admin::Tag and Admin::Trends::Status: hashtags and posts with what was decided about them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import status, tag
from api.entities.status import Status
from api.entities.tag import TagHistory
from node.queries import hashtag_reviews
from node.queries.hashtag_reviews import UNREVIEWED
from node.queries.hashtags import HashtagRow
from node.queries.statuses import StatusRow
from node.runtime import runtime


class AdminTag(msgspec.Struct, frozen=True, kw_only=True):
    """A hashtag, and whether it may trend, be used and be found. `requires_review`: nobody has decided yet."""

    id: str
    name: str
    url: str
    history: list[TagHistory]
    following: bool
    featuring: bool
    trendable: bool
    usable: bool
    requires_review: bool
    listable: bool


class AdminTrendingStatus(Status, frozen=True, kw_only=True):
    """A post, and whether nobody has decided yet whether it may trend."""

    requires_review: bool


async def hashtags(rows: Sequence[HashtagRow]) -> list[bytes]:
    """The hashtags of a page as JSON, in its order; two statements."""
    reviews = await hashtag_reviews.of_hashtags([row.id for row in rows])
    by_default = not runtime().settings.trends.needs_review
    shown = []
    for row, body in zip(rows, await tag.page(rows, signed_in=True), strict=True):
        review = reviews.get(row.id, UNREVIEWED)
        words = {
            "trendable": by_default if review.trendable is None else review.trendable,
            "usable": review.usable,
            "requires_review": not review.is_reviewed,
            "listable": review.listable,
        }
        shown.append(body[:-1] + b"," + msgspec.json.encode(words)[1:])
    return shown


async def statuses(rows: Sequence[StatusRow], viewer_id: int) -> list[bytes]:
    """The posts of a page as JSON, in its order."""
    reviewed = await hashtag_reviews.reviewed_posts([row.id for row in rows])
    bodies = await status.by_id(rows, viewer_id)
    return [
        bodies[row.id][:-1] + b',"requires_review":' + (b"false}" if row.id in reviewed else b"true}")
        for row in rows
        if row.id in bodies
    ]
