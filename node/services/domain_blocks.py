"""Whole domains that a person wants nothing from, for themselves alone (the node's own rules are in `domains`)."""

from __future__ import annotations

from typing import Any, Final

from node import clock, db, jobs
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import DomainBlock, Follow
from node.models.severances import OWN_DOMAIN_BLOCK
from node.services import domains, follows, severances

PART: Final = "part_from_domain"
BATCH: Final = 100


async def block(account: Account, domain: str) -> None:
    """Let the local `account` have nothing to do with a domain. Blocking it twice changes nothing.

    Nobody from there is seen at once; follows both ways end in the background, and their servers are told. Raises
    `Invalid` (domain).
    """
    name = checked(domain)
    async with db.transaction():
        added = await db.execute(
            "INSERT INTO account_domain_blocks (id, account_id, domain, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (new_id(), account.id, name, to_milliseconds(clock.now())),
        )
        if not added:
            return
        await db.execute(
            "DELETE FROM notifications WHERE account_id = ? AND EXISTS (SELECT 1 FROM accounts a"
            " WHERE a.id = notifications.from_account_id AND a.domain = ?)",
            (account.id, name),
        )
        severance = await severances.begin(OWN_DOMAIN_BLOCK, name)
        await jobs.enqueue(PART, {"account_id": account.id, "domain": name, "severance_id": severance.id})


async def unblock(account: Account, domain: str) -> None:
    """Take it back; nothing happens when the domain was not blocked. Ended follows do not come back."""
    await DomainBlock.filter(account_id=account.id, domain=checked(domain)).delete()


async def blocks(account_id: int, domain: str) -> bool:
    """Whether an account blocks a domain; nobody blocks their own node."""
    return bool(domain) and await DomainBlock.filter(account_id=account_id, domain=domain).exists()


async def counts(account: Account, domain: str) -> tuple[int, int]:
    """How many of a domain the account follows, and how many from there follow it. Raises `Invalid` (domain)."""
    name = checked(domain)
    row = await db.fetch_one(
        "SELECT (SELECT COUNT(*) FROM follows f JOIN accounts a ON a.id = f.target_id WHERE f.account_id = ?"
        " AND f.accepted = TRUE AND a.domain = ?), (SELECT COUNT(*) FROM follows f JOIN accounts a"
        " ON a.id = f.account_id WHERE f.target_id = ? AND f.accepted = TRUE AND a.domain = ?)",
        (account.id, name, account.id, name),
    )
    return (int(row[0]), int(row[1])) if row is not None else (0, 0)


def checked(domain: str) -> str:
    """The domain as it is stored. Raises `Invalid` (domain)."""
    if not domain.strip():
        raise Invalid("domain", "can't be blank", code="ERR_BLANK")
    return domains.normalise(domain)


async def _part(payload: dict[str, Any]) -> None:
    """End the follows between an account and a domain, a batch at a time; done again it finds nothing left."""
    account = await Account.get_or_none(id=payload["account_id"])
    if account is None or not await blocks(account.id, payload["domain"]):
        return
    name: str = payload["domain"]
    severance_id = payload.get("severance_id") or (await severances.begin(OWN_DOMAIN_BLOCK, name)).id
    while await _part_from_some(account, name, severance_id):
        pass
    await severances.finish(severance_id)


async def _part_from_some(account: Account, domain: str, severance_id: int) -> int:
    async with db.transaction():
        theirs = (
            await Follow.filter(target_id=account.id, account__domain=domain).limit(BATCH).select_related("account")
        )
        for follow in theirs:
            await severances.keep(severance_id, follow, is_follower=True)
            await follows.end(follow, follow.account, account, by=account)
        mine = await Follow.filter(account_id=account.id, target__domain=domain).limit(BATCH).select_related("target")
        for follow in mine:
            await severances.keep(severance_id, follow, is_follower=False)
            await follows.end(follow, account, follow.target, by=account)
    return len(theirs) + len(mine)


jobs.register(PART, _part)
