"""Which servers take the mail of a domain (DNS)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

SECONDS: Final = 3.0
MOST: Final = 10


async def mail_exchangers(domain: str, *, ask: Sequence[str] = (), port: int = 53) -> list[str]:
    """The names of the servers that take a domain's mail, in lower case; none when it has none or DNS does not answer.

    `ask` are name servers to ask in place of the system's.
    """
    # Imported here: it is needed at sign-ups alone, and only while there are blocks.
    import dns.asyncresolver
    import dns.exception

    try:
        resolver = dns.asyncresolver.Resolver(configure=not ask)
        if ask:
            resolver.nameservers, resolver.port = list(ask), port
        answer = await resolver.resolve(domain, "MX", lifetime=SECONDS)
    except (dns.exception.DNSException, OSError, ValueError):
        return []
    return [str(record.exchange).rstrip(".").lower() for record in list(answer)[:MOST]]
