"""Mastodon's Admin::Account: an account with what only moderators see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.entities import account
from api.entities.account import Account, Role, role
from api.entities.encoding import iso
from node.errors import NotFound
from node.queries import accounts, admin_accounts
from node.queries.admin_accounts import Address


class AdminIp(msgspec.Struct, frozen=True):
    """From where somebody came, and when last."""

    ip: str
    used_at: str


class AdminAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account as moderators see it. What belongs to a user is null for accounts of other servers; the application it
    was opened with and who invited it are missing when there are none."""

    id: str
    username: str
    domain: str | None
    created_at: str
    email: str | None
    ip: str | None
    confirmed: bool | None
    suspended: bool
    silenced: bool
    sensitized: bool
    disabled: bool | None
    approved: bool | None
    locale: str | None
    invite_request: str | None
    created_by_application_id: str | msgspec.UnsetType = msgspec.UNSET
    invited_by_account_id: str | msgspec.UnsetType = msgspec.UNSET
    ips: list[AdminIp] | None
    account: Account
    role: Role | None


async def by_ids(account_ids: Sequence[int]) -> dict[int, AdminAccount]:
    """These accounts, without those that are not there; at most six statements however many."""
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return {}
    rows = await accounts.details(wanted)
    shown = await account.render(rows)
    standings = await admin_accounts.standings(wanted)
    users = [int(row["user_id"]) for row in standings.values() if row["user_id"] is not None]
    addresses = await admin_accounts.addresses(users)
    return {
        int(row["id"]): _entity(row, entity, standings[row["id"]], addresses.get(standings[row["id"]]["user_id"], []))
        for row, entity in zip(rows, shown, strict=True)
        if row["id"] in standings
    }


async def page(account_ids: Sequence[int]) -> list[AdminAccount]:
    """The accounts of a page, in its order."""
    found = await by_ids(account_ids)
    return [found[account_id] for account_id in account_ids if account_id in found]


async def one(account_id: int) -> AdminAccount:
    """One account. Raises `NotFound`."""
    found = await page([account_id])
    if not found:
        raise NotFound
    return found[0]


def _entity(
    row: Mapping[str, Any], entity: Account, standing: Mapping[str, Any], addresses: Sequence[Address]
) -> AdminAccount:
    is_user = standing["user_id"] is not None
    ips = _ips(standing, addresses) if is_user else None
    return AdminAccount(
        id=str(row["id"]),
        username=row["username"],
        domain=row["domain"] or None,
        created_at=iso(row["created_at"]),
        email=standing["email"],
        ip=ips[0].ip if ips else None,
        confirmed=standing["confirmed_at"] is not None if is_user else None,
        suspended=row["suspended_at"] is not None,
        silenced=row["silenced_at"] is not None,
        sensitized=standing["sensitized_at"] is not None,
        disabled=standing["disabled_at"] is not None if is_user else None,
        approved=standing["approved_at"] is not None if is_user else None,
        locale=standing["locale"],
        invite_request=standing["sign_up_reason"] or None,
        created_by_application_id=_number(standing["application_id"]),
        invited_by_account_id=_number(standing["invited_by_id"]),
        ips=ips,
        account=entity,
        role=role(standing["role"]) if is_user else None,
    )


def _number(value: int | None) -> str | msgspec.UnsetType:
    return str(value) if value is not None else msgspec.UNSET


def _ips(standing: Mapping[str, Any], addresses: Sequence[Address]) -> list[AdminIp]:
    known = list(addresses)
    first = standing["sign_up_address"]
    if first and all(address.ip != first for address in known):
        known.append(Address(first, standing["created_at"]))
    return [AdminIp(address.ip, iso(address.used_at)) for address in known]
