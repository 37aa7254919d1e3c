"""Which servers take the mail of a domain (DNS)."""

from __future__ import annotations

from typing import Final

SECONDS: Final = 3.0
MOST: Final = 10


async def mail_exchangers(domain: str) -> list[str]:
    """The names of the servers that take a domain's mail, in lower case; none when it has none or DNS does not answer."""
    # Imported here: it is needed at sign-ups alone, and only while there are blocks.
    import dns.asyncresolver
    import dns.exception

    try:
        resolver = dns.asyncresolver.Resolver()
        answer = await resolver.resolve(domain, "MX", lifetime=SECONDS)
    except (dns.exception.DNSException, OSError, ValueError):
        return []
    return [str(record.exchange).rstrip(".").lower() for record in list(answer)[:MOST]]
