"""What a page adds, for its viewer, to the parts of posts that everybody shares.

Shared bytes of a post are kept by version (`api/entities/status.py`); what depends on the viewer or changes without the
post is read once for a whole page here, and put behind them as members of the same JSON object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from api.entities import filtered, poll, quote
from api.entities.quote import Rendering
from node.queries import streams
from node.queries.statuses import StatusRow
from node.services.interaction_policies import EVERYONE, FOLLOWERS, FOLLOWING


class Traits(NamedTuple):
    """What is known of a kept post beside its JSON: whether a page has to add something to it."""

    words: str = ""
    """Its plain text, content warning, alt texts and options of a poll included, in which a viewer's filters look."""
    poll_id: int | None = None
    """Its poll, whose counts change without it."""
    author_id: int = 0
    quotes: bool = False
    """Whether it quotes another post."""
    quote_policy: str = EVERYONE
    quote_by_hand: bool = False
    """Whether those whom its policy does not let may ask its author."""
    is_plain: bool = True
    """Whether it has no poll, no quote and no policy about followers: a page of such posts is not looked through."""
    has_closed_files: bool = False
    """Whether it has files that are not for everybody, whose addresses are made for each viewer."""
    pinned: bool | None = None
    """Whether its author shows it first on their profile; `None` for what cannot be."""


class Overlay(NamedTuple):
    """By id of the post, the JSON of members a page adds. What is not named has none."""

    polls: Mapping[int, bytes]
    quotes: Mapping[int, bytes]
    filtered: Mapping[int, bytes]
    quotable: frozenset[int]
    """The posts with a policy about followers that lets the viewer quote them."""


async def of_page(
    viewer_id: int | None, rows: Sequence[StatusRow], posts: Mapping[int, Traits], render: Rendering | None
) -> Overlay:
    """The overlay of a page of these rows; `posts` are all that are shown in them, the shared ones included.

    `render` makes the quoted posts; without it they are only named. A fixed number of statements, none when nothing
    calls for one.
    """
    matches = await _filtered(viewer_id, rows, posts)
    special = {post_id: traits for post_id, traits in posts.items() if not traits.is_plain}
    if not special:
        return Overlay({}, {}, matches, frozenset())
    return Overlay(
        await _polls(viewer_id, special),
        await _quotes(viewer_id, special, render),
        matches,
        await _quotable(viewer_id, special),
    )


async def _quotes(viewer_id: int | None, posts: Mapping[int, Traits], render: Rendering | None) -> Mapping[int, bytes]:
    quoting = [post_id for post_id, traits in posts.items() if traits.quotes]
    return await quote.of_posts(viewer_id, quoting, render) if quoting else {}


async def _quotable(viewer_id: int | None, posts: Mapping[int, Traits]) -> frozenset[int]:
    limited = {
        post_id: (traits.quote_policy, traits.author_id)
        for post_id, traits in posts.items()
        if traits.quote_policy in (FOLLOWERS, FOLLOWING)
    }
    return await quote.quotable_posts(viewer_id, limited) if limited else frozenset()


async def of_viewers(
    rows: Mapping[int, StatusRow], posts: Mapping[int, Traits], render: Rendering | None
) -> dict[int, Overlay]:
    """The overlay of one post for each of many viewers (`rows` by viewer); the same fixed number of statements for all.

    A poll and a quoted post are shown as to the public: nobody has voted in what was posted just now.
    """
    everybodys = Overlay(await _polls(None, posts), await _quotes(None, posts, render), {}, frozenset())
    versions = {viewer_id: row.filters_version for viewer_id, row in rows.items() if row.filters_version}
    await filtered.prepare(versions)
    found = {viewer_id: await _filtered(viewer_id, [rows[viewer_id]], posts) for viewer_id in versions}
    quotable = await _quotable_by(list(rows), posts)
    return {
        viewer_id: everybodys._replace(
            filtered=found.get(viewer_id, {}), quotable=frozenset(quotable.get(viewer_id, ()))
        )
        for viewer_id in rows
    }


async def _quotable_by(viewer_ids: Sequence[int], posts: Mapping[int, Traits]) -> dict[int, set[int]]:
    """Of the posts with a policy about followers, those each viewer may quote."""
    allowed: dict[int, set[int]] = defaultdict(set)
    for post_id, traits in posts.items():
        if traits.quote_policy == FOLLOWERS:
            for viewer_id, _ in await streams.followers_among([traits.author_id], viewer_ids):
                allowed[viewer_id].add(post_id)
        elif traits.quote_policy == FOLLOWING:
            for _, viewer_id in await streams.followers_among(viewer_ids, [traits.author_id]):
                allowed[viewer_id].add(post_id)
    return allowed


async def _polls(viewer_id: int | None, posts: Mapping[int, Traits]) -> Mapping[int, bytes]:
    asked_by = {traits.poll_id: post_id for post_id, traits in posts.items() if traits.poll_id is not None}
    if not asked_by:
        return {}
    return {asked_by[poll_id]: shown for poll_id, shown in (await poll.by_id(viewer_id, list(asked_by))).items()}


async def _filtered(
    viewer_id: int | None, rows: Sequence[StatusRow], posts: Mapping[int, Traits]
) -> Mapping[int, bytes]:
    version = rows[0].filters_version if rows else 0
    if viewer_id is None or not version:
        return {}
    shares = {row.id: row.shared_id for row in rows if row.shared_id is not None}
    return await filtered.matches(viewer_id, version, {key: post.words for key, post in posts.items()}, shares)
