"""Links in profiles that lead to pages which lead back (`rel=me`): proof that both belong to the same person."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from tortoise.expressions import F

from node import clock, db, events
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.text import plain_text

MAX_LINKS: Final = 4
_ONE_LINK: Final = re.compile(r'<a [^>]*?href="([^"]+)"[^>]*>((?:(?!<a ).)*)</a>', re.DOTALL)


def to_verify(fields: Sequence[Mapping[str, Any]]) -> list[str]:
    """The pages of these profile fields (`Account.fields_`) that have not been seen to lead back, at most `MAX_LINKS`."""
    open_fields = [field for field in fields if field.get("verified_at") is None]
    found = (page_of(field) for field in open_fields)
    return [page for page in found if page is not None][:MAX_LINKS]


def page_of(field: Mapping[str, Any]) -> str | None:
    """The page a profile field is about, when it consists of one plain https address."""
    address = field["source"] if "source" in field else _only_link(field["value"])
    if address is None or not address.startswith("https://") or not address.isascii() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        return address if parts.hostname and parts.username is None and parts.password is None else None
    except ValueError:
        return None


def _only_link(markup: str) -> str | None:
    link = _ONE_LINK.fullmatch(markup.strip())
    if link is None:
        return None
    address = html.unescape(link[1])
    return address if plain_text(link[2]) == address else None


def keep_verified(fields: Sequence[dict[str, Any]], former: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """New fields, of which those that say what a verified one said stay verified."""
    verified = {_said(field): field["verified_at"] for field in former if field.get("verified_at") is not None}
    return [{**field, "verified_at": verified[_said(field)]} if _said(field) in verified else field for field in fields]


def _said(field: Mapping[str, Any]) -> str:
    said: str = field.get("source", field["value"])
    return said


async def record_change(account_id: int, fields: Sequence[Mapping[str, Any]]) -> None:
    """State, in the caller's transaction, that a profile has links to verify, if it has."""
    if to_verify(fields):
        await events.record(events.ProfileLinksChanged(account_id=account_id))


async def mark_verified(account_id: int, pages: Collection[str]) -> None:
    """Note that these pages lead back to the profile, as far as it still leads to them."""
    if not pages:
        return
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account_id,))
        account = await Account.get_or_none(id=account_id)
        if account is None:
            return
        now = to_milliseconds(clock.now())
        fields = [
            {**field, "verified_at": now} if field.get("verified_at") is None and page_of(field) in pages else field
            for field in account.fields_
        ]
        if fields != account.fields_:
            await Account.filter(id=account_id).update(fields_=fields, version=F("version") + 1)
