"""Open streams in tests, over ASGI as a server would drive them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Self

import orjson

from api.streaming.telling import teller
from tests.api.client import Node

PATIENCE = 60.0


class OpenStream:
    """One connection to the node. With `takes_nothing` its other end stops reading at once."""

    def __init__(self, node: Node, scope: dict[str, Any]) -> None:
        self._to_node: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.may_send = asyncio.Event()
        self.may_send.set()
        self._is_socket = scope["type"] == "websocket"
        self._is_waiting = asyncio.Event()
        self.task = asyncio.create_task(node.app.asgi_app(scope, self._give, self.take))  # type: ignore[arg-type]
        self._to_node.put_nowait({"type": "websocket.connect"} if self._is_socket else {"type": "http.request"})

    async def take(self, message: dict[str, Any]) -> None:
        """What the node sends, once it may."""
        await self.may_send.wait()
        self.sent.append(message)

    async def _give(self) -> dict[str, Any]:
        if self._to_node.empty():
            self._is_waiting.set()
        return await self._to_node.get()

    async def begun(self) -> Self:
        """Once it is open and nothing more is to be done, or refused."""
        waiting = asyncio.create_task(self._is_waiting.wait())
        await asyncio.wait({waiting, self.task}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await _others_run()
        return self

    async def say(self, **wish: Any) -> None:
        """Send a frame, and wait until the node has done what it says."""
        await self.say_raw(text=orjson.dumps(wish).decode())

    async def say_raw(self, **frame: Any) -> None:
        """Send a frame as it is."""
        self._is_waiting.clear()
        self._to_node.put_nowait({"type": "websocket.receive", **frame})
        await self.begun()

    async def heard(self) -> list[tuple[Any, ...]]:
        """What was told so far: (event, payload) of an event stream, (stream, event, payload) of a socket."""
        await teller.finish()
        await _others_run()
        return [told for message in self.sent for told in self._read(message)]

    async def ended(self) -> dict[str, Any]:
        """Wait for the end; the last message."""
        await asyncio.wait_for(asyncio.shield(self.task), PATIENCE)
        return self.sent[-1]

    @property
    def status(self) -> int:
        """Of a refusal or the head of an event stream."""
        status: int = self.sent[0]["status"]
        return status

    def hang_up(self) -> None:
        """The other end goes away."""
        self._to_node.put_nowait({"type": "websocket.disconnect" if self._is_socket else "http.disconnect"})

    def _read(self, message: dict[str, Any]) -> list[tuple[Any, ...]]:
        if message["type"] == "websocket.send":
            frame = orjson.loads(message["text"])
            if "error" in frame:
                return [(frame["error"], frame.get("status"))]
            return [(frame["stream"], frame["event"], _parsed(frame.get("payload")))]
        if message["type"] == "http.response.body" and message["body"].startswith(b"event: "):
            event, data, *rest = message["body"].decode().split("\n")
            assert rest == ["", ""]
            return [(event.removeprefix("event: "), _parsed(data.removeprefix("data: ")))]
        return []


async def _others_run() -> None:
    """Let what is ready to run do so: messages leave in tasks of their own."""
    for _ in range(20):
        await asyncio.sleep(0)


def _parsed(payload: str | None) -> Any:
    if payload is None or not payload.startswith(("{", "[")):
        return payload
    return orjson.loads(payload)


@contextlib.asynccontextmanager
async def event_stream(node: Node, path: str, token: str | None = None) -> AsyncIterator[OpenStream]:
    """GET `/api/v1/streaming/…`."""
    headers = [(b"authorization", b"Bearer " + token.encode())] if token else []
    async with _open(node, {"type": "http", "method": "GET"}, path, headers) as stream:
        yield stream


@contextlib.asynccontextmanager
async def socket(node: Node, query: str = "", *protocols: str) -> AsyncIterator[OpenStream]:
    """A WebSocket on `/api/v1/streaming`."""
    scope = {"type": "websocket", "subprotocols": list(protocols), "extensions": {"websocket.http.response": {}}}
    async with _open(node, scope, f"?{query}", []) as stream:
        yield stream


@contextlib.asynccontextmanager
async def _open(node: Node, scope: dict[str, Any], path: str, headers: list[Any]) -> AsyncIterator[OpenStream]:
    where, _, query = f"/api/v1/streaming{path}".partition("?")
    scope |= {"path": where, "query_string": query.encode(), "headers": headers, "client": ("192.0.2.1", 1)}
    stream = OpenStream(node, scope)
    try:
        yield await stream.begun()
    finally:
        stream.may_send.set()
        stream.hang_up()
        await stream.ended()
