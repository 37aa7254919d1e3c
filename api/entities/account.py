"""Mastodon's Account and CredentialAccount, and the bytes of accounts kept by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from api.entities import emoji
from api.entities.emoji import CustomEmoji
from api.entities.encoding import day, encode, midnight
from node import urls
from node.cache import BoundedCache
from node.queries import accounts
from node.runtime import runtime

MISSING_AVATAR = "/avatars/original/missing.png"
MISSING_HEADER = "/headers/original/missing.png"
_GROUPS = ("Group", "Organization")
_BOTS = ("Service", "Application")


class Field(msgspec.Struct, frozen=True):
    """A line of a profile; `value` is HTML."""

    name: str
    value: str
    verified_at: str | None = None


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's public side."""

    id: str
    username: str
    acct: str
    display_name: str
    locked: bool
    bot: bool
    discoverable: bool
    indexable: bool
    group: bool
    created_at: str
    note: str
    url: str
    uri: str
    avatar: str
    avatar_static: str
    avatar_description: str
    header: str
    header_static: str
    header_description: str
    followers_count: int
    following_count: int
    statuses_count: int
    last_status_at: str | None
    hide_collections: bool
    noindex: bool
    emojis: list[CustomEmoji]
    roles: list[str]
    fields: list[Field]
    limited: bool | msgspec.UnsetType = msgspec.UNSET
    suspended: bool | msgspec.UnsetType = msgspec.UNSET


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of an account edits: plain text and posting defaults."""

    privacy: str
    sensitive: bool
    language: str | None
    note: str
    fields: list[Field]
    follow_requests_count: int
    hide_collections: bool
    discoverable: bool
    indexable: bool
    attribution_domains: list[str]
    quote_policy: str


class Role(msgspec.Struct, frozen=True):
    """What a user may do; `permissions` is Mastodon's bit mask."""

    id: str
    name: str
    color: str
    permissions: str
    highlighted: bool


_ROLES = {
    "user": Role("-99", "", "", "65536", False),
    "moderator": Role("2", "Moderator", "", "1308", True),
    "admin": Role("3", "Admin", "", "1", True),
}


def role(name: str) -> Role:
    """The role a user has, as clients know it."""
    return _ROLES.get(name, _ROLES["user"])


async def render(rows: Sequence[Mapping[str, Any]]) -> list[Account]:
    """The entities of rows of `queries.accounts.details`. One statement at most, for their emojis."""
    emojis = await emoji.in_texts([(row["domain"], _written(row)) for row in rows])
    return [_entity(row, shown) for row, shown in zip(rows, emojis, strict=True)]


def _written(row: Mapping[str, Any]) -> str:
    """All text of a profile in which an emoji may stand."""
    if row["suspended_at"] is not None:
        return ""
    return f"{row['display_name']}\n{row['note']}\n{row['profile_fields']}"


def _entity(row: Mapping[str, Any], emojis: list[CustomEmoji]) -> Account:
    suspended = row["suspended_at"] is not None
    avatar = (
        _picture(row["avatar_key"], row["avatar_remote_url"], MISSING_AVATAR) if not suspended else _own(MISSING_AVATAR)
    )
    header = (
        _picture(row["header_key"], row["header_remote_url"], MISSING_HEADER) if not suspended else _own(MISSING_HEADER)
    )
    return Account(
        id=str(row["id"]),
        username=row["username"],
        acct=acct(row["username"], row["domain"]),
        display_name="" if suspended else row["display_name"],
        locked=bool(row["is_private"]),
        bot=row["actor_type"] in _BOTS,
        discoverable=bool(row["discoverable"]),
        indexable=bool(row["indexable"]),
        group=row["actor_type"] in _GROUPS,
        created_at=midnight(row["created_at"]),
        note="" if suspended else row["note"],
        url=profile_url(row["username"], row["domain"], row["url"], row["uri"]),
        uri=row["uri"],
        avatar=avatar,
        avatar_static=avatar,
        avatar_description=row["avatar_description"],
        header=header,
        header_static=header,
        header_description=row["header_description"],
        followers_count=row["followers_count"],
        following_count=row["following_count"],
        statuses_count=row["posts_count"],
        last_status_at=day(row["last_post_at"]) if row["last_post_at"] is not None else None,
        hide_collections=bool(row["hide_collections"]),
        noindex=not row["indexable"],
        emojis=emojis,
        roles=[],
        fields=[] if suspended else [Field(f["name"], f["value"]) for f in orjson.loads(row["profile_fields"])],
        limited=True if row["silenced_at"] is not None else msgspec.UNSET,
        suspended=True if suspended else msgspec.UNSET,
    )


def acct(username: str, domain: str) -> str:
    """The handle as this node shows it: with the domain for everybody who lives elsewhere."""
    return f"{username}@{domain}" if domain else username


def profile_url(username: str, domain: str, url: str | None, uri: str) -> str:
    """The page a person sees."""
    return url or (uri if domain else urls.profile(username))


def _picture(key: str | None, remote_url: str | None, missing: str) -> str:
    if key is not None:
        return urls.media(key)
    return remote_url or _own(missing)


def _own(path: str) -> str:
    return f"{runtime().settings.base_url}{path}"


_ready: BoundedCache[int, tuple[int, bytes]] = BoundedCache(10_000)


def forget_all() -> None:
    """Drop every kept account."""
    _ready.clear()


async def bytes_of(versions: Iterable[tuple[int, int]]) -> dict[int, bytes]:
    """Ready JSON by id, for (account id, version) pairs; at most one statement, for those not kept."""
    found: dict[int, bytes] = {}
    missing: list[int] = []
    for account_id, version in versions:
        kept = _ready.get(account_id)
        if kept is not None and kept[0] == version:
            found[account_id] = kept[1]
        else:
            missing.append(account_id)
    if missing:
        rows = await accounts.details(list(dict.fromkeys(missing)))
        for row, entity in zip(rows, await render(rows), strict=True):
            body = encode(entity)
            _ready.put(row["id"], (row["version"], body))
            found[row["id"]] = body
    return found


def kept(account_id: int, version: int) -> bytes | None:
    """Ready JSON of that very version, if it is kept."""
    entry = _ready.get(account_id)
    return entry[1] if entry is not None and entry[0] == version else None


async def page(rows: Sequence[accounts.AccountRow]) -> list[bytes]:
    """The accounts of a page, in its order."""
    found = await bytes_of((row.id, row.version) for row in rows)
    return [found[row.id] for row in rows if row.id in found]


async def one(account_id: int) -> bytes:
    """An account, as it is now."""
    (row,) = await accounts.details([account_id])
    (entity,) = await render([row])
    body = encode(entity)
    _ready.put(row["id"], (row["version"], body))
    return body
