"""The one place time comes from, so that tests can hold it still."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

_now: Callable[[], float] = time.time


def timestamp() -> float:
    """Seconds since the Unix epoch."""
    return _now()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.fromtimestamp(_now(), UTC)


def set_clock(source: Callable[[], float] | None) -> None:
    """Replace the source of time (tests); `None` restores the real clock."""
    global _now
    _now = source or time.time
