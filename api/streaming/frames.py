"""How a message looks on either kind of connection: made once, and shared by all who get it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from api.streaming.streams import Message, Subscription

encode = msgspec.json.Encoder().encode

HELLO: Final[Message] = {"type": "http.response.body", "body": b":)\n", "more_body": True}
THUMP: Final[Message] = {"type": "http.response.body", "body": b":thump\n", "more_body": True}
LAST: Final[Message] = {"type": "http.response.body", "body": b"", "more_body": False}


class Telling:
    """One event for everybody it concerns; each look of it is made when the first subscription needs it."""

    def __init__(self, event: str) -> None:
        self._event = event
        self._events: dict[bytes | None, Message] = {}
        self._frames: dict[tuple[tuple[str, ...], bytes | None], Message] = {}

    def to(self, subscription: Subscription, payload: bytes | None) -> None:
        """Send the event with this payload (ready JSON or an id; `None` is no payload) to one subscription."""
        stream = subscription.stream
        stream.push(self._frame(subscription.channel.name, payload) if stream.is_socket else self._lines(payload))

    def _lines(self, payload: bytes | None) -> Message:
        message = self._events.get(payload)
        if message is None:
            # Mastodon's own word for a payload that is not there.
            body = b"event: %b\ndata: %b\n\n" % (
                self._event.encode(),
                payload if payload is not None else b"undefined",
            )
            message = self._events[payload] = {"type": "http.response.body", "body": body, "more_body": True}
        return message

    def _frame(self, name: tuple[str, ...], payload: bytes | None) -> Message:
        message = self._frames.get((name, payload))
        if message is None:
            frame: dict[str, Any] = {"stream": name, "event": self._event}
            if payload is not None:
                frame["payload"] = payload.decode()
            message = self._frames[name, payload] = socket_message(frame)
        return message


def socket_message(value: Any) -> Message:
    """A text frame with `value` as JSON."""
    return {"type": "websocket.send", "text": encode(value).decode()}
