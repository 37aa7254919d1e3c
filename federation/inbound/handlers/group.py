"""Announce of an activity: a group passes on what happens in it (FEP-1b12).

What it passes on only says where to look: posts are read from where they live, likes of posts of ours from the server of
whoever likes them. A top post is shown as shared by the group; comments stand in their thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.parse import ParseError, parse_activity, parse_note
from activitypub.types import Activity
from federation import fetching, resolve
from federation.inbound import origins
from federation.inbound.handlers.announce import has_followers_here, share
from federation.inbound.handlers.registry import Received, handles
from federation.received_notes import known_post
from federation.resolve_errors import Unresolvable
from node import urls
from node.errors import Forbidden, NotFound
from node.models.posts import Post
from node.services import likes, post_rows


@handles("Announce", "Create", "Update", "Delete", "Like", "Undo")
async def pass_on(received: Received) -> None:
    """Only groups do this; one that nobody here follows is heard for what concerns posts of ours."""
    if received.actor.actor_type != "Group":
        raise Forbidden("only a group passes activities on")
    inner = received.inner
    match inner.type:
        case "Create" | "Update":
            await _take_in(received, inner)
        case "Delete":
            await _look_again(received, inner.object_id)
        case _:
            await _count_like(received, inner)


async def _take_in(received: Received, inner: Activity) -> None:
    uri = inner.object_id
    if uri is None:
        raise NotFound()
    post = await known_post(uri)
    if post is not None and inner.type == "Update":
        await _look_again(received, uri)
        return
    is_followed = await has_followers_here(received.actor.id)
    if post is None:
        if not is_followed and not await _answers_ours(inner):
            return
        post = await resolve.resolve_post(uri, budget=received.budget, quietly=False)
    if is_followed and post_rows.is_top_post(post):
        await share(received, post)


async def _answers_ours(inner: Activity) -> bool:
    """Whether the post is said to answer one of ours."""
    try:
        parent = parse_note(inner.object or {}).in_reply_to
    except ParseError:
        return False
    known = await known_post(parent) if parent is not None else None
    return known is not None and known.is_local


async def _look_again(received: Received, uri: str | None) -> None:
    """A post that is here is read again where it lives: changed, or gone, or neither."""
    post = await known_post(uri) if uri is not None else None
    if post is not None and not post.is_local:
        await origins.look_up_later(post.uri, because=received.activity.id)


async def _count_like(received: Received, inner: Activity) -> None:
    """A like of a post of ours, or its end, if the liker's own server says so too. Other posts' likes are their servers'."""
    like = _liked(inner)
    post = await _ours(like.object_id)
    if inner.id is None:
        raise NotFound()
    true = _read((await fetching.fetch(inner.id, received.budget)).document)
    if (true.type, true.actor, _liked(true).object_id) != (inner.type, inner.actor, like.object_id):
        raise Forbidden("its own server says otherwise", uri=inner.id)
    account = await resolve.resolve_actor(true.actor, budget=received.budget)
    if account.suspended_at is not None or account.is_local:
        raise Forbidden("that account does not like anything here", uri=account.uri)
    if inner.type == "Like":
        await likes.like(account, post.id, uri=inner.id)
    else:
        await likes.unlike(account, post.id)


def _liked(activity: Activity) -> Activity:
    """The Like that it is, or that it undoes. Raises `NotFound` for anything else."""
    like = activity
    if activity.type == "Undo" and activity.object is not None:
        like = _read(activity.object)
    if like.type != "Like" or like.actor != activity.actor:
        raise NotFound()
    return like


def _read(document: Mapping[str, Any]) -> Activity:
    try:
        return parse_activity(document)
    except ParseError as error:
        raise Unresolvable(str(document.get("id"))[:200], str(error)) from error


async def _ours(uri: str | None) -> Post:
    post = await known_post(uri) if uri is not None and urls.is_local(uri) else None
    if post is None:
        raise NotFound()
    return post
