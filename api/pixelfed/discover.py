"""Discovery: what is liked and talked about, whom many follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import allows, requires
from api.documentation import documented
from api.entities import account, status
from api.entities.account import Account
from api.entities.encoding import encode
from api.entities.status import Status
from api.me import my_id
from api.params import InvalidParameter
from api.pixelfed.cursor_pages import Cursor, PageLinks, PageMeta, cursor_page
from api.pixelfed.paths import served
from api.responses import json_list, json_response
from node import clock, urls
from node.errors import NotFound
from node.ids import first_id_at
from node.queries import accounts, hashtags, popular, suggestions, trends
from node.queries.timelines import Origin
from node.runtime import runtime
from node.text import plain_text

blueprint = Blueprint("pixelfed_discover", __name__)

RANGES: Final = {"daily": timedelta(days=1), "monthly": timedelta(days=31), "yearly": timedelta(days=365)}
MAX_POSTS: Final = 30
MAX_FOR_YOU: Final = 12
MAX_ACCOUNTS: Final = 16
MAX_HASHTAGS: Final = 20
DIRECTORY_PAGE: Final = 20
LAST_OFFSET: Final = 10_000


class Range(msgspec.Struct):
    """`daily`, `monthly` or `yearly`."""

    range: str = "yearly"


class TrendingHashtag(msgspec.Struct, frozen=True):
    """A hashtag and how often it was used in the last days."""

    id: str
    total: int
    name: str
    hashtag: str
    url: str


class ForYou(msgspec.Struct, frozen=True):
    """Posts worth a look."""

    posts: list[Status]


class DirectoryProfile(msgspec.Struct, frozen=True):
    """An account of this server that wants to be found."""

    id: str
    name: str
    username: str
    url: str
    avatar: str
    following_count: int
    followers_count: int
    statuses_count: int
    bio: str


class DirectoryPage(msgspec.Struct, frozen=True):
    """Accounts that want to be found, those who posted last first."""

    data: list[DirectoryProfile]
    links: PageLinks
    meta: PageMeta


@served(blueprint, "GET", "/discover/accounts/popular")
@requires("read:accounts")
@documented(list[Account])
async def popular_accounts() -> Response:
    """Accounts with most followers that the caller does not follow yet."""
    ids = await suggestions.most_followed(my_id(), MAX_ACCOUNTS)
    return json_list(await account.page(await accounts.visible_by_ids(my_id(), ids)))


@served(blueprint, "GET", "/discover/posts/trending")
@requires("read:statuses")
@documented(list[Status], query=Range)
async def trending_posts() -> Response:
    """The pictures of this server most people like, of a day, a month or a year."""
    return json_list(await _liked_most(Origin(local=True), params.read_query(Range).range, MAX_POSTS))


@served(blueprint, "GET", "/discover/posts/network/trending")
@requires("read:statuses")
@documented(list[Status], query=Range)
async def trending_posts_of_others() -> Response:
    """The pictures of other servers most people like, of a day, a month or a year."""
    return json_list(await _liked_most(Origin(remote=True), params.read_query(Range).range, MAX_POSTS))


@blueprint.get("/api/v1/discover/posts")
@requires("read:statuses")
@documented(ForYou)
async def for_you() -> Response:
    """The pictures most people like, of a month and of all servers."""
    return json_response(b'{"posts":[%b]}' % b",".join(await _liked_most(Origin(), "monthly", MAX_FOR_YOU)))


@served(blueprint, "GET", "/discover/posts/hashtags")
@requires("read:statuses")
@documented(list[TrendingHashtag])
async def trending_hashtags() -> Response:
    """Hashtags more people use than before, the strongest first."""
    settings = runtime().settings.trends
    if not settings.enabled:
        return json_list([])
    names = await trends.hashtags(needs_review=settings.needs_review, limit=MAX_HASHTAGS, offset=0)
    rows = await hashtags.by_names(my_id(), names)
    used = await hashtags.uses([row.id for row in rows])
    return json_response(
        [
            TrendingHashtag(
                id=str(row.id),
                total=sum(day.uses for day in used[row.id]),
                name=f"#{row.display_name}",
                hashtag=row.display_name,
                url=urls.hashtag(row.name),
            )
            for row in rows
        ]
    )


@blueprint.get("/api/landing/v1/directory")
@allows()
@documented(DirectoryPage, query=Cursor, errors=(404,))
async def directory() -> Response:
    """The accounts of this server that want to be found; 404 where it keeps no directory."""
    if not runtime().settings.instance.directory:
        raise NotFound
    offset = min(max(params.read_query(Cursor).cursor or 0, 0), LAST_OFFSET)
    rows = await suggestions.directory(None, limit=DIRECTORY_PAGE, offset=offset, local=True, newest=False)
    found = {entity.id: entity for entity in await account.render(await accounts.details([row.id for row in rows]))}
    shown = [encode(_profile(found[str(row.id)])) for row in rows if str(row.id) in found]
    return cursor_page(shown, offset + DIRECTORY_PAGE if len(rows) == DIRECTORY_PAGE else None, DIRECTORY_PAGE)


async def _liked_most(origin: Origin, span: str, limit: int) -> list[bytes]:
    if span not in RANGES:
        raise InvalidParameter("Invalid parameter: range")
    since_id = first_id_at(clock.now() - RANGES[span])
    return await status.page(await popular.posts(my_id(), origin, since_id=since_id, limit=limit), my_id())


def _profile(entity: Account) -> DirectoryProfile:
    return DirectoryProfile(
        id=entity.id,
        name=entity.display_name,
        username=entity.username,
        url=entity.url,
        avatar=entity.avatar,
        following_count=entity.following_count,
        followers_count=entity.followers_count,
        statuses_count=entity.statuses_count,
        bio=plain_text(entity.note),
    )
