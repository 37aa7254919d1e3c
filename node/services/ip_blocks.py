"""What IP addresses may not do here: come at all, open an account, or open one without an admin's consent."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from node import clock, db
from node.errors import Forbidden, Invalid, NotFound
from node.models.fields import to_milliseconds
from node.models.sign_up_blocks import IpBlock
from node.services.kept_rules import KeptRules
from node.text import clean

APPROVAL, SIGN_UP, ACCESS = "sign_up_requires_approval", "sign_up_block", "no_access"
SEVERITIES: Final = (APPROVAL, SIGN_UP, ACCESS)
CHANNEL: Final = "ip-blocks"
MAX_BLOCKS: Final = 20_000
MAX_COMMENT: Final = 2_000
LONGEST: Final = 100 * 365 * 86_400

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class _Kept(NamedTuple):
    network: Network
    severity: str
    expires_at: float | None


async def _load() -> Sequence[_Kept]:
    return [
        _Kept(ipaddress.ip_network(block.network), block.severity, block.expires_at and block.expires_at.timestamp())
        for block in await IpBlock.all().limit(MAX_BLOCKS)
    ]


_blocks: Final = KeptRules(CHANNEL, _load)


def may_refuse_somebody() -> bool:
    """Whether `may_refuse` has to be asked about anybody: without waiting, from what is known."""
    known = _blocks.known()
    return known is None or len(known) > 0


def may_refuse(address: str) -> bool:
    """Whether `refuses` has to be asked about an address: without waiting, from what is known."""
    known = _blocks.known()
    return known is None or _holds(known, address, ACCESS)


async def refuses(address: str) -> bool:
    """Whether nobody at this address is answered."""
    return _holds(await _blocks.all(), address, ACCESS)


async def check_sign_up(address: str) -> bool:
    """Whether an account opened from this address must wait for an admin. Raises `Forbidden` where none may be."""
    blocks = await _blocks.all()
    if _holds(blocks, address, SIGN_UP) or _holds(blocks, address, ACCESS):
        raise Forbidden()
    return _holds(blocks, address, APPROVAL)


def _holds(blocks: Sequence[_Kept], text: str, severity: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    now = clock.timestamp()
    return any(
        block.severity == severity and (block.expires_at is None or block.expires_at > now) and address in block.network
        for block in blocks
    )


async def one(block_id: int) -> IpBlock:
    """The block of that number. Raises `NotFound`."""
    block = await IpBlock.get_or_none(id=block_id)
    if block is None:
        raise NotFound()
    return block


async def add(ip: str, severity: str, *, comment: str = "", expires_in: int | None = None) -> IpBlock:
    """Block an address or network, for so many seconds or for ever. Raises `Invalid` (ip, severity, comment, expires_in)."""
    network = await _free(_network(ip))
    block = await IpBlock.create(
        network=network,
        severity=_severity(severity),
        comment=_comment(comment),
        expires_at=clock.now() + _lifetime(expires_in) if expires_in is not None else None,
    )
    _blocks.announce_change()
    return block


async def change(
    block: IpBlock,
    *,
    ip: str | None = None,
    severity: str | None = None,
    comment: str | None = None,
    expires_in: int | None = None,
) -> IpBlock:
    """Change a block; `None` leaves as it is. Raises `Invalid` (ip, severity, comment, expires_in)."""
    if ip is not None and _network(ip) != block.network:
        block.network = await _free(_network(ip))
    if severity is not None:
        block.severity = _severity(severity)
    if comment is not None:
        block.comment = _comment(comment)
    if expires_in is not None:
        block.expires_at = clock.now() + _lifetime(expires_in)
    await block.save()
    _blocks.announce_change()
    return block


async def remove(block: IpBlock) -> None:
    """Take a block back."""
    await block.delete()
    _blocks.announce_change()


async def forget_expired() -> int:
    """Delete blocks that have run out. Returns how many."""
    return await db.execute("DELETE FROM ip_blocks WHERE expires_at < ?", (to_milliseconds(clock.now()),))


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid("ip", "can't be blank", code="ERR_BLANK") from None


async def _free(network: str) -> str:
    if await IpBlock.exists(network=network):
        raise Invalid("ip", "has already been taken", code="ERR_TAKEN")
    return network


def _severity(word: str) -> str:
    if not word:
        raise Invalid("severity", "can't be blank", code="ERR_BLANK")
    if word not in SEVERITIES:
        raise Invalid("severity", "is not included in the list", code="ERR_INCLUSION")
    return word


def _comment(text: str) -> str:
    said = clean(text)
    if len(said) > MAX_COMMENT:
        raise Invalid("comment", f"is too long (maximum is {MAX_COMMENT} characters)", code="ERR_TOO_LONG")
    return said


def _lifetime(seconds: int) -> timedelta:
    if not 0 < seconds <= LONGEST:
        raise Invalid("expires_in", "is not included in the list", code="ERR_INCLUSION")
    return timedelta(seconds=seconds)
