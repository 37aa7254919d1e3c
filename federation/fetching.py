"""Documents of other servers, fetched in the name of the instance actor, within a budget and the domain policy.

What comes back may be believed for its own id: `fetch` returns a document only when its `id` is the very URL it was
finally served from (FEP-fe34; CVE-2024-23832, CVE-2023-49079).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from activitypub.host_meta import MAX_BYTES as MAX_HOST_META
from activitypub.host_meta import fill_template, parse_host_meta
from activitypub.parse import ParseError, absolute_url, load_json, origin_host
from activitypub.signatures import SignatureError
from activitypub.types import WebFinger
from activitypub.webfinger import parse_webfinger
from federation import policy, signed_gets
from federation.budget import Budget, TooMuch
from federation.client import FetchError, HttpClient
from federation.resolve_errors import Gone, TryLater, Unresolvable, resolve_error
from node import db, urls
from node.runtime import runtime
from node.settings import Settings

SOFTWARE = "Heliograph"
VERSION = "0.1"
ACCEPT_XRD = "application/xrd+xml, application/xml;q=0.9, text/xml;q=0.8"

_client: HttpClient | None = None


class NeedsNetwork(Exception):
    """Something would have to be fetched, but a transaction is open: nobody waits for another server holding one."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An unparsed document and the URL it was finally served from."""

    url: str
    document: Mapping[str, Any]


def open_client(settings: Settings) -> HttpClient:
    """Make the outgoing client of this process."""
    global _client
    is_open = settings.federation.allow_private_networks
    _client = HttpClient(
        f"{SOFTWARE}/{VERSION} (+{settings.base_url}/)",
        allow_private_networks=is_open,
        allow_http=is_open,
        own_hosts=frozenset({settings.domain}),
    )
    return _client


def client() -> HttpClient:
    """The outgoing client of this process. Raises `RuntimeError` while there is none."""
    if _client is None:
        raise RuntimeError("the outgoing client is not open in this process")
    return _client


async def close_client() -> None:
    """Close it."""
    global _client
    if _client is not None:
        closing, _client = _client, None
        await closing.aclose()


def require_network(uri: str) -> None:
    """Raises `NeedsNetwork` inside a transaction. Call it before sharing a fetch with others (`SingleFlight`)."""
    if db.in_a_transaction():
        raise NeedsNetwork(uri)


async def fetch(uri: str, budget: Budget) -> Fetched:
    """The document whose id is `uri`, from its origin. Raises `Unresolvable`, `Gone`, `TryLater`.

    When what is served there names another id of the same host (a page's URL was given, a path has an alias), that id
    is fetched instead, once; then it has to fit letter for letter.
    """
    fetched = await fetch_unchecked(uri, budget)
    named = _id_of(fetched)
    if named == fetched.url:
        return fetched
    if origin_host(named) != origin_host(fetched.url):
        raise Unresolvable(uri, "its id is on another host than it was served from")
    fetched = await fetch_unchecked(named, budget)
    if _id_of(fetched) != fetched.url:
        raise Unresolvable(uri, "its id is not the URL it is served from")
    return fetched


async def fetch_unchecked(uri: str, budget: Budget) -> Fetched:
    """Whatever ActivityPub document `uri` answers. Its `id` has not been compared with where it came from."""
    require_network(uri)
    url = _absolute(uri)
    if urls.is_local(url):
        raise Unresolvable(url, "an id of this node is never fetched")
    await policy.require_allowed(url)
    try:
        with _spending(budget, url):
            first = signed_gets.style_for(url)
            answer = await client().fetch_document(url, sign=signed_gets.signer_for(budget), first=first)
    except SignatureError as error:
        raise Unresolvable(url, error.reason) from error
    if answer.style is not first:
        signed_gets.accepted(url, answer.style)
    final_url = _absolute(answer.final_url)
    await policy.require_allowed(final_url)
    try:
        document = load_json(answer.body)
    except ParseError as error:
        raise Unresolvable(url, str(error)) from error
    if document.get("type") == "Tombstone":
        raise Gone(url, "it is a Tombstone", deleted=True)
    return Fetched(final_url, document)


async def fetch_webfinger(handle: str, scheme: str, budget: Budget) -> WebFinger:
    """What the host of `handle` (`user@host`) says about it (RFC 7033), at the usual place or, when there is nothing, where
    its host-meta says. Raises like `fetch`."""
    require_network(handle)
    host = handle.rpartition("@")[2]
    url = _absolute(f"{scheme}://{host}/.well-known/webfinger?resource=acct:{quote(handle, safe='@:')}")
    if runtime().settings.is_own_domain(host):
        raise _own(handle)
    try:
        return await _webfinger_at(url, budget)
    except Gone as gone:
        elsewhere = None if gone.deleted else await _other_webfinger(f"{scheme}://{host}", handle, budget)
        if elsewhere is None or elsewhere == url:
            raise
    return await _webfinger_at(elsewhere, budget)


async def _webfinger_at(url: str, budget: Budget) -> WebFinger:
    if urls.is_local(url):
        raise _own(url)
    await policy.require_allowed(url)
    with _spending(budget, url):
        answer = await client().fetch_jrd(url)
    await policy.require_allowed(_absolute(answer.final_url))
    try:
        return parse_webfinger(load_json(answer.body))
    except ParseError as error:
        raise Unresolvable(url, str(error)) from error


async def _other_webfinger(origin: str, handle: str, budget: Budget) -> str | None:
    """Where the host-meta of a server says that it answers for a handle, if it has one; never down from https."""
    url = _absolute(f"{origin}/.well-known/host-meta")
    try:
        with _spending(budget, url):
            answer = await client().get(url, accept=ACCEPT_XRD, max_bytes=MAX_HOST_META)
    except Unresolvable:
        return None
    if answer.status != 200:
        return None
    try:
        found = absolute_url(fill_template(parse_host_meta(answer.body), f"acct:{handle}"), "template")
    except ParseError:
        return None
    return found if found.startswith("https:") or url.startswith("http:") else None


def _own(handle: str) -> Unresolvable:
    return Unresolvable(handle, "a handle of this node is never asked for elsewhere")


@contextmanager
def _spending(budget: Budget, url: str) -> Iterator[None]:
    """One request of a budget; its failure is raised as what it means for those who wanted it."""
    budget.spend(url)
    began = time.monotonic()
    try:
        yield
    except FetchError as error:
        meaning = resolve_error(url, error)
        if isinstance(meaning, TryLater):
            budget.failed(url, began, meaning.retry_after)
        else:
            budget.answered(url, began)
        raise meaning from error
    budget.answered(url, began)


def _absolute(uri: str) -> str:
    try:
        return absolute_url(uri, "id")
    except ParseError as error:
        raise Unresolvable(uri[:200], str(error)) from error


def _id_of(fetched: Fetched) -> str:
    try:
        return absolute_url(fetched.document.get("id"), "id")
    except ParseError as error:
        raise Unresolvable(fetched.url, str(error)) from error


__all__ = [
    "Budget",
    "Fetched",
    "Gone",
    "NeedsNetwork",
    "TooMuch",
    "TryLater",
    "Unresolvable",
    "client",
    "close_client",
    "fetch",
    "fetch_unchecked",
    "fetch_webfinger",
    "open_client",
    "require_network",
]
