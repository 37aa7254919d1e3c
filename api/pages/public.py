"""What everybody can see without an app: the front page, profiles, hashtags and single posts; public things only."""

from __future__ import annotations

import re

from quart import Blueprint, Response, request

from activitypub.vocabulary import ACTIVITY_JSON
from api.accept import wants_document
from api.pages import comments, grids
from api.pages.guard import guard
from api.pages.rendering import page
from api.pagination import STATUSES, page_of_request
from node.errors import NotFound
from node.models.accounts import Account, User
from node.models.polls import Poll
from node.models.posts import Post
from node.models.quotes import ACCEPTED, Quote
from node.queries import albums
from node.services import accounts, visibility
from node.services.polls import has_ended
from node.text import clean_line, hashtag_name

blueprint = guard(Blueprint("public_pages", __name__))

ALBUMS = 50
NO_SUCH_PHOTOGRAPHS = "There are no public photographs with this hashtag here."

_USERNAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_ELSEWHERE = {
    "/auth/sign_in": "/sign-in",
    "/auth/sign_up": "/sign-up",
    "/auth/password/new": "/forgotten-password",
    "/auth/edit": "/settings",
}
"""Where apps made for Mastodon send people, and where the same is here."""


@blueprint.get("/")
async def front_page() -> Response:
    """What this place is, and the newest public photographs of those who wish to be found."""
    return await page("front.html", posts=await grids.newest())


@blueprint.get("/auth/<path:_rest>")
async def elsewhere(_rest: str) -> Response:
    """The page that Mastodon has at this path."""
    if request.path not in _ELSEWHERE:
        raise NotFound
    return Response("", 302, {"Location": _ELSEWHERE[request.path]})


@blueprint.get("/@<username>")
async def profile(username: str) -> Response:
    """Somebody's profile with their public posts; a server that asks is sent to the actor."""
    account = await _public_account(username)
    if wants_document():
        return _see_document(account.uri)
    grid = await grids.of_profile(account)
    return await page(
        "profile.html",
        200,
        _beside(account.uri),
        account=account,
        grid=grid,
        albums=await albums.of_account(None, account.id, limit=ALBUMS, offset=0) if grid.is_first else (),
        moved_to=await _destination(account),
    )


@blueprint.get("/tags/<name>")
async def hashtag(name: str) -> Response:
    """The public photographs posted here with a hashtag; one that has none reads like one that is not there."""
    known = hashtag_name(clean_line(name))
    grid = await grids.of_hashtag(known)
    if not grid.posts and grid.older is None:
        raise NotFound(NO_SUCH_PHOTOGRAPHS)
    return await page("hashtag.html", 200, {"Vary": "Cookie"}, name=known, grid=grid)


@blueprint.get("/@<username>/<id:post_id>")
async def post(username: str, post_id: int) -> Response:
    """One public post and the comments on it; a server that asks is sent to the object."""
    account = await _public_account(username)
    found = await visibility.visible_post(None, post_id)
    if found.account_id != account.id or found.shared_post_id is not None:
        raise NotFound
    if wants_document():
        return _see_document(found.uri)
    await found.fetch_related("media", "place")
    return await page(
        "post.html",
        200,
        _beside(found.uri),
        account=account,
        post=found,
        poll=await _poll(found),
        quoted=await _quoted(found),
        comments=await comments.of_post(found, page_of_request(STATUSES).min_id),
    )


async def _destination(account: Account) -> Account | None:
    """Where somebody has moved to, if that is known here and stands."""
    if account.moved_to_uri is None:
        return None
    return await Account.get_or_none(uri=account.moved_to_uri, suspended_at=None)


async def _public_account(username: str) -> Account:
    """A local account that is fully here. Raises `NotFound`."""
    account = await accounts.by_handle(username) if _USERNAME.fullmatch(username) else None
    if account is None or account.suspended_at is not None:
        raise NotFound
    user = await User.get_or_none(account_id=account.id)
    if user is None or user.confirmed_at is None or user.approved_at is None:
        raise NotFound
    return account


async def _poll(found: Post) -> tuple[Poll, bool] | None:
    """The poll of a post, and whether its tallies may be shown."""
    poll = await Poll.get_or_none(post_id=found.id)
    return (poll, not poll.hide_totals or has_ended(poll.expires_at)) if poll is not None else None


async def _quoted(found: Post) -> Post | None:
    """The post it quotes, with its account, where everybody may see it."""
    quote = await Quote.get_or_none(post_id=found.id, state=ACCEPTED)
    if quote is None or quote.quoted_post_id is None:
        return None
    quoted = await Post.get_or_none(id=quote.quoted_post_id).select_related("account")
    if quoted is None or _is_hidden_from_pages(quoted) or not await visibility.may_see(None, quoted):
        return None
    return quoted


def _is_hidden_from_pages(found: Post) -> bool:
    """Whether its author wants no strangers to read it on pages of other servers."""
    hidden = {"public": found.account.hides_public, "unlisted": found.account.hides_unlisted}
    return hidden.get(found.visibility, False)


def _beside(uri: str) -> dict[str, str]:
    """The headers of a page whose document is at `uri`."""
    return {"Link": f'<{uri}>; rel="alternate"; type="{ACTIVITY_JSON}"', "Vary": "Accept, Cookie"}


def _see_document(uri: str) -> Response:
    return Response("", 302, {"Location": uri, "Vary": "Accept", "Cache-Control": "public, max-age=300"})
