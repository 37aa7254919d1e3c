"""Home, public, hashtag and profile timelines, the saved and the liked: one statement each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node import db
from node.queries.conditions import EVERYTHING, Condition, not_domain_blocked, not_muted
from node.queries.statuses import Page, StatusRow, page_of

_NO_SHARE = Condition("p.shared_post_id IS NULL")
_NO_COMMENT = Condition("((p.parent_id IS NULL AND p.parent_uri IS NULL) OR p.parent_account_id = p.account_id)")
_WITH_MEDIA = Condition("p.has_media = TRUE")


@dataclass(frozen=True, slots=True)
class Origin:
    """Which servers' posts: those of this node only, those of others only, or all."""

    local: bool = False
    remote: bool = False

    def condition(self) -> Condition:
        """As SQL; both at once is nothing left out."""
        if self.local == self.remote:
            return EVERYTHING
        return Condition(f"p.is_local = {'TRUE' if self.local else 'FALSE'}")


def welcome_at_home(viewer_id: int) -> Condition:
    """That a post `p` (sharing `s`) of a home timeline, or a list's, is one its reader wants to see now."""
    unmuted = not_muted(viewer_id, "p.account_id", "s.account_id")
    return unmuted & not_domain_blocked(viewer_id, "a.domain", "sa.domain")


def welcome_in_public(viewer_id: int | None) -> Condition:
    """That a post `p` of the author `a` is one the reader of a public or hashtag timeline wants to see."""
    return _heard(viewer_id) & not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")


async def home(viewer_id: int, page: Page) -> list[StatusRow]:
    """The posts of those the reader follows, and their own."""
    where = Condition("h.account_id = ?", (viewer_id,)) & welcome_at_home(viewer_id)
    return await page_of(viewer_id, "home_entries h JOIN posts p ON p.id = h.post_id", where, page, "h.post_id")


async def of_list(viewer_id: int, list_id: int, page: Page) -> list[StatusRow]:
    """The posts of those on one of the viewer's own lists; nothing of anybody else's list."""
    where = Condition(
        "e.list_id = ? AND EXISTS (SELECT 1 FROM lists l WHERE l.id = e.list_id AND l.account_id = ?)",
        (list_id, viewer_id),
    )
    where = where & welcome_at_home(viewer_id)
    return await page_of(viewer_id, "list_entries e JOIN posts p ON p.id = e.post_id", where, page, "e.post_id")


async def public(viewer_id: int | None, page: Page, origin: Origin, *, only_media: bool) -> list[StatusRow]:
    """Everybody's public posts, without comments, shares and what silenced accounts say to those not following."""
    where = Condition("p.visibility = 'public'") & _NO_SHARE & _NO_COMMENT & origin.condition()
    where = where & welcome_in_public(viewer_id)
    return await page_of(viewer_id, "posts p", where & _WITH_MEDIA if only_media else where, page)


@dataclass(frozen=True, slots=True)
class Tagged:
    """What a post of a hashtag timeline carries: `name` or any of `any_of`, all of `all_of`, none of `none_of`.

    Names are in lower case, without `#`.
    """

    name: str
    any_of: Sequence[str] = ()
    all_of: Sequence[str] = ()
    none_of: Sequence[str] = ()


async def hashtag(
    viewer_id: int | None, tagged: Tagged, page: Page, origin: Origin, *, only_media: bool
) -> list[StatusRow]:
    """Public posts with a hashtag, comments included."""
    where = Condition("p.visibility = 'public'") & _NO_SHARE & origin.condition() & welcome_in_public(viewer_id)
    for name in tagged.all_of:
        where = where & _carries((name,))
    if tagged.none_of:
        none = _carries(tagged.none_of)
        where = where & Condition(f"NOT {none.sql}", none.parameters)
    if only_media:
        where = where & _WITH_MEDIA
    if not tagged.any_of:
        source = "hashtags t JOIN post_hashtags ph ON ph.hashtag_id = t.id JOIN posts p ON p.id = ph.post_id"
        return await page_of(viewer_id, source, Condition("t.name = ?", (tagged.name,)) & where, page, "ph.post_id")
    return await page_of(viewer_id, "posts p", _carries((tagged.name, *tagged.any_of)) & where, page)


async def link(
    viewer_id: int | None, address_key: str, page: Page, origin: Origin, *, only_media: bool
) -> list[StatusRow]:
    """Public posts that link to a page, comments included, of those who let themselves be found."""
    where = Condition("pl.address_key = ? AND p.visibility = 'public' AND a.discoverable = TRUE", (address_key,))
    where = where & _NO_SHARE & origin.condition() & welcome_in_public(viewer_id)
    source = "post_links pl JOIN posts p ON p.id = pl.post_id"
    return await page_of(viewer_id, source, where & _WITH_MEDIA if only_media else where, page, "pl.post_id")


@dataclass(frozen=True, slots=True)
class ProfileFilter:
    """What of a profile is wanted; `tagged` is a hashtag's name in lower case."""

    only_media: bool = False
    exclude_replies: bool = False
    exclude_reblogs: bool = False
    exclude_direct: bool = False
    tagged: str | None = None


async def profile(viewer_id: int | None, account_id: int, page: Page, wanted: ProfileFilter) -> list[StatusRow]:
    """What an account posted and shared, as far as the viewer may see it."""
    where = Condition("p.account_id = ?", (account_id,)) & _of_profile(wanted)
    return await page_of(viewer_id, "posts p", where, page)


def _of_profile(wanted: ProfileFilter) -> Condition:
    where = EVERYTHING
    if wanted.only_media:
        where = where & _WITH_MEDIA & _NO_SHARE
    if wanted.exclude_replies:
        where = where & _NO_COMMENT
    if wanted.exclude_reblogs:
        where = where & _NO_SHARE
    if wanted.exclude_direct:
        where = where & Condition("p.visibility <> 'direct'")
    if wanted.tagged is not None:
        where = where & _carries((wanted.tagged,))
    return where


async def pinned(viewer_id: int | None, account_id: int, page: Page, wanted: ProfileFilter) -> list[StatusRow]:
    """What an account shows first on its profile, pinned last first, as far as the viewer may see it."""
    where = Condition("pin.account_id = ?", (account_id,)) & _of_profile(wanted)
    found = await page_of(viewer_id, "pinned_posts pin JOIN posts p ON p.id = pin.post_id", where, page)
    if len(found) >= page.limit:  # There may be more: what is paged by id stays in the order of ids.
        return found
    pins = await db.fetch_all("SELECT post_id FROM pinned_posts WHERE account_id = ? ORDER BY id DESC", (account_id,))
    order = {int(row[0]): place for place, row in enumerate(pins)}
    return sorted(found, key=lambda row: order.get(row.id, 0))


async def archive(author_id: int, page: Page) -> list[StatusRow]:
    """What somebody put away, newest post first."""
    where = Condition("kept.account_id = ?", (author_id,))
    return await page_of(
        author_id,
        "archived_posts kept JOIN posts p ON p.id = kept.post_id",
        where,
        page,
        "kept.post_id",
        listed=EVERYTHING,
    )


async def bookmarks(viewer_id: int, page: Page) -> list[StatusRow]:
    """What the viewer keeps, newest kept first; the cursor is the bookmark's."""
    where = Condition("kept.account_id = ?", (viewer_id,))
    return await page_of(viewer_id, "bookmarks kept JOIN posts p ON p.id = kept.post_id", where, page, "kept.id")


async def favourites(viewer_id: int, page: Page) -> list[StatusRow]:
    """What the viewer likes, newest like first; the cursor is the like's."""
    where = Condition("liked.account_id = ?", (viewer_id,))
    return await page_of(viewer_id, "likes liked JOIN posts p ON p.id = liked.post_id", where, page, "liked.id")


def _carries(names: Sequence[str]) -> Condition:
    """That `p` carries any of these hashtags."""
    return Condition(
        "EXISTS (SELECT 1 FROM post_hashtags x JOIN hashtags xt ON xt.id = x.hashtag_id"
        f" WHERE x.post_id = p.id AND xt.name IN ({db.marks(names)}))",
        tuple(names),
    )


def _heard(viewer_id: int | None) -> Condition:
    """That the author is not silenced, or followed by the viewer all the same."""
    if viewer_id is None:
        return Condition("a.silenced_at IS NULL")
    return Condition(
        "(a.silenced_at IS NULL OR a.id = ? OR EXISTS (SELECT 1 FROM follows hf"
        " WHERE hf.account_id = ? AND hf.target_id = a.id AND hf.accepted = TRUE))",
        (viewer_id, viewer_id),
    )
