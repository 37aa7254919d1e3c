"""What can be subscribed to, by Mastodon's names, and who may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from api.auth import Caller
from node.scopes import covers
from node.text import clean_line, hashtag_name

USER, NOTIFICATIONS, DIRECT, LIST = "user", "user:notification", "direct", "list"
HASHTAG, HASHTAG_LOCAL = "hashtag", "hashtag:local"
FEDERATED, LOCAL, REMOTE = "public", "public:local", "public:remote"
MEDIA: Final = ":media"

PUBLIC_STREAMS: Final = frozenset(f"{name}{media}" for name in (FEDERATED, LOCAL, REMOTE) for media in ("", MEDIA))
_OPEN_TO_EVERYONE: Final = PUBLIC_STREAMS | {HASHTAG, HASHTAG_LOCAL}
_OF_ONE_PERSON: Final = frozenset((USER, NOTIFICATIONS, DIRECT))

_PATHS: Final = {
    "user": USER,
    "user/notification": NOTIFICATIONS,
    "public": FEDERATED,
    "public/local": LOCAL,
    "public/remote": REMOTE,
    "public/media": f"{FEDERATED}{MEDIA}",
    "public/local/media": f"{LOCAL}{MEDIA}",
    "public/remote/media": f"{REMOTE}{MEDIA}",
    "hashtag": HASHTAG,
    "hashtag/local": HASHTAG_LOCAL,
    "direct": DIRECT,
    "list": LIST,
}
PATHS: Final = tuple(_PATHS)
_FALSE: Final = frozenset(("", "0", "f", "F", "false", "FALSE", "off", "OFF"))

Address = tuple[str, int | str]
"""Where messages are sent: a kind of stream and whose, which hashtag's, which list's it is (`""` for everybody's)."""


class Refused(Exception):
    """A stream cannot be had: the status and the words Mastodon has for it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Channel(NamedTuple):
    """What was subscribed to: the name that stands in its frames, and where its messages are sent."""

    name: tuple[str, ...]
    addresses: tuple[Address, ...]


def name_of_path(path: str, only_media: str) -> str:
    """The stream behind a path below `/api/v1/streaming/`. Raises `Refused`."""
    name = _PATHS.get(path)
    if name is None:
        raise Refused(400, "Unknown channel requested")
    wants_media = only_media not in _FALSE
    return f"{name}{MEDIA}" if wants_media and name in (FEDERATED, LOCAL, REMOTE) else name


def check_scopes(caller: Caller, name: str) -> None:
    """Refuse a stream that is outside of what the token was granted."""
    if name in _OPEN_TO_EVERYONE:
        return
    if not covers(caller.scopes, "read:notifications" if name == NOTIFICATIONS else "read:statuses"):
        raise Refused(401, "Access token does not have the required scopes")


def channel_of(caller: Caller, name: str, parameters: Mapping[str, Any]) -> Channel:
    """The channel a caller asks for by name. Raises `Refused`. Whose a list is, is for the caller of this to check."""
    if name in PUBLIC_STREAMS:
        return Channel((name,), ((name, ""),))
    if name in _OF_ONE_PERSON:
        return Channel((name,), _own(caller, name))
    if name in (HASHTAG, HASHTAG_LOCAL):
        written = _first(parameters.get("tag"))
        tag = hashtag_name(clean_line(written))
        if not tag:
            raise Refused(400, "Missing tag name parameter")
        return Channel((name, written), ((name, tag),))
    if name == LIST:
        written = _first(parameters.get("list"))
        if not written:
            raise Refused(400, "Missing list name parameter")
        if not (written.isascii() and written.isdigit() and len(written) <= 18):
            raise Refused(401, "Not authorized to stream this list")
        return Channel((name, written), ((LIST, int(written)),))
    raise Refused(400, "Unknown stream type")


def _own(caller: Caller, name: str) -> tuple[Address, ...]:
    """A person's own stream; that of their home also tells their notifications if the token may read those."""
    account_id = caller.account_id or 0
    if name == USER and covers(caller.scopes, "read:notifications"):
        return ((USER, account_id), (NOTIFICATIONS, account_id))
    return ((name, account_id),)


def _first(value: Any) -> str:
    """A parameter as it came, of several the first; anything but text and numbers is as good as nothing."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) else str(value) if type(value) is int else ""
