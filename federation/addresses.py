"""Where a request may go: which URLs, which hosts, which addresses.

Any URL another server hands us could point into our own network. Three gates stand in a row and share one rule:

    Guard.check      the URL: scheme, port, userinfo, host name, literal address, our own hosts
    GuardedResolver  the name: looked up once, only admitted addresses are handed on, so that the connection is
                     pinned to what was checked and a second DNS answer changes nothing
    Guard.admits     the socket: asked again for the very address a connection is opened to
"""

from __future__ import annotations

import asyncio
import functools
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx
from aiohttp.abc import AbstractResolver, ResolveResult

from federation.fetch_errors import Refused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
NameLookup = Callable[[str], Awaitable[Sequence[str]]]
"""Host name → textual addresses. Raises `OSError` when there are none."""

MAX_URL_LENGTH = 2048
DEFAULT_PORTS = {"http": 80, "https": 443}

# IANA special-purpose registries; 192.0.0.0/24, 192.88.99.0/24 and 240.0.0.0/4 whole.
_FORBIDDEN_IPV4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Only 2000::/3 is global unicast. That alone refuses ::, ::1, ::/96, 64:ff9b::/96, 64:ff9b:1::/48, 100::/64, 5f00::/16,
# fc00::/7, fe80::/10, fec0::/10 and ff00::/8; these are the exceptions inside it.
_GLOBAL_UNICAST_IPV6 = IPv6Network("2000::/3")
_FORBIDDEN_IPV6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo 2001::/32, benchmarking, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, which wraps any IPv4 address
        "3fff::/20",  # documentation
    )
)
# What `allow_private_networks` opens: somebody's own machines. Link-local (cloud metadata), multicast and the
# unspecified address stay shut.
_PRIVATE_NETWORKS: tuple[Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# A last label that is a number is read as an IPv4 address by most systems (127.1, 0x7f000001, 2130706433).
_NUMERIC_LAST_LABEL = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")


def unmapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped one (`::ffff:a.b.c.d`); any other address as it is."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(address: Address) -> bool:
    """Whether `address` is global unicast, after unmapping: everything else is somebody's inside."""
    address = unmapped(address)
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _FORBIDDEN_IPV4)
    if address.scope_id is not None or address not in _GLOBAL_UNICAST_IPV6:
        return False
    return not any(address in network for network in _FORBIDDEN_IPV6)


@dataclass(frozen=True)
class Guard:
    """The rule for every outgoing request.

    `own_hosts` holds names without a port (any port is ours) or `host:port` (that port only).
    `trusted_networks` are admitted although not public. `ports` of None means any port.
    """

    allow_private_networks: bool = False
    allow_http: bool = False
    own_hosts: frozenset[str] = frozenset()
    trusted_networks: tuple[Network, ...] = ()
    ports: frozenset[int] | None = frozenset({80, 443})

    def admits(self, address: Address) -> bool:
        """Whether a connection to `address` may be opened."""
        address = unmapped(address)
        if is_public(address) or _in_any(address, self.trusted_networks):
            return True
        return self.allow_private_networks and _in_any(address, _PRIVATE_NETWORKS)

    def check(self, text: str) -> httpx.URL:
        """The URL ready to be sent: absolute, host in lower-case ASCII, without fragment. Raises `Refused`."""
        return _check(self, text)

    def is_own(self, host: str, port: int) -> bool:
        """Whether `host` (lower-case ASCII) on `port` is this server."""
        return host in self.own_hosts or f"{host}:{port}" in self.own_hosts


@functools.lru_cache(maxsize=4096)
def _check(guard: Guard, text: str) -> httpx.URL:
    if len(text) > MAX_URL_LENGTH:
        raise Refused(text[:100] + "…", f"a URL of more than {MAX_URL_LENGTH} characters")
    try:
        url = httpx.URL(text).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused(text, f"not a URL ({error})") from error
    if url.scheme != "https" and not (url.scheme == "http" and guard.allow_http):
        raise Refused(text, f"scheme {url.scheme!r} is not allowed")
    if url.userinfo:
        raise Refused(text, "a URL with user name or password")
    host = url.raw_host.decode("ascii")
    port = url.port or DEFAULT_PORTS[url.scheme]
    if url.port == 0 or (guard.ports is not None and port not in guard.ports):
        raise Refused(text, f"port {port} is not allowed")
    if guard.is_own(host, port):
        raise Refused(text, "this server does not fetch from itself")
    _check_host(guard, text, host)
    return url


def _check_host(guard: Guard, text: str, host: str) -> None:
    if ":" in host or _NUMERIC_LAST_LABEL.fullmatch(host):
        try:
            address = ip_address(host)
        except ValueError as error:
            raise Refused(text, "not a canonical address") from error
        if not guard.admits(address):
            raise Refused(text, f"address {address} is not public")
        return
    if len(host) > 253 or not _HOST_NAME.fullmatch(host):
        raise Refused(text, "not a host name")
    if "." not in host and not guard.allow_private_networks:
        raise Refused(text, "a host name without a dot")


class GuardedResolver(AbstractResolver):
    """Looks a name up and hands on only the addresses the guard admits.

    Raises `Refused` when every address is forbidden and `OSError` when there is none in `seconds`.
    """

    def __init__(self, guard: Guard, lookup: NameLookup, seconds: float) -> None:
        self._guard = guard
        self._lookup = lookup
        self._seconds = seconds

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            async with asyncio.timeout(self._seconds):
                found = [unmapped(ip_address(text)) for text in await self._lookup(host)]
        except TimeoutError as error:
            raise OSError(f"no answer from the name servers in {self._seconds:g} s") from error
        if not found:
            raise OSError("the name has no address")
        admitted = [address for address in found if self._guard.admits(address)]
        if not admitted:
            raise Refused(host, f"resolves to {found[0]}, which is not public")
        return [_numeric(host, address, port) for address in admitted]

    async def close(self) -> None:
        if isinstance(self._lookup, SystemLookup):
            self._lookup.close()


class SystemLookup:
    """`getaddrinfo` in threads of its own, so that dead name servers do not hold up other work in threads."""

    def __init__(self, threads: int = 16) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dns")

    async def __call__(self, host: str) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _system_addresses, host)

    def close(self) -> None:
        """Give the threads back without waiting for lookups under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _system_addresses(host: str) -> list[str]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [str(sockaddr[0]) for *_, sockaddr in answers]


def _numeric(host: str, address: Address, port: int) -> ResolveResult:
    return {
        "hostname": host,
        "host": str(address),
        "port": port,
        "family": socket.AF_INET if address.version == 4 else socket.AF_INET6,
        "proto": 0,
        "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    }


def _in_any(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
