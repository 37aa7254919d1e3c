"""What is talked about just now: hashtags more people use today than yesterday, posts many like and share.

A hashtag's score is how much more than expected it is used (yesterday's people being what is expected), and falls by
half in a few hours from its peak; a post's score grows with the square of its likes and shares and falls with its age.
Everything is counted anew every few minutes from the public posts of today, and never while somebody waits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from node import clock, db
from node.errors import NotFound
from node.ids import first_id_at, moment_of, new_id
from node.models.fields import from_milliseconds, to_milliseconds
from node.models.posts import Hashtag, Post
from node.models.trends import HashtagReview, PostReview
from node.queries.conditions import Condition
from node.runtime import runtime

EVERY: Final = 300.0
DAY: Final = 86_400_000
HASHTAG_HALF_LIFE: Final = 4 * 3600.0
POST_HALF_LIFE: Final = 2 * 3600.0
COOLDOWN: Final = 2 * DAY
"""After so long a peak counts no more."""
SMALLEST_HASHTAG_SCORE: Final = 1.0
SMALLEST_POST_SCORE: Final = 0.3
YOUNG: Final = timedelta(days=2)
MAX_TRENDS: Final = 200
MAX_CANDIDATES: Final = 2_000
MAX_OF_ONE_AUTHOR: Final = 3


async def refresh() -> None:
    """Count anew; periodic. Does nothing, and shows nothing, when trends are switched off."""
    if not runtime().settings.trends.enabled:
        return
    await _score_hashtags()
    await _score_posts()


async def review_hashtag(
    name: str, *, trendable: bool | None = None, listable: bool | None = None, usable: bool | None = None
) -> HashtagReview:
    """Decide about a hashtag; `None` leaves as it is. Raises `NotFound`."""
    hashtag = await Hashtag.get_or_none(name=name)
    if hashtag is None:
        raise NotFound()
    async with db.transaction():
        review, _ = await HashtagReview.get_or_create(hashtag_id=hashtag.id)
        review.trendable = review.trendable if trendable is None else trendable
        review.listable = review.listable if listable is None else listable
        review.usable = review.usable if usable is None else usable
        review.reviewed_at = clock.now()
        await review.save()
    return review


async def review_post(post_id: int, *, trendable: bool) -> PostReview:
    """Decide whether a post may trend. Raises `NotFound`."""
    if not await Post.exists(id=post_id):
        raise NotFound()
    async with db.transaction():
        review, _ = await PostReview.get_or_create(post_id=post_id)
        review.trendable = trendable
        await review.save()
    return review


async def _score_hashtags() -> None:
    now = to_milliseconds(clock.now())
    today, yesterday = now - now % DAY, now - now % DAY - DAY
    threshold = runtime().settings.trends.threshold
    known = {row[0]: row for row in await db.fetch_all("SELECT hashtag_id, peak, peaked_at FROM hashtag_trends")}
    observed = await _people(today, now + 1, Condition("TRUE"), f"HAVING COUNT(DISTINCT p.account_id) >= {threshold}")
    concerned = sorted(known.keys() | observed.keys())
    before = {}
    if concerned:
        among = Condition(f"ph.hashtag_id IN ({db.marks(concerned)})", tuple(concerned))
        before = await _people(yesterday, today, among)
    scored = []
    for hashtag_id in concerned:
        _, peak, peaked_at = known.get(hashtag_id, (hashtag_id, 0.0, 0))
        people, expected = observed.get(hashtag_id, 0), max(before.get(hashtag_id, 0), 1)
        scored.append((hashtag_id, *_hashtag_score(people, expected, float(peak), int(peaked_at), now)))
    kept = sorted((trend for trend in scored if trend[1] >= SMALLEST_HASHTAG_SCORE), key=lambda trend: -trend[1])
    async with db.transaction():
        await db.execute("DELETE FROM hashtag_trends")
        await db.execute_many(
            "INSERT INTO hashtag_trends (id, hashtag_id, score, peak, peaked_at) VALUES (?, ?, ?, ?, ?)",
            [(new_id(), *trend) for trend in kept[:MAX_TRENDS]],
        )


async def _people(start: int, end: int, among: Condition, having: str = "") -> dict[int, int]:
    """How many people used each of these hashtags in public from one moment to before another (milliseconds)."""
    rows = await db.fetch_all(
        "SELECT ph.hashtag_id, COUNT(DISTINCT p.account_id) FROM posts p JOIN post_hashtags ph ON ph.post_id = p.id"
        f" JOIN accounts a ON a.id = p.account_id WHERE {among.sql} AND p.visibility = 'public' AND p.id >= ?"
        " AND p.id < ? AND p.shared_post_id IS NULL AND a.silenced_at IS NULL AND a.suspended_at IS NULL"
        f" GROUP BY ph.hashtag_id {having} ORDER BY COUNT(DISTINCT p.account_id) DESC LIMIT {MAX_CANDIDATES}",
        (*among.parameters, first_id_at(from_milliseconds(start)), first_id_at(from_milliseconds(end))),
    )
    return {int(row[0]): int(row[1]) for row in rows}


def _hashtag_score(observed: int, expected: int, peak: float, peaked_at: int, now: int) -> tuple[float, float, int]:
    """Score, peak, and when it peaked."""
    if now - peaked_at > COOLDOWN:
        peak = 0.0
    is_more = observed >= runtime().settings.trends.threshold and observed > expected
    score = (observed - expected) ** 2 / expected if is_more else 0.0
    if score >= peak:
        peak, peaked_at = score, now
    return peak * math.exp2((peaked_at - now) / 1000 / HASHTAG_HALF_LIFE), peak, peaked_at


async def _score_posts() -> None:
    """Public posts of the last days by authors who let themselves be found; no comments, nothing covered."""
    now = clock.now()
    rows = await db.fetch_all(
        "SELECT p.id, p.account_id, p.likes_count + p.shares_count FROM posts p JOIN accounts a ON a.id = p.account_id"
        " WHERE p.visibility = 'public' AND p.id > ? AND p.likes_count + p.shares_count >= ?"
        " AND p.shared_post_id IS NULL AND p.parent_id IS NULL AND p.parent_uri IS NULL AND p.sensitive = FALSE"
        " AND p.spoiler_text = '' AND a.discoverable = TRUE AND a.silenced_at IS NULL AND a.sensitized_at IS NULL AND a.suspended_at IS NULL"
        " ORDER BY p.likes_count + p.shares_count DESC LIMIT ?",
        (first_id_at(now - YOUNG), runtime().settings.trends.threshold, MAX_CANDIDATES),
    )
    kept = _strongest([(int(row[0]), int(row[1]), _post_score(int(row[0]), int(row[2]))) for row in rows])
    async with db.transaction():
        await db.execute("DELETE FROM post_trends")
        await db.execute_many(
            "INSERT INTO post_trends (id, post_id, score) SELECT CAST(? AS BIGINT), p.id, ? FROM posts p WHERE p.id = ?",
            [(new_id(), score, post_id) for post_id, score in kept],
        )


def _post_score(post_id: int, observed: int) -> float:
    age = max((clock.now() - moment_of(post_id)).total_seconds(), 0.0)
    return (observed - 1) * (observed - 1) * math.exp2(-age / POST_HALF_LIFE)


def _strongest(scored: Sequence[tuple[int, int, float]]) -> list[tuple[int, float]]:
    """The best posts and their scores, few of each author."""
    of_author: dict[int, int] = {}
    kept: list[tuple[int, float]] = []
    for post_id, author_id, score in sorted(scored, key=lambda found: -found[2]):
        if score < SMALLEST_POST_SCORE or len(kept) == MAX_TRENDS:
            break
        of_author[author_id] = of_author.get(author_id, 0) + 1
        if of_author[author_id] <= MAX_OF_ONE_AUTHOR:
            kept.append((post_id, score))
    return kept
