"""How entities become bytes, and how moments are written in them."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

encode = msgspec.json.Encoder().encode


def iso(milliseconds: int) -> str:
    """`2026-11-22T11:37:04.123Z`, from milliseconds since the epoch."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:03d}Z"


def midnight(milliseconds: int) -> str:
    """The day of a moment, as the moment it began: accounts do not tell the hour they were made."""
    return f"{day(milliseconds)}T00:00:00.000Z"


def day(milliseconds: int) -> str:
    """`2026-11-22`."""
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC):%Y-%m-%d}"
