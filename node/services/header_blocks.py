"""Requests that are refused for what stands in their headers: programs that are not wanted here, mostly by `User-Agent`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from node.errors import Invalid, NotFound
from node.models.received_rules import EVERYWHERE, PLACES, HeaderBlock
from node.services import audit
from node.services.kept_rules import KeptRules
from node.text import clean_line

CHANNEL: Final = "header-blocks"
MAX_BLOCKS: Final = 200
MAX_PATTERN: Final = 200
SHORTEST: Final = 3
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_NEVER: Final = frozenset(("authorization", "cookie", "host", "content-length", "content-type"))


Headers = Iterable[tuple[bytes, bytes]]
Blocks = Sequence[tuple[bytes, bytes, str]]


async def _load() -> Blocks:
    return [
        (block.header.encode(), block.pattern.lower().encode(), block.place)
        for block in await HeaderBlock.all().limit(MAX_BLOCKS)
    ]


_blocks: Final = KeptRules(CHANNEL, _load)


def may_refuse(place: str, headers: Headers) -> bool:
    """Whether `refuses` has to be asked about a request: without waiting, from what is known."""
    known = _blocks.known()
    return known is None or _hit(known, place, headers)


async def refuses(place: str, headers: Headers) -> bool:
    """Whether a request with these headers (names in lower case) is not answered at the `inbox` or the `api`."""
    return _hit(await _blocks.all(), place, headers)


def _hit(blocks: Blocks, place: str, headers: Headers) -> bool:
    here = [block for block in blocks if block[2] in (place, EVERYWHERE)]
    if not here:
        return False
    sent = [(name, value.lower()) for name, value in headers]
    return any(name == header and pattern in value for header, pattern, _ in here for name, value in sent)


async def add(moderator_id: int, header: str, pattern: str, place: str, *, comment: str = "") -> HeaderBlock:
    """Refuse requests whose header contains these characters, in whichever case. Raises `Invalid` (header, pattern, place)."""
    name, text = header.strip().lower(), clean_line(pattern).lower()
    if not _NAME.fullmatch(name) or name in _NEVER:
        raise Invalid("header", "is invalid")
    if not SHORTEST <= len(text) <= MAX_PATTERN:
        raise Invalid("pattern", f"must have between {SHORTEST} and {MAX_PATTERN} characters")
    if place not in PLACES:
        raise Invalid("place", "is not included in the list", code="ERR_INCLUSION")
    if await HeaderBlock.exists(header=name, pattern=text, place=place):
        raise Invalid("pattern", "has already been taken", code="ERR_TAKEN")
    if await HeaderBlock.all().count() >= MAX_BLOCKS:
        raise Invalid("pattern", f"can't be more than {MAX_BLOCKS}", code="ERR_TOO_MANY")
    async with audit.decision(moderator_id, "create") as made:
        block = await HeaderBlock.create(header=name, pattern=text, place=place, comment=clean_line(comment)[:500])
        made.about("HeaderBlock", block.id, f"{name}: {text}")
        _blocks.announce_change()
    return block


async def remove(moderator_id: int, block_id: int) -> None:
    """Take a block back. Raises `NotFound`."""
    block = await HeaderBlock.get_or_none(id=block_id)
    if block is None:
        raise NotFound()
    async with audit.decision(moderator_id, "destroy", "HeaderBlock", block.id, f"{block.header}: {block.pattern}"):
        await block.delete()
        _blocks.announce_change()
