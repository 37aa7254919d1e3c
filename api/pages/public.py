"""What everybody can see without an app: the front page, profiles and single posts; public things only."""

from __future__ import annotations

import re

from quart import Blueprint, Response, request

from activitypub.vocabulary import ACTIVITY_JSON
from api.pages.guard import guard
from api.pages.rendering import STYLE, STYLE_PATH, page
from node import urls
from node.errors import NotFound
from node.models.accounts import Account, User
from node.models.posts import PUBLIC, UNLISTED, Post
from node.services import accounts, visibility

blueprint = guard(Blueprint("public_pages", __name__))

FRONT_PAGE_POSTS = 12
PROFILE_POSTS = 24
COMMENTS = 40

_USERNAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_ELSEWHERE = {
    "/about": "/",
    "/auth/sign_in": "/sign-in",
    "/auth/sign_up": "/sign-up",
    "/auth/password/new": "/forgotten-password",
    "/auth/edit": "/settings",
}
"""Where apps made for Mastodon send people, and where the same is here."""

_DOCUMENTS = ("application/activity+json", "application/ld+json")


@blueprint.get(STYLE_PATH)
async def style() -> Response:
    """The one style sheet; its name changes with its content."""
    return Response(
        STYLE, 200, {"Cache-Control": "public, max-age=31536000, immutable"}, content_type="text/css; charset=utf-8"
    )


@blueprint.get("/")
async def front_page() -> Response:
    """What this place is, and the newest public photographs of those who wish to be found."""
    posts = (
        await Post.filter(
            visibility=PUBLIC,
            is_local=True,
            has_media=True,
            parent_id=None,
            shared_post_id=None,
            sensitive=False,
            account__suspended_at=None,
            account__silenced_at=None,
            account__discoverable=True,
            account__is_private=False,
        )
        .order_by("-id")
        .limit(FRONT_PAGE_POSTS)
        .prefetch_related("account", "media")
    )
    return await page("about.html", posts=posts, urls=urls)


@blueprint.get("/about")
@blueprint.get("/auth/<path:_rest>")
async def elsewhere(_rest: str = "") -> Response:
    """The page that Mastodon has at this path."""
    if request.path not in _ELSEWHERE:
        raise NotFound
    return Response("", 302, {"Location": _ELSEWHERE[request.path]})


@blueprint.get("/@<username>")
async def profile(username: str) -> Response:
    """Somebody's profile with their public posts; a server that asks is sent to the actor."""
    account = await _public_account(username)
    if _wants_document():
        return _see_document(account.uri)
    posts = [] if account.is_private else await _public_posts(account)
    headers = {"Link": f'<{account.uri}>; rel="alternate"; type="{ACTIVITY_JSON}"', "Vary": "Accept, Cookie"}
    return await page("profile.html", 200, headers, account=account, posts=posts, urls=urls)


@blueprint.get("/@<username>/<id:post_id>")
async def post(username: str, post_id: int) -> Response:
    """One public post and the comments on it; a server that asks is sent to the object."""
    account = await _public_account(username)
    found = await visibility.visible_post(None, post_id)
    if found.account_id != account.id or found.shared_post_id is not None:
        raise NotFound
    if _wants_document():
        return _see_document(found.uri)
    await found.fetch_related("media", "place")
    headers = {"Link": f'<{found.uri}>; rel="alternate"; type="{ACTIVITY_JSON}"', "Vary": "Accept, Cookie"}
    return await page(
        "post.html", 200, headers, account=account, post=found, comments=await _public_comments(found), urls=urls
    )


async def _public_account(username: str) -> Account:
    """A local account that is fully here. Raises `NotFound`."""
    account = await accounts.by_handle(username) if _USERNAME.fullmatch(username) else None
    if account is None or account.suspended_at is not None:
        raise NotFound
    user = await User.get_or_none(account_id=account.id)
    if user is None or user.confirmed_at is None or user.approved_at is None:
        raise NotFound
    return account


async def _public_posts(account: Account) -> list[Post]:
    return (
        await Post.filter(
            account_id=account.id,
            visibility__in=(PUBLIC, UNLISTED),
            parent_id=None,
            shared_post_id=None,
        )
        .order_by("-id")
        .limit(PROFILE_POSTS)
        .prefetch_related("media")
    )


async def _public_comments(found: Post) -> list[Post]:
    return (
        await Post.filter(parent_id=found.id, visibility__in=(PUBLIC, UNLISTED), account__suspended_at=None)
        .order_by("id")
        .limit(COMMENTS)
        .prefetch_related("account")
    )


def _wants_document() -> bool:
    """Whether ActivityPub is asked for, and not a page first of all."""
    accepted = request.headers.get("Accept", "")
    best, _, _ = accepted.partition(",")
    if best.strip().startswith("text/html"):
        return False
    return any(kind in accepted for kind in _DOCUMENTS)


def _see_document(uri: str) -> Response:
    return Response("", 302, {"Location": uri, "Vary": "Accept", "Cache-Control": "public, max-age=300"})
