"""The one outgoing HTTP client. Everything this server asks of another host goes through `HttpClient`.

It guards the address (`federation.addresses`), bounds time and size, follows redirects itself, and signs each hop
anew. It knows no database, no settings and no ActivityPub beyond the media types. Every failure is a `FetchError`:

    FetchError ── Refused · Unreachable · TooLarge · WrongType · BadStatus(status, retry_after)
"""

from __future__ import annotations

import asyncio
import inspect
import ssl
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import httpx

from federation.addresses import DEFAULT_PORTS, Guard, GuardedResolver, NameLookup, Network, SystemLookup
from federation.download_file import save
from federation.exchange import ClientLimits, Document, Downloaded, PostResult, Response, Sign, Style
from federation.fetch_errors import BadStatus, FetchError, Refused, TooLarge, Unreachable, WrongType
from federation.host_slots import HostSlots
from federation.response_body import parse_media_type, parse_retry_after, read_body, read_pieces
from federation.transport import GuardedTransport
from node import clock as node_clock

__all__ = [
    "BadStatus",
    "ClientLimits",
    "Document",
    "Downloaded",
    "FetchError",
    "HttpClient",
    "PostResult",
    "Refused",
    "Response",
    "Sign",
    "Style",
    "TooLarge",
    "Unreachable",
    "WrongType",
]

ACTIVITY_STREAMS = "https://www.w3.org/ns/activitystreams"
ACCEPT_DOCUMENT = f'application/activity+json, application/ld+json; profile="{ACTIVITY_STREAMS}"'
ACCEPT_JRD = "application/jrd+json, application/json"

SIGNATURE_REFUSED = frozenset({400, 401})
"""What an answer may be when it is the signature that was not liked."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HttpClient:
    """Outgoing requests to other servers, guarded and bounded. One instance serves the whole process.

    `own_hosts`: ASCII names, or `name:port`, which are this server and never asked. `trusted_networks`: networks
    reachable although private. `ports`: None for any; any too when private networks are allowed.
    `lookup` replaces the system's name lookup; `clock` gives seconds since the epoch, for `Retry-After` dates.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        allow_private_networks: bool = False,
        allow_http: bool = False,
        own_hosts: frozenset[str] = frozenset(),
        trusted_networks: tuple[Network, ...] = (),
        ports: frozenset[int] | None = frozenset({80, 443}),
        limits: ClientLimits | None = None,
        lookup: NameLookup | None = None,
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], float] = node_clock.timestamp,
    ) -> None:
        self.limits = limits or ClientLimits()
        self.guard = Guard(
            allow_private_networks=allow_private_networks,
            allow_http=allow_http,
            own_hosts=frozenset(host.lower() for host in own_hosts),
            trusted_networks=trusted_networks,
            ports=None if allow_private_networks else ports,
        )
        self._clock = clock
        self._slots = HostSlots(self.limits.gets_per_host)
        self._resolver = GuardedResolver(self.guard, lookup or SystemLookup(), self.limits.connect_seconds)
        self._transport = GuardedTransport(
            self.guard,
            self._resolver,
            ssl_context=ssl_context,
            connections=self.limits.connections,
            kept_connections=self.limits.kept_connections,
            keepalive_seconds=self.limits.keepalive_seconds,
            dns_seconds=self.limits.dns_seconds,
        )
        timeout = httpx.Timeout(self.limits.read_seconds, connect=self.limits.connect_seconds, pool=None)
        self._extensions = {"timeout": timeout.as_dict()}
        self._user_agent = user_agent

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection; requests under way fail with `Unreachable`."""
        await self._transport.aclose()
        await self._resolver.close()

    @property
    def open_connections(self) -> int:
        """Sockets open now, busy and idle."""
        return self._transport.open_connections

    @property
    def busy_hosts(self) -> int:
        """Hosts with a GET under way or waiting for its turn."""
        return len(self._slots)

    async def get(
        self,
        url: str,
        *,
        accept: str,
        sign: Sign | None = None,
        style: Style = Style.CAVAGE,
        max_bytes: int | None = None,
    ) -> Response:
        """GET `url`, through at most three redirects, each one guarded and signed anew.

        `max_bytes` bounds the inflated body (default: `document_bytes`). Any status comes back as a `Response`; only
        a 2xx has a body. Raises `Refused`, `Unreachable`, `TooLarge`, `WrongType` (content coding).
        """
        async with self._answer(url, accept, sign, style, self.limits.total_seconds) as (answer, final_url):
            body = await self._body(answer, final_url, max_bytes)
            return Response(answer.status_code, answer.headers, body, final_url)

    async def fetch_document(self, url: str, *, sign: Sign | None = None, first: Style = Style.CAVAGE) -> Document:
        """The ActivityPub document at `url`, its body unparsed.

        Only 200 with `application/activity+json`, or `application/ld+json` with the ActivityStreams profile, counts:
        a file somebody uploaded must never pass for a document (CVE-2024-25623). A signature that is refused (401, or
        400 by who cannot read it) is made in the other styles once each: without the query if there is one, and by the
        other standard than `first`.
        Raises `BadStatus`, `WrongType`, `Refused`, `Unreachable`, `TooLarge`.
        """
        try:
            return await self._document(url, sign, first)
        except BadStatus as refusal:
            if refusal.status not in SIGNATURE_REFUSED or sign is None:
                raise
            styles = [style for style in Style if style is not first]
            if "?" not in refusal.url:
                styles.remove(Style.CAVAGE_PATH)
            for style in styles:
                try:
                    return await self._document(url, sign, style)
                except BadStatus as another:
                    if another.status not in SIGNATURE_REFUSED:
                        raise
            raise

    async def fetch_jrd(self, url: str) -> Response:
        """The JSON of WebFinger (RFC 7033) or NodeInfo at `url`: 200 with application/jrd+json or application/json.

        Raises `BadStatus`, `WrongType`, `Refused`, `Unreachable`, `TooLarge`.
        """
        async with self._answer(url, ACCEPT_JRD, None, Style.CAVAGE, self.limits.total_seconds) as (answer, final_url):
            self._require_ok(answer, final_url)
            media_type, _ = _media_type(answer)
            if media_type not in ("application/jrd+json", "application/json"):
                raise WrongType(final_url, f"media type {media_type!r} instead of JSON")
            body = await self._body(answer, final_url, None)
            return Response(answer.status_code, answer.headers, body, final_url)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostResult:
        """POST `body` once with exactly these headers (signed by the caller), as `send` does."""
        return await self.send("POST", url, body, headers)

    async def send(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> PostResult:
        """Send `body` once by that method with exactly these headers, over a pooled connection.

        No redirect is followed; every status is a result. A pooled connection that the server had closed meanwhile
        is replaced and the request sent again, so the receiver must know duplicates, as inboxes do.
        Raises `Refused` and `Unreachable`.
        """
        target = self.guard.check(url)
        async with _reaching(url, self.limits.total_seconds):
            try:
                answer = await self._send(method, target, headers, body)
            except httpx.RemoteProtocolError:
                answer = await self._send(method, target, headers, body)
            try:
                body_start = await self._read_post_answer(answer)
            finally:
                await answer.aclose()
        return PostResult(
            answer.status_code, self._retry_after(answer), body_start, answer.headers.get("accept-signature", "")
        )

    async def download(
        self,
        url: str,
        destination: Path,
        *,
        max_bytes: int,
        accept_types: Collection[str],
        sign: Sign | None = None,
    ) -> Downloaded:
        """Stream the file at `url` to `destination`, which appears whole or not at all; its folder must exist.

        `accept_types` are media types, `image/*` for a family, `""` for none declared. The
        declared type is only a claim: look at the bytes.
        Raises `BadStatus`, `WrongType`, `TooLarge`, `Refused`, `Unreachable`, and `OSError` of the disk.
        """
        accept = ", ".join(name for name in accept_types if name)
        async with self._answer(url, accept, sign, Style.CAVAGE, self.limits.download_seconds) as (answer, final_url):
            self._require_ok(answer, final_url)
            media_type, _ = _media_type(answer)
            if not _is_accepted(media_type, accept_types):
                raise WrongType(final_url, f"media type {media_type!r}")
            size, digest = await save(read_pieces(answer, final_url, max_bytes), destination)
            return Downloaded(media_type, size, digest)

    async def _document(self, url: str, sign: Sign | None, style: Style) -> Document:
        seconds = self.limits.total_seconds
        async with self._answer(url, ACCEPT_DOCUMENT, sign, style, seconds) as (answer, final_url):
            self._require_ok(answer, final_url)
            media_type, parameters = _media_type(answer)
            if not _is_activity_streams(media_type, parameters):
                raise WrongType(final_url, f"media type {media_type!r} instead of ActivityStreams")
            body = await self._body(answer, final_url, None)
            return Document(url, final_url, _origin(answer.request.url), body, style)

    @asynccontextmanager
    async def _answer(
        self, url: str, accept: str, sign: Sign | None, style: Style, seconds: float
    ) -> AsyncIterator[tuple[httpx.Response, str]]:
        target = self.guard.check(url)
        final_url = url.partition("#")[0]
        visited: set[str] = set()
        async with _reaching(url, seconds):
            while True:
                visited.add(str(target))
                async with self._slots.hold(target.host):
                    answer = await self._get_once(target, final_url, accept, sign, style)
                    try:
                        if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
                            yield answer, final_url
                            return
                    finally:
                        await answer.aclose()
                target = self._redirected(answer, visited)
                final_url = str(target)

    async def _get_once(
        self, target: httpx.URL, url: str, accept: str, sign: Sign | None, style: Style
    ) -> httpx.Response:
        headers = {"Accept": accept, "Accept-Encoding": "gzip, deflate"}
        if sign is not None:
            signed = sign(str(target), style)
            headers.update(await signed if inspect.isawaitable(signed) else signed)
        return await self._send("GET", target, headers, None)

    def _redirected(self, answer: httpx.Response, visited: set[str]) -> httpx.URL:
        source = answer.request.url
        location = answer.headers["location"]
        if len(visited) > self.limits.redirects:
            raise Refused(str(source), f"more than {self.limits.redirects} redirects")
        try:
            target = self.guard.check(str(source.join(location)))
        except (httpx.InvalidURL, ValueError) as error:
            raise Refused(str(source), "redirects to something that is not a URL") from error
        if source.scheme == "https" and target.scheme == "http":
            raise Refused(str(target), "redirected from https to http")
        if str(target) in visited:
            raise Refused(str(target), "a redirect in a circle")
        return target

    async def _send(
        self, method: str, target: httpx.URL, headers: Mapping[str, str], body: bytes | None
    ) -> httpx.Response:
        # Straight to the transport: httpx.AsyncClient would add cookies, authentication and redirects, none of which
        # is wanted here, and costs as much again as the request.
        request = httpx.Request(
            method,
            target,
            headers={"User-Agent": self._user_agent, **headers},
            content=body,
            extensions=self._extensions,
        )
        return await self._transport.handle_async_request(request)

    async def _read_post_answer(self, answer: httpx.Response) -> bytes:
        # Read to the end so that the connection can be used again, unless the answer is needlessly long.
        received = 0
        start = b""
        async for chunk in answer.aiter_raw():
            start = start or chunk[:500]
            received += len(chunk)
            if received > self.limits.post_answer_bytes:
                break
        return start

    async def _body(self, answer: httpx.Response, url: str, max_bytes: int | None) -> bytes:
        if not answer.is_success:
            return b""
        return await read_body(answer, url, self.limits.document_bytes if max_bytes is None else max_bytes)

    def _require_ok(self, answer: httpx.Response, url: str) -> None:
        if answer.status_code != 200:
            raise BadStatus(url, answer.status_code, self._retry_after(answer))

    def _retry_after(self, answer: httpx.Response) -> float | None:
        return parse_retry_after(answer.headers.get("retry-after"), self._clock())


@asynccontextmanager
async def _reaching(url: str, seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unreachable(url, f"took longer than {seconds:g} s") from error
    except (httpx.HTTPError, aiohttp.ClientError) as error:
        raise Unreachable(url, str(error) or type(error).__name__) from error


def _media_type(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    return parse_media_type(answer.headers.get("content-type", ""))


def _is_activity_streams(media_type: str, parameters: dict[str, str]) -> bool:
    if media_type == "application/activity+json":
        return True
    return media_type == "application/ld+json" and ACTIVITY_STREAMS in parameters.get("profile", "").split()


def _is_accepted(media_type: str, accept_types: Collection[str]) -> bool:
    family = media_type.partition("/")[0] + "/*"
    return media_type in accept_types or family in accept_types


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.raw_host.decode("ascii"), url.port or DEFAULT_PORTS[url.scheme]
