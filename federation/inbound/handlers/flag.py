"""Flag: another server reports somebody to our moderators."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from typing import Final

from federation.inbound.handlers.registry import Received, handles
from node import urls
from node.errors import Forbidden
from node.models.accounts import Account
from node.models.posts import Post
from node.services import received_reports

MAX_OBJECTS: Final = 100
MAX_TARGETS: Final = 10
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']{1,2000}")
_PAGE: Final = re.compile(r"/@[^/?#]{1,255}/([0-9]{1,18})/?")


@handles("Flag")
async def flag(received: Received) -> None:
    """A report for each account that is named, with those of its posts that are.

    Accounts and posts stand in `object`; Misskey puts the addresses of posts into the text. Only what is known here
    counts: nothing is fetched because somebody complains about it.
    """
    await received_reports.check_welcome(received.actor)
    comment = received.activity.content or ""
    named = [*received.activity.every_object_id, *_ADDRESS.findall(comment)]
    posts = await _posts(list(islice(dict.fromkeys(named), MAX_OBJECTS)))
    reported = 0
    for target in (await _targets(received.activity.every_object_id, posts))[:MAX_TARGETS]:
        of_target = [post.id for post in posts if post.account_id == target.id]
        try:
            await received_reports.receive(received.actor, target, of_target, comment)
        except Forbidden:
            continue
        reported += 1
    if not reported:
        raise Forbidden("nobody of ours is reported")


async def _targets(uris: tuple[str, ...], posts: list[Post]) -> list[Account]:
    """The accounts that are named, and those people here whose posts are; not the node itself."""
    found = await Account.filter(uri__in=uris[:MAX_OBJECTS]).order_by("id") if uris else []
    known = {account.id for account in found}
    authors = {post.account_id for post in posts if post.is_local} - known
    found += await Account.filter(id__in=authors).order_by("id") if authors else []
    return [account for account in found if account.suspended_at is None and account.uri != urls.instance_actor()]


async def _posts(uris: Iterable[str]) -> list[Post]:
    """Posts by id, those of ours also by the address of their page."""
    wanted = list(uris)
    pages = [_PAGE.fullmatch(uri.removeprefix(urls.base())) for uri in wanted if urls.is_local(uri)]
    numbers = [int(page[1]) for page in pages if page is not None]
    found = await Post.filter(uri__in=wanted) if wanted else []
    found += await Post.filter(id__in=numbers, is_local=True) if numbers else []
    return list({post.id: post for post in found}.values())
