"""Accounts: made, changed, received from elsewhere, deleted."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tortoise.expressions import F

from activitypub.signatures.keys import generate_rsa_key
from node import clock, db, events, jobs, urls
from node.errors import Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import LOCAL, Account, User
from node.models.fields import to_milliseconds
from node.runtime import runtime
from node.services import domains, follows, hidden_files, media, own_keys, profile_links, profile_pictures
from node.services.account_removal import PURGE
from node.services.remote_profiles import RemoteProfile, receive_profile
from node.text import clean, clean_line, render_caption, render_line

__all__ = [
    "ProfileChanges",
    "RemoteProfile",
    "by_handle",
    "by_uri",
    "check_username",
    "create_local",
    "delete_local",
    "get",
    "new_key",
    "receive_deletion",
    "receive_profile",
    "update_profile",
]

TAKEN = "has already been taken"
MAX_USERNAME: Final = 30
MAX_DISPLAY_NAME: Final = 64
MAX_NOTE: Final = 500
MAX_FIELDS: Final = 6
MAX_FIELD: Final = 255
MAX_DESCRIPTION: Final = 1_500
MAX_ATTRIBUTION_DOMAINS: Final = 10

_SCHEME: Final = re.compile(r"^https?://")
_USERNAME: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?")
_RESERVED: Final = frozenset(
    {
        *("abuse", "account", "accounts", "actor", "admin", "administrator", "ap", "api", "auth", "explore"),
        *(
            "heliograph",
            "help",
            "home",
            "hostmaster",
            "inbox",
            "info",
            "instance",
            "login",
            "mail",
            "media",
            "moderator",
        ),
        *("news", "oauth", "owner", "postmaster", "privacy", "relay", "root", "search", "security", "settings"),
        *("signup", "support", "system", "tags", "terms", "webmaster", "well-known"),
    }
)
_ACTOR_TYPES: Final = ("Person", "Service", "Group", "Application", "Organization")


@dataclass(frozen=True, slots=True)
class ProfileChanges:
    """What changes in a local profile; `None` leaves as it is.

    `fields` is the whole new table as (name, value) pairs. `avatar_path` and `header_path` are uploaded files, which
    stay the caller's; `remove_avatar` and `remove_header` go back to none.
    """

    display_name: str | None = None
    note_source: str | None = None
    fields: tuple[tuple[str, str], ...] | None = None
    avatar_path: Path | None = None
    header_path: Path | None = None
    avatar_description: str | None = None
    header_description: str | None = None
    remove_avatar: bool = False
    remove_header: bool = False
    is_private: bool | None = None
    discoverable: bool | None = None
    indexable: bool | None = None
    hide_collections: bool | None = None
    show_media: bool | None = None
    show_media_replies: bool | None = None
    show_featured: bool | None = None
    attribution_domains: tuple[str, ...] | None = None
    actor_type: str | None = None
    also_known_as: tuple[str, ...] | None = None


async def get(account_id: int) -> Account:
    """The account of that number. Raises `NotFound`."""
    account = await Account.get_or_none(id=account_id)
    if account is None:
        raise NotFound()
    return account


async def by_uri(uri: str) -> Account | None:
    """The account with that ActivityPub id, if known here."""
    return await Account.get_or_none(uri=uri)


async def by_handle(username: str, domain: str = LOCAL) -> Account | None:
    """The account behind a handle, if known here, in any case; our own domain means a local one."""
    if runtime().settings.is_own_domain(domain):
        domain = LOCAL
    return await Account.get_or_none(username_key=username.lower(), domain=domain.lower())


async def new_key() -> str:
    """A new RSA private key (PEM). It takes a while: make it before the transaction of `create_local`."""
    return await asyncio.to_thread(generate_rsa_key)


def check_username(username: str) -> str:
    """The name as it would be stored, in lower case. Raises `Invalid` (username) when nobody may be called so."""
    name = username.strip().lower()
    if not name:
        raise Invalid("username", "can't be blank", code="ERR_BLANK")
    if len(name) > MAX_USERNAME:
        raise Invalid("username", f"is too long (maximum is {MAX_USERNAME} characters)", code="ERR_TOO_LONG")
    if not _USERNAME.fullmatch(name):
        raise Invalid("username", "must contain only letters, numbers and underscores, dots or dashes between them")
    if name in _RESERVED:
        raise Invalid("username", "is reserved", code="ERR_RESERVED")
    return name


async def check_username_is_free(username: str) -> str:
    """`check_username`, of a name nobody here has or had. Raises `Invalid` (username)."""
    name = check_username(username)
    if await Account.exists(username_key=name, domain=LOCAL):
        raise Invalid("username", TAKEN, code="ERR_TAKEN")
    return name


async def create_local(username: str, *, actor_type: str = "Person", private_key_pem: str | None = None) -> Account:
    """Make a local account with its key, in the caller's transaction if there is one.

    `private_key_pem` comes from `new_key()`; without it one is made here, which a caller inside a transaction should
    not wait for. Raises `Invalid` (username) when the name cannot be had: a name is never given twice.
    """
    name = check_username(username)
    pem = private_key_pem or await new_key()
    number = new_id()
    uri = urls.actor(number)
    account = Account(
        id=number,
        username=name,
        username_key=name,
        domain=LOCAL,
        actor_type=actor_type,
        uri=uri,
        url=urls.profile(name),
        inbox_url=urls.inbox(uri),
        shared_inbox_url=urls.shared_inbox(),
        outbox_url=f"{uri}/outbox",
        followers_url=urls.followers(uri),
        following_url=f"{uri}/following",
        featured_url=f"{uri}/featured",
    )
    async with db.transaction():
        await Account.bulk_create([account], ignore_conflicts=True)
        if not await Account.filter(id=number).exists():
            raise Invalid("username", TAKEN, code="ERR_TAKEN")
        await own_keys.give(number, uri, pem)
    return await get(number)


async def update_profile(account: Account, changes: ProfileChanges) -> Account:
    """Change a local profile. Records `AccountUpdated` when anything did. Who is private no longer accepts those waiting.

    Raises `Invalid` naming the field (display_name, note, fields_attributes, attribution_domains, avatar, header,
    actor_type) and changes nothing, `Unavailable` when pictures cannot be worked on now.
    """
    if not account.is_local:
        raise Forbidden()
    values = _checked(changes)
    if "fields_" in values:
        values["fields_"] = profile_links.keep_verified(values["fields_"], account.fields_)
    former = [await _change_picture(kind, account, changes, values) for kind in ("avatar", "header")]
    changed = {name: value for name, value in values.items() if getattr(account, name) != value}
    if not changed:
        return account
    async with db.transaction():
        await Account.filter(id=account.id).update(**changed, version=F("version") + 1)
        await events.record(events.AccountUpdated(account_id=account.id))
        if "fields_" in changed:
            await profile_links.record_change(account.id, changed["fields_"])
        if changed.get("is_private") is False:
            await jobs.enqueue(follows.ACCEPT_WAITING, {"account_id": account.id})
        if keys := [key for key in former if key]:
            await jobs.enqueue(media.PURGE, {"keys": keys})
    return await get(account.id)


async def delete_local(account: Account) -> None:
    """Delete a local account for good: sign-in and profile at once, posts and the rest in the background.

    Records `AccountDeleted`. The row stays as a suspended shell, so that the name is never given again.
    """
    if not account.is_local:
        raise Forbidden()
    async with db.transaction():
        if not await _empty(account):
            return
        await User.filter(account_id=account.id).delete()
        await events.record(events.AccountDeleted(account_id=account.id))
        await hidden_files.arrange_soon(account.id)
        await jobs.enqueue(PURGE, {"account_id": account.id})


async def receive_deletion(account: Account) -> None:
    """A remote account's server says it is gone: it is suspended, its handle released, what it made goes in the background.

    One suspended here stays so, handle and all: nobody comes back by deleting their account and opening it anew.
    """
    if account.is_local:
        raise Forbidden("a local account is not deleted from afar", uri=account.uri)
    async with db.transaction():
        current = await Account.get(id=account.id)
        if not await _empty(account):
            return
        await jobs.enqueue(PURGE, {"account_id": account.id})
        if current.suspended_at is not None:
            await Account.filter(id=account.id).update(
                suspended_at=current.suspended_at, suspended_by_origin=current.suspended_by_origin
            )
            return
        released = f"{account.username_key[:200]}~{account.id}"
        await Account.filter(id=account.id).update(username_key=released, suspended_by_origin=True)


async def _empty(account: Account) -> bool:
    """Suspend an account and blank its profile. `False` when it has been so deleted before."""
    rows = await db.fetch_all(
        "UPDATE accounts SET suspended_at = ?, suspended_by_origin = TRUE, display_name = '', note = '',"
        " note_source = '', profile_fields = '[]', avatar_remote_url = NULL, header_remote_url = NULL,"
        " avatar_description = '', header_description = '', discoverable = FALSE, indexable = FALSE,"
        " version = version + 1 WHERE id = ? AND (suspended_at IS NULL OR suspended_by_origin = FALSE) RETURNING id",
        (to_milliseconds(clock.now()), account.id),
    )
    return bool(rows)


def _checked(changes: ProfileChanges) -> dict[str, Any]:
    """The columns that simply follow from `changes`."""
    values: dict[str, Any] = {
        "is_private": changes.is_private,
        "discoverable": changes.discoverable,
        "indexable": changes.indexable,
        "hide_collections": changes.hide_collections,
        "show_media": changes.show_media,
        "show_media_replies": changes.show_media_replies,
        "show_featured": changes.show_featured,
        "actor_type": changes.actor_type,
        "avatar_description": _limited("avatar_description", changes.avatar_description, MAX_DESCRIPTION),
        "header_description": _limited("header_description", changes.header_description, MAX_DESCRIPTION),
        "note_source": _limited("note", changes.note_source, MAX_NOTE),
    }
    if changes.actor_type is not None and changes.actor_type not in _ACTOR_TYPES:
        raise Invalid("actor_type", "is not included in the list", code="ERR_INCLUSION")
    if changes.display_name is not None:
        values["display_name"] = _limited("display_name", clean_line(changes.display_name), MAX_DISPLAY_NAME)
    if values["note_source"] is not None:
        values["note"] = render_caption(values["note_source"])
    if changes.fields is not None:
        values["fields_"] = _field_rows(changes.fields)
    if changes.attribution_domains is not None:
        values["attribution_domains"] = _domain_list(changes.attribution_domains)
    if changes.also_known_as is not None:
        values["also_known_as"] = list(changes.also_known_as)
    return {name: value for name, value in values.items() if value is not None}


def _limited(name: str, value: str | None, limit: int) -> str | None:
    if value is None:
        return None
    text = clean(value)
    if len(text) > limit:
        raise Invalid(name, f"is too long (maximum is {limit} characters)", code="ERR_TOO_LONG")
    return text


def _field_rows(pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    rows = [(clean_line(name), clean_line(value)) for name, value in pairs]
    filled = [(name, value) for name, value in rows if name or value]
    if len(filled) > MAX_FIELDS:
        raise Invalid("fields_attributes", f"can't be more than {MAX_FIELDS}", code="ERR_TOO_MANY")
    if any(len(name) > MAX_FIELD or len(value) > MAX_FIELD for name, value in filled):
        raise Invalid("fields_attributes", f"are too long (maximum is {MAX_FIELD} characters)", code="ERR_TOO_LONG")
    return [{"name": name, "value": render_line(value), "source": value} for name, value in filled]


def _domain_list(written: Sequence[str]) -> list[str]:
    """Domains as people write them: with a scheme or a wildcard in front, or empty lines."""
    names = [_SCHEME.sub("", name.strip()).removeprefix("*.") for name in written]
    try:
        found = list(dict.fromkeys(domains.normalise(name) for name in names if name))
    except Invalid as refusal:
        raise Invalid("attribution_domains", refusal.reason) from None
    if len(found) > MAX_ATTRIBUTION_DOMAINS:
        reason = f"is too long (maximum is {MAX_ATTRIBUTION_DOMAINS} items)"
        raise Invalid("attribution_domains", reason, code="ERR_TOO_LONG")
    return found


async def _change_picture(kind: Any, account: Account, changes: ProfileChanges, values: dict[str, Any]) -> str | None:
    """Put a new picture's key into `values`; returns the key of the one it takes the place of."""
    source: Path | None = getattr(changes, f"{kind}_path")
    if source is None and not getattr(changes, f"remove_{kind}"):
        return None
    values[f"{kind}_key"] = await profile_pictures.store(kind, source) if source is not None else None
    former: str | None = getattr(account, f"{kind}_key")
    return former
