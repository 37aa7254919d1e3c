"""From an id or a handle to a row: known here, or fetched from its origin, checked and stored.

Our own ids are looked up, never fetched. Those who want the same thing at the same time share one fetch. What cannot be
had raises `Unresolvable` (drop it) or `TryLater` (come back).
"""

from __future__ import annotations

from datetime import timedelta

from activitypub.parse import ParseError, absolute_url
from activitypub.vocabulary import PUBLIC
from federation import fetching, received_notes, rereading
from federation.actor_fetch import SeparateKey, fetch_actor
from federation.budget import Background, Budget
from federation.resolve_errors import Gone, ResolveError, TryLater, Unresolvable
from node import clock, jobs, urls
from node.errors import Invalid
from node.models.accounts import LOCAL, Account
from node.models.posts import Post
from node.runtime import runtime
from node.services import accounts, domains
from node.single_flight import SingleFlight

__all__ = [
    "Budget",
    "Gone",
    "ResolveError",
    "TryLater",
    "Unresolvable",
    "refresh",
    "refresh_soon",
    "resolve_actor",
    "resolve_handle",
    "resolve_post",
]

REFRESH_JOB = "refresh_actor"
MEET_JOB = "meet_new_account_of_moved_actor"

_actors: SingleFlight[Account] = SingleFlight()
_posts: SingleFlight[Post] = SingleFlight()


async def resolve_actor(uri: str, *, budget: Budget | None = None) -> Account:
    """The account of an actor id. A remote one that was read longer ago than `actor_refresh_hours` is read again.

    A stale account is better than none: when its host is down, what is known is returned.
    Raises `Unresolvable`, `Gone`, `TryLater`.
    """
    uri = _absolute(uri)
    account = await accounts.by_uri(uri)
    if urls.is_local(uri):
        if account is None:
            raise Unresolvable(uri, "no account of this node")
        return account
    if account is not None and not is_stale(account):
        return account
    try:
        return await refresh(uri, budget=budget)
    except TryLater:
        if account is not None:
            return account
        raise


async def refresh(uri: str, *, budget: Budget | None = None, separate_key: SeparateKey | None = None) -> Account:
    """The account of a remote actor id, read from its origin now. Raises `Unresolvable`, `Gone`, `TryLater`."""
    uri = _absolute(uri)
    if urls.is_local(uri):
        raise Unresolvable(uri, "an account of this node is never fetched")
    fetching.require_network(uri)
    key = uri if separate_key is None else f"{uri} {separate_key[0]}"
    account = await _actors.run(key, lambda: fetch_actor(uri, budget or Budget(), separate_key))
    await _meet_destination(account)
    return account


async def _meet_destination(account: Account) -> None:
    """Have the account somebody moved to read in the background, once a day at most: it can be shown as theirs only
    when it says so too.

    Where that one has moved to in turn is not asked.
    """
    uri = account.moved_to_uri
    if uri is None or urls.is_local(uri) or await _is_known_to_be(uri, account.uri):
        return
    day = int(clock.timestamp() // 86_400)
    await jobs.enqueue(MEET_JOB, {"uri": uri, "alias": account.uri}, key=f"{MEET_JOB}:{day}:{account.id}")


async def meet(uri: str, alias: str) -> None:
    """Read the account somebody (`alias`) moved to, unless it is known as theirs already.

    Raises `Unresolvable`, `Gone`, `TryLater`.
    """
    if not await _is_known_to_be(uri, alias):
        await _actors.run(uri, lambda: fetch_actor(uri, Background(), None))


async def _is_known_to_be(uri: str, alias: str) -> bool:
    known = await accounts.by_uri(uri)
    return known is not None and alias in known.also_known_as and not is_stale(known)


def is_stale(account: Account) -> bool:
    """Whether a remote account was read too long ago to be relied on."""
    if account.is_local:
        return False
    hours = runtime().settings.federation.actor_refresh_hours
    return account.fetched_at is None or clock.now() - account.fetched_at > timedelta(hours=hours)


async def refresh_soon(account: Account) -> None:
    """Have a remote account read again in the background, once a day at most."""
    day = int(clock.timestamp() // 86_400)
    await jobs.enqueue(REFRESH_JOB, {"uri": account.uri}, key=f"{REFRESH_JOB}:{day}:{account.id}")


async def resolve_handle(handle: str, *, budget: Budget | None = None) -> Account:
    """The account behind `user@host` (also `@user@host`, `acct:user@host`), here or elsewhere.

    Raises `Unresolvable`, `Gone`, `TryLater`.
    """
    budget = budget or Budget()
    username, domain = _handle_parts(handle)
    if domain == LOCAL or runtime().settings.is_own_domain(domain):
        account = await accounts.by_handle(username, LOCAL)
        if account is None:
            raise Unresolvable(handle, "no account of this node")
        return account
    known = await accounts.by_handle(username, domain)
    if known is not None and not is_stale(known):
        return known
    try:
        found = await fetching.fetch_webfinger(f"{username}@{domain}", _scheme(), budget)
        if found.actor_id is None:
            raise Unresolvable(handle, "WebFinger names no ActivityPub actor")
        return await resolve_actor(found.actor_id, budget=budget)
    except TryLater:
        if known is not None:
            return known
        raise


async def resolve_post(
    uri: str, *, budget: Budget | None = None, quietly: bool = True, only_public: bool = False
) -> Post:
    """The post at `uri`; what it answers follows in the background. Raises `Unresolvable`, `Gone`, `TryLater`.

    `uri` may also be the address of its page, if that answers ActivityPub and leads to the id on the same host. Nobody
    is notified of a post that was fetched `quietly`; `only_public` refuses one that is not for everybody.
    """
    uri = _absolute(uri)
    known = await received_notes.known_post(uri)
    if known is not None:
        return known
    if urls.is_local(uri):
        raise Unresolvable(uri, "no post of this node")
    fetching.require_network(uri)
    return await _posts.run(uri, lambda: _fetch_post(uri, budget or Budget(), quietly, only_public))


async def _fetch_post(uri: str, budget: Budget, quietly: bool, only_public: bool) -> Post:
    note = (await rereading.fetch(uri, budget)).note
    if only_public and PUBLIC not in note.to:
        raise Unresolvable(uri, "it is not for everybody")
    author = await resolve_actor(note.attributed_to, budget=budget)
    parent = None if note.in_reply_to is None else await received_notes.known_post(note.in_reply_to)
    return await received_notes.store(note, author, parent, quietly=quietly)


def _scheme() -> str:
    settings = runtime().settings
    is_plain = settings.federation.allow_private_networks and settings.base_url.startswith("http://")
    return "http" if is_plain else "https"


def _absolute(uri: str) -> str:
    try:
        return absolute_url(uri, "id")
    except ParseError as error:
        raise Unresolvable(uri[:200], str(error)) from error


def _handle_parts(handle: str) -> tuple[str, str]:
    username, _, domain = handle.removeprefix("acct:").removeprefix("@").partition("@")
    if not username or "@" in domain or any(character in username for character in "/?# "):
        raise Unresolvable(handle[:200], "not a handle")
    try:
        return username, domains.normalise(domain) if domain else LOCAL
    except Invalid as error:
        raise Unresolvable(handle[:200], error.message) from error
