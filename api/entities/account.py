"""Mastodon's Account and CredentialAccount, and the bytes of accounts kept by version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import orjson

from api.entities import emoji
from api.entities.emoji import CustomEmoji
from api.entities.encoding import day, encode, iso, midnight
from node import urls
from node.cache import BoundedCache
from node.errors import NotFound
from node.queries import accounts, relationships
from node.runtime import runtime
from node.services.account_collections import MAX_COLLECTIONS

MISSING_AVATAR = "/avatars/original/missing.png"
MISSING_HEADER = "/headers/original/missing.png"
_MISSING = {"avatar": MISSING_AVATAR, "header": MISSING_HEADER}
_GROUPS = ("Group", "Organization")
_BOTS = ("Service", "Application")


class Field(msgspec.Struct, frozen=True):
    """A line of a profile; `value` is HTML."""

    name: str
    value: str
    verified_at: str | None = None


class AccountRole(msgspec.Struct, frozen=True):
    """What somebody does here, shown to all."""

    id: str
    name: str
    color: str


class FeatureApproval(msgspec.Struct, frozen=True):
    """Who may put the account into collections. `current_user`: `automatic`, `denied`, `missing` (its server does not
    say) or, where an account is one of many and it depends on whether the viewer follows it, `unknown`."""

    automatic: list[str]
    manual: list[str]
    current_user: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's public side. `noindex` is there for accounts of this node, `moved` for those that have moved to an
    account known here (null when suspended), the last three only when true."""

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
    show_media: bool
    show_media_replies: bool
    show_featured: bool
    emojis: list[CustomEmoji]
    roles: list[AccountRole]
    fields: list[Field]
    feature_approval: FeatureApproval
    noindex: bool | msgspec.UnsetType = msgspec.UNSET
    moved: Account | msgspec.UnsetType | None = msgspec.UNSET
    memorial: bool | msgspec.UnsetType = msgspec.UNSET
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
    comment_policy: str
    share_policy: str
    hide_like_counts: bool
    show_originals: bool
    camera_shown: list[str]


class Role(msgspec.Struct, frozen=True):
    """What a user may do; `permissions` is Mastodon's bit mask, `collection_limit` how many collections they may have."""

    id: str
    name: str
    color: str
    permissions: str
    highlighted: bool
    collection_limit: int = MAX_COLLECTIONS


class CredentialAccount(Account, frozen=True, kw_only=True):
    """An account as its owner sees it."""

    source: Source
    role: Role


class MutedAccount(Account, frozen=True, kw_only=True):
    """An account of the list of mutes; the moment the mute ends by itself, if it does."""

    mute_expires_at: str | None


_ROLES = {
    "user": Role("-99", "", "", "65536", False),
    "moderator": Role("2", "Moderator", "", "1308", True),
    "admin": Role("3", "Admin", "", "1", True),
}


def role(name: str) -> Role:
    """The role a user has, as clients know it."""
    return _ROLES.get(name, _ROLES["user"])


async def render(rows: Sequence[Mapping[str, Any]]) -> list[Account]:
    """The entities of rows of `queries.accounts.details`.

    One statement at most, for their emojis, and two more for where people have moved to, when anybody has.
    """
    entities = await _entities(rows)
    destinations = {row["moved_to_id"] for row in rows if row["moved_to_id"] is not None}
    if not destinations:
        return entities
    found = await accounts.details(list(destinations))
    homes = {row["id"]: (row, entity) for row, entity in zip(found, await _entities(found), strict=True)}
    return [_moved(row, entity, homes) for row, entity in zip(rows, entities, strict=True)]


async def _entities(rows: Sequence[Mapping[str, Any]]) -> list[Account]:
    emojis = await emoji.in_texts([(row["domain"], _written(row)) for row in rows])
    return [_entity(row, shown) for row, shown in zip(rows, emojis, strict=True)]


def _moved(row: Mapping[str, Any], entity: Account, homes: Mapping[int, tuple[Mapping[str, Any], Account]]) -> Account:
    """With where it has moved to. That somebody elsewhere has is shown once the new account says so too: whoever names
    another's account as theirs is not believed. What was ours was asked when it moved."""
    if row["moved_to_id"] not in homes:
        return entity
    home, shown = homes[row["moved_to_id"]]
    if row["suspended_at"] is not None:
        return msgspec.structs.replace(entity, moved=None)
    is_so = not row["domain"] or row["uri"] in orjson.loads(home["also_known_as"])
    return msgspec.structs.replace(entity, moved=shown) if is_so else entity


def _written(row: Mapping[str, Any]) -> str:
    """All text of a profile in which an emoji may stand."""
    if row["suspended_at"] is not None:
        return ""
    return f"{row['display_name']}\n{row['note']}\n{row['profile_fields']}"


def _entity(row: Mapping[str, Any], emojis: list[CustomEmoji]) -> Account:
    here, suspended = not row["domain"], row["suspended_at"] is not None
    avatar, header = (
        _own(missing) if suspended else _picture(kind, row["id"], row[f"{kind}_key"], row[f"{kind}_remote_url"])
        for kind, missing in _MISSING.items()
    )
    return Account(
        id=str(row["id"]),
        username=row["username"],
        acct=acct(row["username"], row["domain"]),
        display_name="" if suspended else row["display_name"],
        locked=bool(row["is_private"]) and not suspended,
        bot=row["actor_type"] in _BOTS and not suspended,
        discoverable=bool(row["discoverable"]) and not suspended,
        indexable=bool(row["indexable"]) and not suspended,
        group=row["actor_type"] in _GROUPS,
        created_at=midnight(row["created_at"]),
        note="" if suspended else row["note"],
        url=profile_url(row["username"], row["domain"], row["url"], row["uri"]),
        uri=row["uri"],
        avatar=avatar,
        avatar_static=avatar,
        avatar_description="" if suspended else row["avatar_description"],
        header=header,
        header_static=header,
        header_description="" if suspended else row["header_description"],
        followers_count=row["followers_count"],
        following_count=row["following_count"],
        statuses_count=row["posts_count"],
        last_status_at=day(row["last_post_at"]) if row["last_post_at"] is not None else None,
        hide_collections=bool(row["hide_collections"]),
        show_media=bool(row["show_media"]),
        show_media_replies=bool(row["show_media_replies"]),
        show_featured=bool(row["show_featured"]),
        emojis=emojis,
        roles=[] if suspended else _roles_shown(row["role"]),
        fields=[] if suspended else [field(stored) for stored in orjson.loads(row["profile_fields"])],
        feature_approval=_feature_approval(row),
        noindex=not row["indexable"] if here else msgspec.UNSET,
        memorial=True if row["memorial"] else msgspec.UNSET,
        limited=True if row["silenced_at"] is not None else msgspec.UNSET,
        suspended=True if suspended else msgspec.UNSET,
    )


def field(stored: Mapping[str, Any], *, as_written: bool = False) -> Field:
    """A line of a profile from what is stored of it; `as_written` as its owner typed it."""
    value = stored.get("source", stored["value"]) if as_written else stored["value"]
    verified_at = stored.get("verified_at")
    return Field(stored["name"], value, iso(verified_at) if verified_at is not None else None)


def _roles_shown(name: str | None) -> list[AccountRole]:
    known = role(name or "")
    return [AccountRole(known.id, known.name, known.color)] if known.highlighted else []


def _feature_approval(row: Mapping[str, Any]) -> FeatureApproval:
    if row["domain"]:
        return FeatureApproval([], [], "missing")
    if not row["discoverable"] or row["suspended_at"] is not None:
        return FeatureApproval([], [], "denied")
    if row["is_private"]:
        return FeatureApproval(["followers"], [], "unknown")
    return FeatureApproval(["public"], [], "automatic")


def acct(username: str, domain: str) -> str:
    """The handle as this node shows it: with the domain for everybody who lives elsewhere."""
    return f"{username}@{domain}" if domain else username


def profile_url(username: str, domain: str, url: str | None, uri: str) -> str:
    """The page a person sees."""
    return url or (uri if domain else urls.profile(username))


def picture_or_missing(account_id: int, avatar_key: str | None, avatar_remote_url: str | None) -> str:
    """An avatar, or the one of those who have none."""
    return _picture("avatar", account_id, avatar_key, avatar_remote_url)


def _picture(kind: str, account_id: int, key: str | None, remote_url: str | None) -> str:
    if key is not None:
        return urls.media(key)
    if remote_url:
        return urls.remote_file(kind, account_id, remote_url)
    return _own(_MISSING[kind])


def _own(path: str) -> str:
    return f"{runtime().settings.base_url}{path}"


_ready: BoundedCache[int, tuple[int, bytes]] = BoundedCache(10_000)


def forget_all() -> None:
    """Drop every kept account."""
    _ready.clear()


async def bytes_of(versions: Iterable[tuple[int, int]]) -> dict[int, bytes]:
    """Ready JSON by id, for (account id, version) pairs; a fixed number of statements, for those not kept."""
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
            found[row["id"]] = _keep(row, encode(entity))
    return found


def _keep(row: Mapping[str, Any], body: bytes) -> bytes:
    """Keep it ready, unless it shows another account too, which has a version of its own."""
    if row["moved_to_id"] is None:
        _ready.put(row["id"], (row["version"], body))
    return body


def kept(account_id: int, version: int) -> bytes | None:
    """Ready JSON of that very version, if it is kept."""
    entry = _ready.get(account_id)
    return entry[1] if entry is not None and entry[0] == version else None


async def page(rows: Sequence[accounts.AccountRow]) -> list[bytes]:
    """The accounts of a page, in its order."""
    found = await bytes_of((row.id, row.version) for row in rows)
    return [found[row.id] for row in rows if row.id in found]


async def one(account_id: int) -> bytes:
    """An account, as it is now and everybody sees it."""
    rows = await accounts.details([account_id])
    (entity,) = await render(rows)
    return _keep(rows[0], encode(entity))


async def one_for(viewer_id: int | None, account_id: int) -> bytes:
    """An account as it is now, with what of it depends on the viewer. Raises `NotFound` also for one that is deleted,
    or has not been confirmed and approved yet."""
    rows = await accounts.details([account_id])
    if not rows or not rows[0]["admitted"]:
        raise NotFound
    (entity,) = await render(rows)
    approval = entity.feature_approval
    if viewer_id is None:
        approval = msgspec.structs.replace(approval, current_user="denied")
    elif viewer_id == account_id and approval.automatic:
        approval = msgspec.structs.replace(approval, current_user="automatic")
    elif approval.current_user == "unknown":
        follows = await relationships.follows(viewer_id, account_id)
        approval = msgspec.structs.replace(approval, current_user="automatic" if follows else "denied")
    return encode(msgspec.structs.replace(entity, feature_approval=approval))
