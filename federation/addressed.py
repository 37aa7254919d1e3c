"""What a person means by a web address: the post or account of that id, or the one whose page it is.

Most servers answer ActivityPub at the address of the page. Others name the id in the page (`rel="alternate"`), which is
then fetched from its own origin like any other.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin

from activitypub.parse import ParseError, absolute_url
from activitypub.vocabulary import ACTIVITY_JSON, ACTIVITY_MEDIA_TYPES
from federation import fetching, policy, resolve
from federation.fetch_errors import FetchError
from federation.markup import links
from federation.resolve_errors import NoDocument, resolve_error
from node.models.accounts import Account
from node.models.posts import Post

MAX_BYTES: Final = 512 * 1024


async def post_at(address: str) -> Post:
    """The post somebody means by an address. Raises `Unresolvable`, `Gone`, `TryLater`."""
    try:
        return await resolve.resolve_post(address)
    except NoDocument:
        return await resolve.resolve_post(await _named_by_page(address))


async def account_at(address: str) -> Account:
    """The account somebody means by an address. Raises `Unresolvable`, `Gone`, `TryLater`."""
    try:
        return await resolve.resolve_actor(address)
    except NoDocument:
        return await resolve.resolve_actor(await _named_by_page(address))


async def _named_by_page(address: str) -> str:
    """The id that the page at `address` gives for itself. Raises `NoDocument` when it gives none."""
    url = _absolute(address)
    await policy.require_allowed(url)
    try:
        answer = await fetching.client().get(url, accept="text/html", max_bytes=MAX_BYTES)
    except FetchError as error:
        raise resolve_error(url, error) from error
    await policy.require_allowed(_absolute(answer.final_url))
    for values in links(answer.body.decode("utf-8", "replace")):
        kind = values.get("type", "").lower()
        is_document = kind in ACTIVITY_MEDIA_TYPES or kind.partition(";")[0].strip() == ACTIVITY_JSON
        is_alternate = is_document and "alternate" in values.get("rel", "").lower().split()
        if is_alternate and values.get("href"):
            return _absolute(values["href"].strip(), answer.final_url)
    raise NoDocument(url, "the page names no ActivityPub document")


def _absolute(address: str, base: str | None = None) -> str:
    try:
        return absolute_url(address if base is None else urljoin(base, address), "address")
    except (ParseError, ValueError) as error:
        raise NoDocument(address[:200], str(error)) from error
