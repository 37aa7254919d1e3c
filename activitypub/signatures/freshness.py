"""How old a signature may be, and how dates are written on the wire."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from activitypub.signatures.errors import SignatureError

OLDEST: Final = timedelta(hours=1, minutes=5)
NEWEST: Final = timedelta(hours=1)
"""The window round our clock. Peers differ from five minutes to a day; an hour is what the larger half accepts."""

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF_FIXDATE: Final = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


def http_date(moment: datetime) -> str:
    """IMF-fixdate of an aware datetime (RFC 9110 §5.6.7)."""
    utc = moment.astimezone(UTC)
    return f"{_DAYS[utc.weekday()]}, {utc.day:02} {_MONTHS[utc.month - 1]} {utc.year:04} {utc:%H:%M:%S} GMT"


def parse_http_date(value: str) -> datetime:
    """The moment of an IMF-fixdate, the only form senders may use (RFC 9110 §5.6.7). Raises `SignatureError`."""
    match = _IMF_FIXDATE.fullmatch(value)
    if match is None or match[2] not in _MONTHS:
        raise SignatureError("the date is malformed")
    try:
        return datetime(
            int(match[3]),
            _MONTHS.index(match[2]) + 1,
            int(match[1]),
            int(match[4]),
            int(match[5]),
            int(match[6]),
            tzinfo=UTC,
        )
    except ValueError:
        raise SignatureError("the date is malformed") from None


def from_timestamp(seconds: float) -> datetime:
    """The moment of a Unix time in seconds. Raises `SignatureError` when no calendar holds it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        raise SignatureError("a timestamp is out of range") from None


def check_fresh(signed_at: datetime, now: datetime) -> None:
    """Raises `SignatureError` unless ``signed_at`` lies from 1 h 5 min before to 1 h after ``now``, both included."""
    if signed_at < now - OLDEST:
        raise SignatureError("the signature is too old")
    if signed_at > now + NEWEST:
        raise SignatureError("the signature is from the future")


def check_not_expired(expires: datetime, now: datetime) -> None:
    """Raises `SignatureError` when ``expires`` has passed."""
    if expires < now:
        raise SignatureError("the signature has expired")
