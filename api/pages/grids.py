"""Grids of photographs: a profile's, a hashtag's and the newest of all, as everybody may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pagination import Page, page_of_request
from node.models.accounts import Account
from node.models.posts import PUBLIC, Post
from node.queries import albums, places, timelines
from node.queries.statuses import StatusRow
from node.queries.timelines import Origin, ProfileFilter, Tagged
from node.services.albums import MAX_POSTS
from node.services.pins import MAX_PINS

PHOTOGRAPHS = 24
FRONT_PAGE_PHOTOGRAPHS = 12

_ON_A_PROFILE = ProfileFilter(only_media=True, exclude_replies=True, exclude_reblogs=True, exclude_direct=True)


@dataclass(frozen=True, slots=True)
class Grid:
    """One page of a grid, newest first; `older` is the `max_id` of the next page, `None` on the last.

    `is_first` unless it was reached by such a link. What the owner of a profile `pinned` (ids) stands before all else
    on the first page, and nowhere else.
    """

    posts: Sequence[Post]
    older: int | None
    is_first: bool
    pinned: frozenset[int] = frozenset()


async def of_profile(account: Account) -> Grid:
    """The page of an account's public photographs this request asks for; none of a private account's."""
    wanted = _wanted()
    if account.is_private:
        return Grid((), None, wanted.max_id is None)
    pinned = [row.id for row in await timelines.pinned(None, account.id, Page(MAX_PINS + 1), _ON_A_PROFILE)]
    return await _grid(await timelines.profile(None, account.id, wanted, _ON_A_PROFILE), wanted, pinned)


async def of_hashtag(name: str) -> Grid:
    """The page of public photographs posted here with a hashtag (in lower case, without `#`) this request asks for."""
    wanted = _wanted()
    rows = await timelines.hashtag(None, Tagged(name), wanted, Origin(local=True), only_media=True)
    return await _grid(rows, wanted)


async def of_place(place_id: int) -> Grid:
    """The page of public photographs posted here from a place this request asks for."""
    wanted = _wanted()
    return await _grid(await places.posts_at(None, place_id, wanted, only_local_media=True), wanted)


@dataclass(frozen=True, slots=True)
class NumberedPage:
    """One page of what has an order of its own; `earlier` and `later` are numbers of pages, `None` where there is none."""

    posts: Sequence[Post]
    number: int
    later: int | None

    @property
    def earlier(self) -> int | None:
        """The page before this one."""
        return self.number - 1 if self.number > 1 else None


async def of_album(album_id: int, number: int) -> NumberedPage:
    """What everybody may see in an album, in its order, but for those who want no strangers to read them on pages."""
    number = min(max(number, 1), MAX_POSTS // PHOTOGRAPHS + 1)
    rows = await albums.posts_in(None, album_id, limit=PHOTOGRAPHS + 1, offset=PHOTOGRAPHS * (number - 1))
    order = [row.id for row in rows[:PHOTOGRAPHS]]
    posts = await Post.filter(id__in=order, account__is_private=False, account__hides_public=False).prefetch_related(
        "account", "media"
    )
    found = {post.id: post for post in posts}
    shown = [found[post_id] for post_id in order if post_id in found]
    return NumberedPage(shown, number, number + 1 if len(rows) > PHOTOGRAPHS else None)


async def newest() -> Sequence[Post]:
    """The newest public photographs of those here who wish to be found."""
    return (
        await Post.filter(
            visibility=PUBLIC,
            held_for=None,
            is_local=True,
            has_media=True,
            parent_id=None,
            shared_post_id=None,
            sensitive=False,
            spoiler_text="",
            account__suspended_at=None,
            account__silenced_at=None,
            account__sensitized_at=None,
            account__discoverable=True,
            account__is_private=False,
        )
        .order_by("-id")
        .limit(FRONT_PAGE_PHOTOGRAPHS)
        .prefetch_related("account", "media")
    )


def _wanted() -> Page:
    """One more than is shown, which tells whether there are older ones."""
    return Page(PHOTOGRAPHS + 1, max_id=page_of_request((PHOTOGRAPHS, PHOTOGRAPHS)).max_id)


async def _grid(rows: Sequence[StatusRow], wanted: Page, pinned: Sequence[int] = ()) -> Grid:
    """Posts in the order of `rows`; those of accounts that have become private since are left out."""
    is_first = wanted.max_id is None
    shown = rows[:PHOTOGRAPHS]
    order = [*(pinned if is_first else ()), *(row.id for row in shown if row.id not in pinned)]
    posts = await Post.filter(id__in=order, account__is_private=False).prefetch_related("account", "media")
    found = {post.id: post for post in posts}
    return Grid(
        [found[post_id] for post_id in order if post_id in found],
        shown[-1].cursor if len(rows) > PHOTOGRAPHS else None,
        is_first,
        frozenset(pinned),
    )
