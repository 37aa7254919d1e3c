"""Remote actors: read from their origin, their handle confirmed from both sides, stored.

A handle is believed when WebFinger of its host names the actor and the actor names the handle (federation reference
§5): the actor proves the account, the host proves the name.
"""

from __future__ import annotations

import contextlib

import structlog

from activitypub.parse import ParseError, origin_host, parse_actor, parse_public_key
from activitypub.signatures import UnusableKey, multikey_pem
from activitypub.types import Actor
from federation import fetching, hosts, mapping, newcomers, policy
from federation.fetching import Budget, Fetched
from federation.resolve_errors import Gone, ResolveError, Unresolvable
from node import clock, db, jobs
from node.errors import Conflict, DomainError
from node.models.accounts import Account
from node.runtime import runtime
from node.services import accounts

log = structlog.get_logger()

KEYS_CHANGED = "keys-changed"
"""Bus channel: `{"key_ids": […]}` when an actor was read again, so that no process goes on with a key it gave up."""

FEATURED_JOB = "refresh_featured"

SeparateKey = tuple[str, Fetched]
"""The id of a key that stands in a document of its own, and that document."""


async def fetch_actor(uri: str, budget: Budget, separate_key: SeparateKey | None = None) -> Account:
    """The account of the actor at `uri`, read anew and stored. Raises `Unresolvable`, `Gone`, `TryLater`.

    A known account whose origin says 410 is deleted here too.
    """
    known = await accounts.by_uri(uri)
    if known is None:
        newcomers.admit(origin_host(uri))
    try:
        fetched = await fetching.fetch(uri, budget)
    except Gone as gone:
        if known is not None and gone.deleted:
            await accounts.receive_deletion(known)
        raise
    actor = _read(fetched)
    if actor.id != uri and known is not None:
        raise Unresolvable(uri, "the actor now goes by another id")
    await _check_endpoints(actor)
    username, domain = await _confirmed_handle(actor, budget)
    profile = mapping.remote_profile(
        actor, username, domain, await _keys(actor, separate_key), await _proof_keys(actor)
    )
    replaced = [] if known is None else await _key_ids(known)
    try:
        account = await _store(profile, budget)
    except DomainError as error:
        raise Unresolvable(uri, error.message) from error
    hosts.saw(origin_host(actor.id))
    if replaced:
        runtime().bus.publish(KEYS_CHANGED, {"key_ids": replaced})
    await _refresh_featured_soon(account)
    return account


async def _refresh_featured_soon(account: Account) -> None:
    """Have what the profile shows first read in the background (`featured.py`), if anybody here follows it."""
    if not (account.featured_url or account.featured_tags_url or account.featured_collections_url):
        return
    row = await db.fetch_one(
        "SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ? AND a.domain = '' LIMIT 1",
        (account.id,),
    )
    if row is not None:
        day = int(clock.timestamp() // 86_400)
        await jobs.enqueue(FEATURED_JOB, {"account_id": account.id}, key=f"{FEATURED_JOB}:{day}:{account.id}")


async def _key_ids(account: Account) -> list[str]:
    rows = await db.fetch_all("SELECT key_id FROM actor_keys WHERE account_id = ?", (account.id,))
    return [account.uri, *(row[0] for row in rows)]


def _read(fetched: Fetched) -> Actor:
    try:
        return parse_actor(fetched.document)
    except ParseError as error:
        raise Unresolvable(fetched.url, str(error)) from error


async def _check_endpoints(actor: Actor) -> None:
    """What is sent there must not go to a suspended host either."""
    for url in (actor.inbox, actor.shared_inbox):
        if url is not None:
            await policy.require_allowed(url)


async def _confirmed_handle(actor: Actor, budget: Budget) -> tuple[str, str]:
    """Username and domain that WebFinger and the actor agree on (FEP-2c59, split domains)."""
    scheme = actor.id.partition(":")[0]
    host = origin_host(actor.id)
    claimed = actor.webfinger or f"{actor.username}@{host}"
    try:
        confirmed = await _ask(claimed, actor, scheme, budget)
        if (
            confirmed.lower() != claimed.lower()
            and (await _ask(confirmed, actor, scheme, budget)).lower() != confirmed.lower()
        ):
            raise Unresolvable(actor.id, "its handle leads on to yet another one")
    except Gone:
        # Relays and some instance actors have no handle; their host vouches for the name by its origin.
        if actor.type != "Application" or claimed.rpartition("@")[2] != host:
            raise
        confirmed = claimed
    name, _, domain = confirmed.rpartition("@")
    await policy.require_allowed(f"{scheme}://{domain}/")
    return (actor.username if name.lower() == actor.username.lower() else name), domain.lower()


async def _ask(handle: str, actor: Actor, scheme: str, budget: Budget) -> str:
    """The handle WebFinger gives back for `handle`, if it is this actor's."""
    found = await fetching.fetch_webfinger(handle, scheme, budget)
    if found.actor_id != actor.id:
        raise Unresolvable(actor.id, "WebFinger names another actor")
    return found.acct or handle


async def _keys(actor: Actor, separate_key: SeparateKey | None) -> tuple[tuple[str, str], ...]:
    """The keys the actor lists, as (id, PEM): those in its document, and the separate one if the actor names it.

    A separate key document must stand at its own id and name the actor as owner. One that belongs to another account
    already is left out: a key fetched for one actor never overwrites another's.
    """
    keys = {key.id: key.pem for key in actor.public_keys}
    if separate_key is not None and separate_key[0] in actor.public_key_ids:
        key_id, fetched = separate_key
        try:
            key = parse_public_key(fetched.document)
        except ParseError as error:
            raise Unresolvable(key_id, str(error)) from error
        if key.id == key_id == fetched.url and key.owner == actor.id:
            keys[key_id] = key.pem
    return await _not_anothers(actor, keys)


async def _proof_keys(actor: Actor) -> tuple[tuple[str, str], ...]:
    """The keys that prove its documents (FEP-521a), as (id, PEM); those of kinds unknown here are left out."""
    keys: dict[str, str] = {}
    for key in actor.assertion_methods:
        with contextlib.suppress(UnusableKey):
            keys[key.id] = multikey_pem(key.public_key_multibase)
    return await _not_anothers(actor, keys)


async def _not_anothers(actor: Actor, keys: dict[str, str]) -> tuple[tuple[str, str], ...]:
    if not keys:
        return ()
    rows = await db.fetch_all(
        "SELECT k.key_id FROM actor_keys k JOIN accounts a ON a.id = k.account_id"
        f" WHERE k.key_id IN ({db.marks(keys)}) AND a.uri <> ?",
        (*keys, actor.id),
    )
    taken = {row[0] for row in rows}
    return tuple((key_id, pem) for key_id, pem in keys.items() if key_id not in taken)


async def _store(profile: accounts.RemoteProfile, budget: Budget) -> Account:
    """Store it. A handle that belongs to another actor of the same host passes on only when that one is gone, and never
    when it is suspended here (GHSA-5h2f-wg8j-xqwp)."""
    try:
        return await accounts.receive_profile(profile)
    except Conflict:
        holder = await accounts.by_handle(profile.username, profile.domain)
        if (
            holder is None
            or holder.uri == profile.uri
            or _is_kept_out(holder)
            or not await _is_gone(holder.uri, budget)
        ):
            raise
    log.info("handle_released", account=holder.id)
    await accounts.receive_deletion(holder)
    return await accounts.receive_profile(profile)


def _is_kept_out(account: Account) -> bool:
    """Whether this node suspended it, rather than its own server."""
    return account.suspended_at is not None and not account.suspended_by_origin


async def _is_gone(uri: str, budget: Budget) -> bool:
    try:
        await fetching.fetch(uri, budget)
    except Gone:
        return True
    except ResolveError:
        return False
    return False
