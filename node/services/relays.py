"""Relays: asked to let this node in, left again; who they are is kept at hand, since every activity asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from node import db, events, urls
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.relays import ACCEPTED, IDLE, KINDS, LITEPUB, MASTODON, PENDING, REJECTED, Relay
from node.runtime import runtime
from node.services import audit, domains
from node.services.kept_rules import KeptRules

CHANNEL: Final = "relays"
MAX_RELAYS: Final = 100


async def _load() -> Mapping[int, Relay]:
    return {relay.id: relay for relay in await Relay.all().limit(MAX_RELAYS)}


_relays: Final = KeptRules(CHANNEL, _load)


async def one(relay_id: int) -> Relay:
    """A relay. Raises `NotFound`."""
    relay = await Relay.get_or_none(id=relay_id)
    if relay is None:
        raise NotFound()
    return relay


async def add(moderator_id: int, address: str, kind: str = MASTODON) -> Relay:
    """Ask a relay to let this node in: given by its inbox (`mastodon`), or by its actor (`litepub`).

    Raises `Invalid` (address, kind).
    """
    if kind not in KINDS:
        raise Invalid("kind", "is not included in the list", code="ERR_INCLUSION")
    address = await _checked(address.strip())
    async with audit.decision(moderator_id, "create") as made:
        relay = await Relay.create(
            kind=kind,
            address=address,
            inbox_url=address if kind == MASTODON else "",
            actor_uri=address if kind == LITEPUB else None,
        )
        made.about("Relay", relay.id, address)
        await _ask(relay)
    return relay


async def _checked(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in ("https", "http") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        is_good = False
    if not is_good or len(address) > 2048 or any(sign.isspace() for sign in address):
        raise Invalid("address", "is not a valid URL")
    if parts.scheme == "http" and not runtime().settings.federation.allow_private_networks:
        raise Invalid("address", "must be https")
    if urls.is_local(address) or await domains.is_suspended(parts.netloc):
        raise Invalid("address", "is on a domain nothing is exchanged with")
    if await Relay.exists(address=address):
        raise Invalid("address", "has already been taken", code="ERR_TAKEN")
    if await Relay.all().count() >= MAX_RELAYS:
        raise Invalid("address", f"can't be more than {MAX_RELAYS}", code="ERR_TOO_MANY")
    return address


async def switch(moderator_id: int, relay_id: int, *, on: bool) -> Relay:
    """Ask a relay (again) to let this node in, or leave it. Raises `NotFound`."""
    relay = await one(relay_id)
    async with audit.decision(moderator_id, "enable" if on else "disable", "Relay", relay.id, relay.address):
        if on and relay.state in (IDLE, REJECTED):
            await _ask(relay)
        elif not on:
            await _leave(relay)
    return relay


async def remove(moderator_id: int, relay_id: int) -> None:
    """Leave a relay and forget it. Raises `NotFound`."""
    relay = await one(relay_id)
    async with audit.decision(moderator_id, "destroy", "Relay", relay.id, relay.address):
        await _leave(relay)
        await relay.delete()


async def _ask(relay: Relay) -> None:
    relay.state = PENDING
    relay.follow_uri = urls.activity(urls.instance_actor(), "follows", new_id())
    await relay.save()
    await events.record(events.RelayJoined(relay_id=relay.id))
    _relays.announce_change()


async def _leave(relay: Relay) -> None:
    if relay.state in (PENDING, ACCEPTED) and relay.follow_uri is not None:
        await events.record(events.RelayLeft(relay.kind, relay.address, relay.inbox_url, relay.follow_uri))
    relay.state, relay.follow_uri = IDLE, None
    await relay.save()
    _relays.announce_change()


async def answered(actor_uri: str, follow_uri: str | None, *, accepted: bool) -> bool:
    """The relay that was asked by this Follow accepts or rejects it. `False` when it was no Follow of a relay.

    Only the relay itself can: its known actor, or an actor on the host of its inbox.
    """
    if follow_uri is None:
        return False
    relay = next((relay for relay in (await _relays.all()).values() if relay.follow_uri == follow_uri), None)
    if relay is None:
        return False
    is_the_relay = (
        relay.actor_uri == actor_uri
        if relay.actor_uri is not None
        else urlsplit(actor_uri).netloc == urlsplit(relay.inbox_url).netloc
    )
    if is_the_relay:
        async with db.transaction():
            state = ACCEPTED if accepted else REJECTED
            await Relay.filter(id=relay.id).update(state=state, actor_uri=actor_uri)
            _relays.announce_change()
    return True


async def located(relay: Relay, inbox_url: str) -> None:
    """The inbox of a relay that was given by its actor is known now."""
    async with db.transaction():
        await Relay.filter(id=relay.id).update(inbox_url=inbox_url)
        _relays.announce_change()


async def is_asked(actor_uri: str) -> bool:
    """Whether an actor is a relay that this node wants to be let in by, or is."""
    return any(
        relay.actor_uri == actor_uri and relay.state in (PENDING, ACCEPTED) for relay in (await _relays.all()).values()
    )


async def is_let_in_by(actor_uri: str) -> bool:
    """Whether an actor is a relay that has let this node in."""
    return any(relay.actor_uri == actor_uri and relay.state == ACCEPTED for relay in (await _relays.all()).values())


async def inboxes(kind: str) -> set[str]:
    """Where the public posts of this node go: the inboxes of the relays of a kind that have let it in."""
    return {
        relay.inbox_url
        for relay in (await _relays.all()).values()
        if relay.kind == kind and relay.state == ACCEPTED and relay.inbox_url
    }
