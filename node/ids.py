"""Time-ordered 64-bit identifiers: 48 bits of milliseconds, 16 bits of sequence.

They sort by creation, reveal nothing about how many there are, fit a signed BIGINT until the year 6429 and are
what clients page by. Two processes that draw an id in the same millisecond start at random sequences, and the
primary key has the last word.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from node import clock

_SEQUENCE_BITS = 16
_SEQUENCE_MASK = (1 << _SEQUENCE_BITS) - 1

_last_millisecond = 0
_sequence = 0


def new_id() -> int:
    """A fresh id for something that comes into being now; ids of one process strictly increase."""
    global _last_millisecond, _sequence
    millisecond = int(clock.timestamp() * 1000)
    if millisecond > _last_millisecond:
        _last_millisecond = millisecond
        _sequence = secrets.randbelow(1 << (_SEQUENCE_BITS - 2))
    else:
        _sequence += 1
        if _sequence > _SEQUENCE_MASK:
            _last_millisecond += 1
            _sequence = 0
    return (_last_millisecond << _SEQUENCE_BITS) | _sequence


def start_anew() -> None:
    """Forget which id was drawn last: for whoever has turned the clock back."""
    global _last_millisecond
    _last_millisecond = 0


def id_at(moment: datetime) -> int:
    """An id as if drawn at `moment` (aware): remote posts sort by when they were published, not by arrival.

    A moment in the future counts as now, one before 1970 as 1970.
    """
    millisecond = int(min(max(moment.timestamp(), 0), clock.timestamp()) * 1000)
    return (millisecond << _SEQUENCE_BITS) | secrets.randbelow(1 << _SEQUENCE_BITS)


def id_after(identifier: int) -> int:
    """An id as if drawn in the millisecond after `identifier` was: for what must sort behind it."""
    millisecond = (identifier >> _SEQUENCE_BITS) + 1
    return (millisecond << _SEQUENCE_BITS) | secrets.randbelow(1 << _SEQUENCE_BITS)


def first_id_at(moment: datetime) -> int:
    """The smallest id that `moment` can have: the bound for 'since this time' queries."""
    return int(max(moment.timestamp(), 0) * 1000) << _SEQUENCE_BITS


def moment_of(identifier: int) -> datetime:
    """When the id was drawn, to the millisecond, aware in UTC."""
    return datetime.fromtimestamp((identifier >> _SEQUENCE_BITS) / 1000, UTC)
