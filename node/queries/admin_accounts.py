"""Accounts as moderators look for them, and what only moderators see of them."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from node import db
from node.queries.accounts import beginning_with
from node.queries.conditions import EVERYTHING, Condition
from node.queries.statuses import Page

MAX_ADDRESSES: Final = 2_000
MAX_NETWORK_ADDRESSES: Final = 20_000
MAX_MATCHING_ADDRESSES: Final = 500
_NOWHERE: Final = "nowhere"
"""What no address is."""

STATUSES: Final = {
    "active": Condition("a.suspended_at IS NULL"),
    "pending": Condition("u.id IS NOT NULL AND u.approved_at IS NULL"),
    "disabled": Condition("u.disabled_at IS NOT NULL AND a.suspended_at IS NULL"),
    "silenced": Condition("a.silenced_at IS NOT NULL"),
    "suspended": Condition("a.suspended_at IS NOT NULL"),
    "sensitized": Condition("a.sensitized_at IS NOT NULL"),
}
ORIGINS: Final = {"local": Condition("a.domain = ''"), "remote": Condition("a.domain <> ''")}


@dataclass(frozen=True, slots=True)
class AccountFilter:
    """Which accounts. `origin` and `status` are words of `ORIGINS` and `STATUSES`; `username`, `display_name` and `email`
    are how they begin; `ip` is an address or a network; `invited_by` an account."""

    origin: str | None = None
    status: str | None = None
    roles: tuple[str, ...] | None = None
    username: str = ""
    display_name: str = ""
    domain: str = ""
    email: str = ""
    ip: str = ""
    invited_by: int | None = None


class Address(NamedTuple):
    """From where a user came, and when last (milliseconds)."""

    ip: str
    used_at: int


async def page_of_accounts(wanted: AccountFilter, instance_actor: str, page: Page) -> list[int]:
    """The ids of a page of accounts, newest first, without the node's own actor."""
    where = Condition("a.uri <> ?", (instance_actor,)) & await _matching(wanted)
    bounds, values = page.condition("a.id")
    rows = await db.fetch_all(
        f"SELECT a.id FROM accounts a LEFT JOIN users u ON u.account_id = a.id WHERE {where.sql}{bounds}"
        f"{page.order('a.id')}",
        (*where.parameters, *values),
    )
    found = [int(row[0]) for row in rows]
    return found[::-1] if page.upwards else found


async def _matching(wanted: AccountFilter) -> Condition:
    where = EVERYTHING
    if wanted.domain:
        where = where & Condition("a.domain = ?", (wanted.domain.lower(),))
    if wanted.origin is not None and not (wanted.origin == "remote" and wanted.domain):
        where = where & ORIGINS[wanted.origin]
    if wanted.status is not None:
        where = where & STATUSES[wanted.status]
    if wanted.roles is not None:
        roles = wanted.roles or ("",)
        where = where & Condition(f"u.role IN ({db.marks(roles)})", roles)
    if wanted.invited_by is not None:
        where = where & Condition("u.invited_by_id = ?", (wanted.invited_by,))
    for column, text in (
        ("a.username_key", wanted.username.removeprefix("@")),
        ("LOWER(a.display_name)", wanted.display_name),
        ("u.email_key", wanted.email),
    ):
        if text:
            where = where & Condition(rf"{column} LIKE ? ESCAPE '\'", (beginning_with(text.lower()),))
    if wanted.ip:
        where = where & await _from_address(wanted.ip)
    return where


async def _from_address(text: str) -> Condition:
    """That a user came from this address, or from within this network, at sign-up or in an open session."""
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return Condition("1 = 0")
    addresses = [str(network.network_address)] if network.num_addresses == 1 else await _known_within(network)
    marks = db.marks(addresses)
    return Condition(
        f"(u.sign_up_address IN ({marks}) OR EXISTS (SELECT 1 FROM browser_sessions b WHERE b.user_id = u.id"
        f" AND b.ip_address IN ({marks})))",
        (*addresses, *addresses),
    )


async def _known_within(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> list[str]:
    rows = await db.fetch_all(
        "SELECT ip_address FROM browser_sessions WHERE ip_address <> '' UNION"
        " SELECT sign_up_address FROM users WHERE sign_up_address <> '' LIMIT ?",
        (MAX_NETWORK_ADDRESSES,),
    )
    found = [str(row[0]) for row in rows if _is_within(str(row[0]), network)]
    return found[:MAX_MATCHING_ADDRESSES] or [_NOWHERE]


def _is_within(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    try:
        return ipaddress.ip_address(text) in network
    except ValueError:
        return False


async def standings(account_ids: Sequence[int]) -> dict[int, Any]:
    """What moderators see of these accounts besides what everybody sees, by column name; `user_id` only of people here."""
    rows = await db.fetch_all(
        "SELECT a.id, a.sensitized_at, u.id AS user_id, u.email, u.role, u.locale, u.confirmed_at, u.approved_at,"
        " u.disabled_at, u.sign_up_reason, u.sign_up_address, u.application_id, u.invited_by_id, u.created_at"
        f" FROM accounts a LEFT JOIN users u ON u.account_id = a.id WHERE a.id IN ({db.marks(account_ids)})",
        tuple(account_ids),
    )
    return {int(row["id"]): row for row in rows}


async def addresses(user_ids: Sequence[int]) -> dict[int, list[Address]]:
    """From where these users came in the sessions that are open, latest first."""
    found: dict[int, list[Address]] = defaultdict(list)
    if not user_ids:
        return found
    rows = await db.fetch_all(
        "SELECT user_id, ip_address, MAX(created_at) FROM browser_sessions"
        f" WHERE user_id IN ({db.marks(user_ids)}) AND ip_address <> ''"
        " GROUP BY user_id, ip_address ORDER BY MAX(created_at) DESC LIMIT ?",
        (*user_ids, MAX_ADDRESSES),
    )
    for user_id, address, used_at in rows:
        found[int(user_id)].append(Address(str(address), int(used_at)))
    return found
