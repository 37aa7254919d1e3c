"""With which domains alone this node exchanges anything, when its settings say that it does so with none but them."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from node import db, jobs
from node.errors import Invalid, NotFound
from node.models.moderation import DomainAllow
from node.models.severances import DOMAIN_BLOCK
from node.runtime import runtime
from node.services import domain_effects, severances
from node.services.domains import is_suspended, normalise
from node.services.kept_rules import KeptRules

CHANNEL: Final = "domain-allows"
SEVER: Final = "sever_domain_kept_out"
BATCH: Final = 200


async def _load() -> frozenset[str]:
    return frozenset(allow.domain for allow in await DomainAllow.all())


_allowed: Final = KeptRules(CHANNEL, _load)


async def is_kept_out(authority: str) -> bool:
    """Whether this host (a port is allowed) is not among those the node keeps to."""
    if not runtime().settings.federation.only_allowed:
        return False
    try:
        name = normalise(authority)
    except Invalid:
        return True
    return not {name, name.partition(":")[0]} & await _allowed.all()


async def one(allow_id: int) -> DomainAllow:
    """The permission of that number. Raises `NotFound`."""
    allow = await DomainAllow.get_or_none(id=allow_id)
    if allow is None:
        raise NotFound()
    return allow


async def find(domain: str) -> DomainAllow | None:
    """The permission of a domain. Raises `Invalid` (domain) for what is none."""
    return await DomainAllow.get_or_none(domain=_checked(domain))


async def add(domain: str) -> DomainAllow:
    """Allow a domain; who lost follows when it was allowed no longer is told that it is again.

    Raises `Invalid` (domain), also when it is allowed already.
    """
    name = _checked(domain)
    if await DomainAllow.exists(domain=name):
        raise Invalid("domain", "has already been taken", code="ERR_TAKEN")
    async with db.transaction():
        allow = await DomainAllow.create(domain=name)
        if not await is_suspended(name):
            await severances.lift(DOMAIN_BLOCK, name)
        _allowed.announce_change()
    return allow


async def remove(allow: DomainAllow) -> None:
    """Allow a domain no longer.

    A node that keeps to few then ends, in the background, the follows between here and there, as a suspension does: the
    last that the domain hears of it. People are told whom they lost.
    """
    async with db.transaction():
        await allow.delete()
        if runtime().settings.federation.only_allowed:
            severance = await severances.begin(DOMAIN_BLOCK, allow.domain)
            await jobs.enqueue(SEVER, {"domain": allow.domain, "severance_id": severance.id})
        _allowed.announce_change()


async def _sever(payload: dict[str, Any]) -> None:
    """End the follows between here and a domain, and those of its subdomains that are not allowed themselves."""
    name, severance_id = payload["domain"], int(payload["severance_id"])
    async for numbers in domain_effects.accounts_of(name, BATCH):
        if not await is_kept_out(name):
            break
        rows = await db.fetch_all(
            f"SELECT id, domain, uri FROM accounts WHERE id IN ({db.marks(numbers)})", tuple(numbers)
        )
        for account_id, domain, uri in rows:
            if await is_kept_out(domain) or await is_kept_out(urlsplit(uri).netloc):
                while await severances.sever_some(severance_id, int(account_id), BATCH):
                    pass
    await severances.finish(severance_id)


def _checked(domain: str) -> str:
    if not domain.strip():
        raise Invalid("domain", "can't be blank", code="ERR_BLANK")
    return normalise(domain)


jobs.register(SEVER, _sever)
