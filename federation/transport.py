"""The wire under the outgoing client: httpx requests carried by aiohttp's connection pool, behind the guard."""

from __future__ import annotations

import functools
import socket
import ssl
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import aiohttp
import httpx
import yarl
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport
from httpx_aiohttp.transport import AiohttpResponseStream

from federation.addresses import DEFAULT_PORTS, Guard
from federation.fetch_errors import Refused

_NO_AUTOMATIC_HEADERS = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


@functools.cache
def _usual_trust() -> ssl.SSLContext:
    """Who vouches for servers; read once, it takes a while."""
    return httpx.create_ssl_context(trust_env=False)


class GuardedTransport(AiohttpTransport):
    """Carries requests byte for byte as httpx built them.

    The path goes out exactly as it was signed: the parent hands aiohttp a string, and aiohttp would percent-decode
    and re-encode it, which breaks the signature of any peer whose ids hold an escape. Nothing is remembered between
    requests (no cookies), no proxy or netrc is read from the environment.
    """

    def __init__(
        self,
        guard: Guard,
        resolver: AbstractResolver,
        *,
        ssl_context: ssl.SSLContext | None,
        connections: int,
        kept_connections: int,
        keepalive_seconds: float,
        dns_seconds: float,
    ) -> None:
        super().__init__(verify=ssl_context or _usual_trust(), trust_env=False)
        self._guard = guard
        self._resolver = resolver
        self._connections = connections
        self._kept_connections = kept_connections
        self._keepalive_seconds = keepalive_seconds
        self._dns_seconds = dns_seconds
        self._sockets: weakref.WeakSet[_CountedSocket] = weakref.WeakSet()
        self._keeping: aiohttp.ClientSession | None = None
        self._closing: aiohttp.ClientSession | None = None

    @property
    def open_connections(self) -> int:
        """Sockets open now, busy and idle."""
        return len(self._sockets)

    def _session(self) -> aiohttp.ClientSession:
        # aiohttp bounds the busy connections of a pool but not the idle ones: past the bound, connections are made in
        # a pool that keeps none.
        if self.open_connections < self._kept_connections:
            self._keeping = self._keeping or self._open_session(keep=True)
            return self._keeping
        self._closing = self._closing or self._open_session(keep=False)
        return self._closing

    def _open_session(self, *, keep: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            ssl=self.ssl_context,
            limit=self._connections,
            keepalive_timeout=self._keepalive_seconds if keep else None,
            force_close=not keep,
            use_dns_cache=self._dns_seconds > 0,
            ttl_dns_cache=max(1, int(self._dns_seconds)),
            socket_factory=self._open_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=_NO_AUTOMATIC_HEADERS,
            auto_decompress=False,
            trust_env=False,
        )

    def _open_socket(self, address_info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = address_info
        if not self._guard.admits(ip_address(address[0])):
            raise Refused(str(address[0]), "the address is not public")
        return _CountedSocket(self._sockets, family, kind, protocol)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        timeout = request.extensions["timeout"]
        with _network_errors():
            answer = await self._session().request(
                request.method,
                _wire_url(request.url),
                headers=request.headers.multi_items(),
                data=request.content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    connect=timeout["pool"], sock_connect=timeout["connect"], sock_read=timeout["read"]
                ),
            )
        return httpx.Response(
            answer.status, headers=answer.raw_headers, stream=AiohttpResponseStream(answer), request=request
        )

    async def aclose(self) -> None:
        for session in (self._keeping, self._closing):
            if session is not None:
                await session.close()


class _CountedSocket(socket.socket):
    """A socket listed in `open_sockets` until it is closed or forgotten."""

    def __init__(self, open_sockets: weakref.WeakSet[_CountedSocket], family: int, kind: int, protocol: int) -> None:
        super().__init__(family, kind, protocol)
        self._open_sockets = open_sockets
        open_sockets.add(self)

    def close(self) -> None:
        self._open_sockets.discard(self)
        super().close()


def _wire_url(url: httpx.URL) -> yarl.URL:
    path, _, query = url.raw_path.decode("ascii").partition("?")
    return yarl.URL.build(
        scheme=url.scheme,
        host=url.raw_host.decode("ascii"),
        port=url.port or DEFAULT_PORTS[url.scheme],
        path=path,
        query_string=query,
        encoded=True,
    )


@contextmanager
def _network_errors() -> Iterator[None]:
    try:
        yield
    except aiohttp.ServerDisconnectedError as error:
        raise httpx.RemoteProtocolError(str(error) or "the server closed the connection") from error
    except aiohttp.ServerTimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except (aiohttp.ClientError, OSError) as error:
        raise httpx.NetworkError(str(error) or type(error).__name__) from error
