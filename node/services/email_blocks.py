"""E-mail addresses that open no account here: whole domains, and single addresses in every spelling."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

from node import clock, db
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.mail_exchangers import mail_exchangers
from node.models.sign_up_blocks import CanonicalEmailBlock, EmailDomainBlock
from node.services.domains import normalise

DAYS: Final = 7
DAY: Final = 86_400
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


async def check_sign_up(email: str, address: str) -> bool:
    """Whether an account with this e-mail address, asked for from this IP address, must wait for an admin.

    Blocked is also whose mail a blocked domain's servers take. Raises `Invalid` (email) when it cannot be had. What runs into the block of a domain is counted.
    """
    blocks = await _of_domain(email.rpartition("@")[2]) or await _of_exchangers(email.rpartition("@")[2])
    if blocks:
        await _count(blocks, address)
    if any(not block.allow_with_approval for block in blocks):
        raise Invalid("email", "uses a disallowed e-mail provider", code="ERR_BLOCKED")
    if await CanonicalEmailBlock.exists(digest=digest_of(email)):
        raise Invalid("email", "has already been taken", code="ERR_TAKEN")
    return bool(blocks)


async def _of_domain(domain: str) -> list[EmailDomainBlock]:
    labels = domain.lower().split(".")
    return await EmailDomainBlock.filter(domain__in=[".".join(labels[start:]) for start in range(len(labels))])


async def _of_exchangers(domain: str) -> list[EmailDomainBlock]:
    """The blocks of the servers that take the domain's mail; DNS is asked only while there are blocks at all."""
    if not await EmailDomainBlock.exists():
        return []
    found: dict[int, EmailDomainBlock] = {}
    for name in await mail_exchangers(domain):
        found |= {block.id: block for block in await _of_domain(name)}
    return list(found.values())


async def _count(blocks: Sequence[EmailDomainBlock], address: str) -> None:
    who = hashlib.sha256(address.encode()).hexdigest()
    for block in blocks:
        await db.execute(
            "INSERT INTO email_domain_attempts (id, block_id, day, who, uses) VALUES (?, ?, ?, ?, 1)"
            " ON CONFLICT (block_id, day, who) DO UPDATE SET uses = email_domain_attempts.uses + 1",
            (new_id(), block.id, _today(), who),
        )


async def attempts(block_ids: Sequence[int]) -> dict[tuple[int, int], tuple[int, int]]:
    """By block and day: by how many addresses, and how often, it was run into in the last `DAYS` days."""
    if not block_ids:
        return {}
    rows = await db.fetch_all(
        "SELECT block_id, day, COUNT(*), SUM(uses) FROM email_domain_attempts"
        f" WHERE block_id IN ({db.marks(block_ids)}) AND day > ? GROUP BY block_id, day",
        (*block_ids, _today() - DAYS),
    )
    return {(int(row[0]), int(row[1])): (int(row[2]), int(row[3])) for row in rows}


def days() -> list[int]:
    """The last `DAYS` days, today first."""
    return [_today() - back for back in range(DAYS)]


async def forget_old_attempts() -> int:
    """Delete what was counted too long ago to be shown. Returns how many."""
    return await db.execute("DELETE FROM email_domain_attempts WHERE day <= ?", (_today() - DAYS,))


def _today() -> int:
    return int(clock.timestamp()) // DAY


async def domain_block(block_id: int) -> EmailDomainBlock:
    """The block of a domain. Raises `NotFound`."""
    block = await EmailDomainBlock.get_or_none(id=block_id)
    if block is None:
        raise NotFound()
    return block


async def block_domain(domain: str, *, allow_with_approval: bool = False) -> EmailDomainBlock:
    """Block the e-mail addresses of a domain and its subdomains. Raises `Invalid` (domain)."""
    if not domain.strip():
        raise Invalid("domain", "can't be blank", code="ERR_BLANK")
    name = normalise(domain.strip().removeprefix("@"))
    if await EmailDomainBlock.exists(domain=name):
        raise Invalid("domain", "has already been taken", code="ERR_TAKEN")
    return await EmailDomainBlock.create(domain=name, allow_with_approval=allow_with_approval)


async def canonical_block(block_id: int) -> CanonicalEmailBlock:
    """The block of an address. Raises `NotFound`."""
    block = await CanonicalEmailBlock.get_or_none(id=block_id)
    if block is None:
        raise NotFound()
    return block


async def block_address(*, email: str = "", digest: str = "") -> CanonicalEmailBlock:
    """Block an e-mail address, or what its plainest spelling's SHA-256 is (in hexadecimal). Raises `Invalid`."""
    wanted = digest_of(email) if email else digest.strip().lower()
    if not wanted:
        raise Invalid("canonical_email_hash", "can't be blank", code="ERR_BLANK")
    if not _DIGEST.fullmatch(wanted):
        raise Invalid("canonical_email_hash", "is invalid")
    if await CanonicalEmailBlock.exists(digest=wanted):
        raise Invalid("canonical_email_hash", "has already been taken", code="ERR_TAKEN")
    return await CanonicalEmailBlock.create(digest=wanted)


async def matching(email: str) -> list[CanonicalEmailBlock]:
    """The block of this address, in whichever spelling, if there is one."""
    return await CanonicalEmailBlock.filter(digest=digest_of(email))


async def block_with_account(email: str, account_id: int) -> None:
    """Block the address of an account that is suspended, unless it is blocked already. Call it in a transaction."""
    await db.execute(
        "INSERT INTO canonical_email_blocks (id, digest, account_id, created_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (new_id(), digest_of(email), account_id, int(clock.timestamp() * 1000)),
    )


async def unblock_with_account(account_id: int) -> None:
    """Take back what was blocked with an account."""
    await CanonicalEmailBlock.filter(account_id=account_id).delete()


def digest_of(email: str) -> str:
    """SHA-256 of an address in its plainest spelling: lower case, no dots nor anything from `+` on before the `@`."""
    local, _, domain = email.strip().lower().partition("@")
    plain = local.replace(".", "").partition("+")[0]
    return hashlib.sha256(f"{plain}@{domain}".encode()).hexdigest()
