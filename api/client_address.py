"""Where a request comes from, looking through as many reverse proxies as the settings say stand in front."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from quart import request

from node.runtime import runtime


def client_address() -> str:
    """The IP address of the client.

    Each trusted proxy appends the address it was called from to `X-Forwarded-For`, so the client's is counted from the
    right; what stands further left is the client's own claim and is not believed.
    """
    return address_behind(request.remote_addr, request.headers.getlist("X-Forwarded-For"))


def address_behind(peer: str | None, forwarded: Sequence[str]) -> str:
    """`client_address` for a request whose other end is `peer` and that came with these `X-Forwarded-For` headers."""
    proxies = runtime().settings.trusted_proxies
    if not proxies:
        return peer or "unknown"
    hops = [hop.strip() for hop in ",".join(forwarded).split(",")]
    return _without_port(hops[-proxies]) if len(hops) >= proxies and hops[-proxies] else peer or "unknown"


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def neighbourhood(address: str) -> str:
    """Who counts as one: an IPv4 address, or the /64 network an IPv6 address is in, since one home has all of it."""
    if ":" not in address:
        return address
    try:
        whole = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if whole.ipv4_mapped is not None:
        return str(whole.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(whole) >> 64 << 64, 64)))
