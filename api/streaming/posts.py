"""New, changed and removed posts: into which streams they go, and what each reader is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Final

from api.entities import status
from api.streaming.channels import FEDERATED, HASHTAG, HASHTAG_LOCAL, LIST, LOCAL, MEDIA, REMOTE, USER, Address
from api.streaming.frames import Telling
from api.streaming.streams import open_streams
from node import clock
from node.events import PostEdited, PostGone, PostPublished, PostReceived, QuoteAnswered, ReceivedPostEdited
from node.models.posts import DIRECT, PUBLIC
from node.queries import streams
from node.queries.statuses import StatusRow
from node.queries.streams import FreshPost

OLDEST_SECONDS: Final = 6 * 3600
"""What was written longer ago and only now became known here is no news."""


async def tell_new(event: PostPublished | PostReceived) -> None:
    """A post is there."""
    post = await streams.fresh_post(event.post_id)
    if post is not None and post.created_at > (clock.timestamp() - OLDEST_SECONDS) * 1000:
        await _tell(post, "update")


async def tell_edit(event: PostEdited | ReceivedPostEdited | QuoteAnswered) -> None:
    """A post is not what it was."""
    post = await streams.fresh_post(event.post_id)
    if post is not None:
        await _tell(post, "status.update")


async def tell_gone(event: PostGone) -> None:
    """A post is no more, and neither are its shares: everybody is told who may have it on their screen."""
    telling = Telling("delete")
    gone = _id(event.post_id)
    for reader, post_ids in (await _lost_at_home(event)).items():
        for subscription in tuple(open_streams.at(USER, reader)):
            for post_id in sorted(post_ids):
                telling.to(subscription, _id(post_id))
    for list_id, post_ids in (await _lost_on_lists(event)).items():
        for subscription in tuple(open_streams.at(LIST, list_id)):
            for post_id in sorted(post_ids):
                telling.to(subscription, _id(post_id))
    if event.visibility == PUBLIC and not event.is_share:
        everywhere = _public_streams(is_local=event.is_local, has_media=event.has_media)
        for kind, key in (*everywhere, *_tagged_streams(event.hashtags, is_local=event.is_local)):
            for subscription in tuple(open_streams.at(kind, key)):
                telling.to(subscription, gone)


async def _tell(post: FreshPost, event: str) -> None:
    """A handful of statements for all readers, and what rendering one post takes."""
    at_home = await _at_home(post)
    list_ids, on_lists = await _on_lists(post)
    addresses = await _public_addresses(post)
    readers = {
        subscription.stream.caller.account_id or 0
        for kind, key in addresses
        for subscription in open_streams.at(kind, key)
    }
    in_public = await streams.in_public(post.id, readers) if readers else {}
    shown = await status.for_viewers({**in_public, **on_lists, **at_home})
    telling = Telling(event)
    for reader in at_home:
        _to_address(telling, (USER, reader), {reader: shown[reader]} if reader in shown else {})
    welcome = {reader: shown[reader] for reader in in_public if reader in shown}
    for address in addresses:
        _to_address(telling, address, welcome)
    welcome = {reader: shown[reader] for reader in on_lists if reader in shown}
    for list_id in list_ids:
        _to_address(telling, (LIST, list_id), welcome)


def _to_address(telling: Telling, address: Address, shown: dict[int, bytes]) -> None:
    for subscription in tuple(open_streams.at(*address)):
        body = shown.get(subscription.stream.caller.account_id or 0)
        if body is not None:
            telling.to(subscription, body)


async def _at_home(post: FreshPost) -> dict[int, StatusRow]:
    readers = open_streams.keys(USER)
    if not readers or post.visibility == DIRECT:
        return {}
    return await streams.at_home(post.id, [int(reader) for reader in readers])


async def _on_lists(post: FreshPost) -> tuple[set[int], dict[int, StatusRow]]:
    list_ids = open_streams.keys(LIST)
    if not list_ids or post.visibility == DIRECT:
        return set(), {}
    return await streams.on_lists(post.id, [int(list_id) for list_id in list_ids])


async def _public_addresses(post: FreshPost) -> list[Address]:
    """The public streams a post goes to: none unless it is public, and none of a share."""
    if post.visibility != PUBLIC or post.is_share:
        return []
    addresses: list[Address] = []
    if not post.is_answer:
        addresses += _public_streams(is_local=post.is_local, has_media=post.has_media)
    if open_streams.keys(HASHTAG) or open_streams.keys(HASHTAG_LOCAL):
        addresses += _tagged_streams(await streams.hashtags(post.id), is_local=post.is_local)
    return addresses


def _public_streams(*, is_local: bool, has_media: bool) -> Iterator[Address]:
    for name in (FEDERATED, LOCAL if is_local else REMOTE):
        yield name, ""
        if has_media:
            yield f"{name}{MEDIA}", ""


def _tagged_streams(names: Collection[str], *, is_local: bool) -> Iterator[Address]:
    for name in names:
        yield HASHTAG, name
        if is_local:
            yield HASHTAG_LOCAL, name


async def _lost_at_home(event: PostGone) -> dict[int, set[int]]:
    """Which of the posts that went each reader with an open stream may have had at home."""
    open_homes = [int(reader) for reader in open_streams.keys(USER)]
    if not open_homes:
        return {}
    by_author = _gone_by_author(event)
    lost: dict[int, set[int]] = defaultdict(set)
    for author, post_ids in by_author.items():
        lost[author] |= post_ids
    for reader in event.addressed:
        lost[reader].add(event.post_id)
    if event.visibility != DIRECT:
        for reader, author in await streams.followers_among(by_author, open_homes):
            lost[reader] |= by_author[author]
    return {reader: post_ids for reader, post_ids in lost.items() if open_streams.at(USER, reader)}


async def _lost_on_lists(event: PostGone) -> dict[int, set[int]]:
    """The same for the lists that are streamed."""
    list_ids = [int(list_id) for list_id in open_streams.keys(LIST)]
    lost: dict[int, set[int]] = defaultdict(set)
    if not list_ids or event.visibility == DIRECT:
        return lost
    by_author = _gone_by_author(event)
    for list_id, author in await streams.lists_with_any(by_author, list_ids):
        lost[list_id] |= by_author[author]
    return lost


def _gone_by_author(event: PostGone) -> dict[int, set[int]]:
    by_author: dict[int, set[int]] = defaultdict(set)
    for post_id, account_id in ((event.post_id, event.account_id), *event.shares):
        by_author[account_id].add(post_id)
    return by_author


def _id(number: int) -> bytes:
    return str(number).encode()
