"""What a person means by a handle or an address: looked up here, or asked of its server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from typing import Final, TypeVar

import structlog

from federation import addressed, resolve
from node import urls
from node.errors import Invalid
from node.models.accounts import LOCAL, Account
from node.models.posts import Post
from node.queries import account_collections, accounts, relationships, statuses
from node.queries.account_collections import CollectionRow
from node.queries.accounts import AccountRow
from node.queries.statuses import StatusRow
from node.services import accounts as account_service
from node.services import domains, post_readings

log = structlog.get_logger()

Found = TypeVar("Found")

DEADLINE_SECONDS: Final = 10.0
_HANDLE: Final = re.compile(r"@?[\w.-]{1,255}@[^\s@/]{1,255}")
_NAME: Final = re.compile(r"@?[\w.-]{1,255}")
_OUR_PROFILE: Final = re.compile(r"/@([\w.-]{1,255})/?")
_OUR_PAGE: Final = re.compile(r"/@[\w.-]{1,255}/([0-9]{1,19})/?")


def is_address(text: str) -> bool:
    """Whether it is a web address rather than words."""
    return text.startswith(("https://", "http://")) and not re.search(r"\s", text)


async def known_handle(written: str) -> Account | None:
    """The account of a handle, with or without `@` in front and domain behind, if it is known here."""
    username, _, domain = written.strip().removeprefix("@").partition("@")
    if not username:
        return None
    try:
        place = domains.normalise(domain) if domain else LOCAL
    except Invalid:
        return None
    return await account_service.by_handle(username, place)


async def find_account(text: str, viewer_id: int | None, *, ask: bool) -> AccountRow | None:
    """The account behind a whole handle, here without domain, or an address; with `ask` also if its server must be asked.

    It may be one whom the viewer blocks: apps look for it to block it no more.
    """
    found: Account | None = None
    if is_address(text):
        found = await _account_at(text, ask)
    elif _HANDLE.fullmatch(text):
        found = await known_handle(text)
        if found is None and ask:
            found = await _ask_for_handle(text)
    elif _NAME.fullmatch(text):
        found = await known_handle(text)
    if found is None or (viewer_id is not None and await relationships.blocks(found.id, viewer_id)):
        return None
    rows = await accounts.visible_by_ids(None, [found.id])
    if rows and ask and viewer_id is not None:
        await post_readings.profile_opened(found.id)
    return rows[0] if rows else None


async def account_afresh(text: str) -> Account | None:
    """The account behind a whole handle or an address, as its server describes it at this moment; `None` when it cannot
    be had now."""
    row = await find_account(text.strip(), None, ask=True)
    if row is None:
        return None
    account = await Account.get(id=row.id)
    return account if account.is_local else await _within_deadline(resolve.refresh(account.uri), account.uri)


async def find_status(address: str, viewer_id: int | None, *, ask: bool) -> StatusRow | None:
    """The post at an address (its id or its page), if the viewer may see it."""
    if not is_address(address):
        return None
    post_id = await _known_post(address)
    if post_id is None and ask and not urls.is_local(address):
        post_id = await _ask_for_post(address)
    return await statuses.one(viewer_id, post_id) if post_id is not None else None


async def find_collection(address: str, viewer_id: int | None) -> CollectionRow | None:
    """The collection of accounts at an address (its id), unless its owner blocks the viewer."""
    found = await account_collections.by_uri(address) if is_address(address) else None
    if found is None or (viewer_id is not None and await relationships.blocks(found.account_id, viewer_id)):
        return None
    return found


async def _known_post(address: str) -> int | None:
    if urls.is_local(address):
        page = _OUR_PAGE.fullmatch(address.removeprefix(urls.base()))
        return int(page[1]) if page else urls.local_post_id(address)
    known = await Post.filter(uri=address).first()
    return known.id if known is not None else None


async def _account_at(address: str, ask: bool) -> Account | None:
    if urls.is_local(address):
        page = _OUR_PROFILE.fullmatch(address.removeprefix(urls.base()))
        number = urls.local_account_id(address)
        if page is not None:
            return await account_service.by_handle(page[1])
        return await Account.get_or_none(id=number) if number is not None else None
    known = await account_service.by_uri(address)
    if known is not None or not ask:
        return known
    return await _ask_for_actor(address)


async def _ask_for_handle(handle: str) -> Account | None:
    return await _within_deadline(resolve.resolve_handle(handle), handle)


async def _ask_for_actor(address: str) -> Account | None:
    return await _within_deadline(addressed.account_at(address), address)


async def _ask_for_post(address: str) -> int | None:
    post = await _within_deadline(addressed.post_at(address), address)
    return post.id if post is not None else None


async def _within_deadline(asking: Awaitable[Found], what: str) -> Found | None:
    try:
        return await asyncio.wait_for(asking, DEADLINE_SECONDS)
    except (resolve.ResolveError, TimeoutError) as error:
        log.info("search_not_resolved", what=what, reason=str(error))
        return None
