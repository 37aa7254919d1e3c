"""Reading another server's answer: its media type, its body up to a cap, its Retry-After."""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator, Iterator
from email.utils import parsedate_to_datetime

import httpx

from federation.fetch_errors import TooLarge, Unreachable, WrongType

PIECE = 64 * 1024
MAX_RETRY_AFTER = 7 * 86400.0

_MEDIA_TYPE = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;|$)")
_PARAMETER = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*))\s*(?:;|$)")


def parse_media_type(value: str) -> tuple[str, dict[str, str]]:
    """`type/subtype` in lower case and the parameters, or `("", {})` when the header is malformed (RFC 9110 §8.3)."""
    match = _MEDIA_TYPE.match(value)
    if match is None:
        return "", {}
    parameters: dict[str, str] = {}
    position = match.end()
    while position < len(value):
        parameter = _PARAMETER.match(value, position)
        if parameter is None:
            if value[position:].strip(" \t;"):
                return "", {}
            break
        name, quoted, token = parameter.groups()
        parameters.setdefault(name.lower(), token if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        position = parameter.end()
    return match.group(1).lower(), parameters


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait, from either form of Retry-After (RFC 9110 §10.2.3), at most a week; None when unreadable."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:12]), MAX_RETRY_AFTER)
    try:
        moment = parsedate_to_datetime(value).timestamp()
    except (ValueError, OverflowError):
        return None
    return min(max(moment - now, 0.0), MAX_RETRY_AFTER)


async def read_pieces(response: httpx.Response, url: str, max_bytes: int) -> AsyncIterator[bytes]:
    """The body in pieces of at most 64 kB, inflated; never more than `max_bytes` in all, on the wire or inflated.

    Raises `TooLarge`, `WrongType` for a content coding we did not ask for, `Unreachable` for a damaged one.
    """
    inflater = _inflater(response, url)
    declared = response.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 15 or int(declared) > max_bytes):
        raise TooLarge(url, f"a body of {declared[:20]} bytes, allowed are {max_bytes}")
    received = produced = 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        for piece in (chunk,) if inflater is None else inflater.feed(chunk):
            produced += len(piece)
            if max(received, produced) > max_bytes:
                raise TooLarge(url, f"a body of more than {max_bytes} bytes")
            yield piece
    if inflater is not None and received and not inflater.complete:
        raise Unreachable(url, "the compressed body ends too early")


async def read_body(response: httpx.Response, url: str, max_bytes: int) -> bytes:
    """The whole body, by the rules of `read_pieces`."""
    return b"".join([piece async for piece in read_pieces(response, url, max_bytes)])


def _inflater(response: httpx.Response, url: str) -> _Inflater | None:
    coding = response.headers.get("content-encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        return None
    if coding in ("gzip", "x-gzip"):
        return _Inflater(url, 16 + zlib.MAX_WBITS)
    if coding == "deflate":
        return _Inflater(url, zlib.MAX_WBITS)
    raise WrongType(url, f"content coding {coding[:40]!r}")


class _Inflater:
    """zlib with bounded output: a bomb is noticed after one piece, not after it has filled the memory."""

    def __init__(self, url: str, window_bits: int) -> None:
        self._url = url
        self._may_be_raw = window_bits == zlib.MAX_WBITS
        self._stream = zlib.decompressobj(window_bits)

    @property
    def complete(self) -> bool:
        return self._stream.eof

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        pending = chunk
        while not self._stream.eof:
            piece = self._inflate(pending)
            pending = self._stream.unconsumed_tail
            if piece:
                yield piece
            if not pending and len(piece) < PIECE:
                return

    def _inflate(self, data: bytes) -> bytes:
        try:
            piece = self._stream.decompress(data, PIECE)
        except zlib.error as error:
            if not self._may_be_raw:
                raise Unreachable(self._url, "the compressed body is damaged") from error
            # Some servers send "deflate" without the zlib wrapper (RFC 9110 §8.4.1.2).
            self._may_be_raw = False
            self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
            return self._inflate(data)
        self._may_be_raw = False
        return piece
