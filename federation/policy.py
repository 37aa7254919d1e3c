"""With whom this node exchanges anything: asked at every entry and every exit.

Entries are the key's host, the actor's, the object's, the host fetched from (before and after redirects) and the
domain of a handle. Rules cover subdomains; names are compared in ASCII without a port.
"""

from __future__ import annotations

from activitypub.parse import origin_host
from federation.resolve_errors import Unresolvable
from node.runtime import runtime
from node.services import domains


def host_name(authority: str) -> str:
    """A host without its port, as domain rules name it."""
    name, colon, port = authority.rpartition(":")
    return name if colon and port.isdigit() else authority


async def is_refused(authority: str) -> bool:
    """Whether nothing may be taken from or sent to this host (`host` or `host:port`)."""
    if not runtime().settings.federation.enabled:
        return True
    return await domains.is_suspended(host_name(authority))


async def require_allowed(url: str) -> None:
    """Raises `Unresolvable` when the host of `url` (as `absolute_url` returns it) is refused."""
    if await is_refused(origin_host(url)):
        raise Unresolvable(url, "its domain is suspended here")
