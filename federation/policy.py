"""With whom this node exchanges anything: asked at every entry and every exit.

Entries are the key's host, the actor's, the object's, the host fetched from (before and after redirects) and the
domain of a handle. Rules cover subdomains and every spelling of a name (`node.services.domains`).
"""

from __future__ import annotations

from activitypub.parse import origin_host
from federation.resolve_errors import Unresolvable
from node.runtime import runtime
from node.services import domain_allows, domains


async def is_refused(authority: str, *, farewell: bool = False) -> bool:
    """Whether nothing may be taken from or sent to this host (`host` or `host:port`).

    A `farewell`, the end of follows because of a suspension, still goes to the suspended domain.
    """
    if not runtime().settings.federation.enabled:
        return True
    if farewell:
        return False
    return await domains.is_suspended(authority) or await domain_allows.is_kept_out(authority)


async def require_allowed(url: str) -> None:
    """Raises `Unresolvable` when the host of `url` (as `absolute_url` returns it) is refused."""
    if await is_refused(origin_host(url)):
        raise Unresolvable(url, "its domain is suspended here")
