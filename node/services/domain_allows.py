"""With which domains alone this node exchanges anything, when its settings say that it does so with none but them."""

from __future__ import annotations

from typing import Final

from node.errors import Invalid, NotFound
from node.models.moderation import DomainAllow
from node.runtime import runtime
from node.services.domains import normalise
from node.services.kept_rules import KeptRules

CHANNEL: Final = "domain-allows"


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
    """Allow a domain. Raises `Invalid` (domain), also when it is allowed already."""
    name = _checked(domain)
    if await DomainAllow.exists(domain=name):
        raise Invalid("domain", "has already been taken", code="ERR_TAKEN")
    allow = await DomainAllow.create(domain=name)
    _allowed.announce_change()
    return allow


async def remove(allow: DomainAllow) -> None:
    """Allow a domain no longer."""
    await allow.delete()
    _allowed.announce_change()


def _checked(domain: str) -> str:
    if not domain.strip():
        raise Invalid("domain", "can't be blank", code="ERR_BLANK")
    return normalise(domain)
