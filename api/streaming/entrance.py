"""Where streams are asked for: plain ASGI in front of the framework, whose own machinery costs more than an idle stream.

Refusals are worded as Mastodon's streaming server words them: JSON for event streams, a header for WebSockets, whose
browsers cannot read a body, and a frame for what is subscribed to later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from api import auth
from api.auth import Caller
from api.client_address import address_behind, neighbourhood
from api.cors import EXPOSED
from api.errors import Unauthorised
from api.streaming import channels
from api.streaming.channels import LIST, Channel, Refused
from api.streaming.frames import HELLO, LAST, encode, socket_message
from api.streaming.heartbeat import end_revoked, heart
from api.streaming.streams import Message, Stream, open_streams
from node.queries.streams import owns_list
from node.rate_limits import Limit
from node.runtime import runtime

PATH: Final = "/api/v1/streaming"
HEALTH: Final = f"{PATH}/health"
OPENINGS: Final = Limit("streams", 100, 300)
"""How often one token may open a stream: a client that reconnects as fast as it can is held up."""
MOST_SUBSCRIPTIONS: Final = 100
LONGEST_WISH: Final = 8192

_HEADERS: Final = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
]
_EVENTS: Final[Message] = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        *_HEADERS,
    ],
}
_NO_BINARY: Final = "The mastodon streaming server does not support binary messages"


class Entrance:
    """An ASGI application in front of another."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer requests for streams, and pass on everything else."""
        path = scope["path"] if scope["type"] in ("http", "websocket") else ""
        if path != PATH and not path.startswith(f"{PATH}/"):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await _socket(scope, receive, send)
        elif scope["method"] == "GET" and path != HEALTH:
            await _events(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _events(scope: Any, receive: Any, send: Any) -> None:
    query = _query(scope)
    try:
        name = channels.name_of_path(scope["path"][len(PATH) + 1 :], query.get("only_media", ""))
        stream = await _stream(scope, query, send, is_socket=False)
        channels.check_scopes(stream.caller, name)
        channel = await _channel(stream.caller, name, query)
        _admit(stream)
    except Refused as refusal:
        await _refuse_events(refusal, send)
        return
    scope.clear()  # An idle stream has no use for what was asked.
    try:
        await send(_EVENTS)
        open_streams.subscribe(stream, channel)
        stream.push(HELLO)
        await end_revoked([stream])
        while not stream.is_leaving and (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        if not stream.is_leaving:
            raise
        await stream.say_goodbye(LAST)
    finally:
        _dismiss(stream)


async def _socket(scope: Any, receive: Any, send: Any) -> None:
    query = _query(scope)
    protocols = list(scope.get("subprotocols") or ())
    await receive()
    try:
        stream = await _stream(scope, query, send, is_socket=True)
        _admit(stream)
    except Refused as refusal:
        await _refuse_socket(refusal, scope, send)
        return
    scope.clear()
    try:
        await send({"type": "websocket.accept", "subprotocol": protocols[0] if protocols else None})
        if query.get("stream"):
            await _subscribe(stream, query["stream"], query)
        await end_revoked([stream])
        while not stream.is_leaving and (message := await receive())["type"] == "websocket.receive":
            if (reason := await _heed(stream, message)) is not None:
                await stream.say_goodbye({"type": "websocket.close", "code": reason[0], "reason": reason[1]})
                return
    except asyncio.CancelledError:
        if not stream.is_leaving:
            raise
        await stream.say_goodbye({"type": "websocket.close", "code": 1000})
    finally:
        _dismiss(stream)


def _query(scope: Any) -> dict[str, str]:
    """The parameters of the address; of those that come several times, the first."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=50)
    return dict(reversed(pairs))


async def _stream(scope: Any, query: Mapping[str, str], send: Any, *, is_socket: bool) -> Stream:
    """A stream for whoever asks, not open yet. Raises `Refused`."""
    token = _token(scope, query)
    if not token:
        raise Refused(401, "Missing access token")
    try:
        caller = await auth.caller_of_token(token)
    except Unauthorised:
        raise Refused(401, "Invalid access token") from None
    if caller.account_id is None:
        raise Refused(401, "Invalid access token")
    if caller.refusal is not None:
        raise Refused(403, caller.refusal)
    parts = runtime()
    if parts.settings.rate_limits and (await parts.rate_limits.hit(OPENINGS, str(caller.token_id))).exceeded:
        raise Refused(429, "Too many requests")
    forwarded = [value.decode("latin-1") for key, value in scope["headers"] if key == b"x-forwarded-for"]
    address = neighbourhood(address_behind((scope.get("client") or ("<local>",))[0], forwarded))
    return Stream(caller, address, send, is_socket=is_socket)


def _token(scope: Any, query: Mapping[str, str]) -> str:
    header = next((value.decode("latin-1") for key, value in scope["headers"] if key == b"authorization"), "")
    if header:
        return header[7:].strip() if header[:7].lower() == "bearer " else header.strip()
    return query.get("access_token") or next(iter(scope.get("subprotocols") or ()), "")


def _admit(stream: Stream) -> None:
    """Open it, unless its token or the place it comes from has too many. Raises `Refused`."""
    if runtime().settings.rate_limits and not open_streams.has_room(stream.caller.token_id, stream.address):
        raise Refused(429, "Too many requests")
    open_streams.add(stream)
    heart.keep(stream)


def _dismiss(stream: Stream) -> None:
    open_streams.remove(stream)
    heart.let_go(stream)
    stream.leave()


async def _channel(caller: Caller, name: str, parameters: Mapping[str, Any]) -> Channel:
    """The channel asked for, if it is there and the caller's. Raises `Refused`."""
    channel = channels.channel_of(caller, name, parameters)
    for kind, key in channel.addresses:
        if kind == LIST and not await owns_list(caller.account_id or 0, int(key)):
            raise Refused(401, "Not authorized to stream this list")
    return channel


async def _heed(stream: Stream, message: Any) -> tuple[int, str] | None:
    """Do what a frame says; why the connection must end, if it must. What makes no sense is passed over."""
    text = message.get("text")
    if text is None:
        return 1003, _NO_BINARY
    if len(text) > LONGEST_WISH:
        return 1009, "The message is too long"
    try:
        wish = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    if wish.get("type") == "subscribe":
        await _subscribe(stream, wish.get("stream"), wish)
    elif wish.get("type") == "unsubscribe":
        await _unsubscribe(stream, wish.get("stream"), wish)
    return None


async def _subscribe(stream: Stream, name: Any, parameters: Mapping[str, Any]) -> None:
    try:
        name = _first(name)
        channels.check_scopes(stream.caller, name)
        channel = await _channel(stream.caller, name, parameters)
        if len(stream.subscriptions) >= MOST_SUBSCRIPTIONS:
            raise Refused(429, "Too many subscriptions")
    except Refused as refusal:
        stream.push(socket_message({"error": refusal.message, "status": refusal.status}))
        return
    open_streams.subscribe(stream, channel)


async def _unsubscribe(stream: Stream, name: Any, parameters: Mapping[str, Any]) -> None:
    try:
        channel = await _channel(stream.caller, _first(name), parameters)
    except Refused:
        stream.push(socket_message({"error": "Error unsubscribing from channel"}))
        return
    open_streams.unsubscribe(stream, channel)


def _first(name: Any) -> str:
    if isinstance(name, list):
        name = name[0] if name else ""
    return name if isinstance(name, str) else ""


async def _refuse_events(refusal: Refused, send: Any) -> None:
    body = encode({"error": refusal.message})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *_HEADERS]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse_socket(refusal: Refused, scope: Any, send: Any) -> None:
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": refusal.message})
        return
    headers = [(b"content-type", b"text/plain"), (b"x-error-message", refusal.message.encode())]
    await send({"type": "websocket.http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})
