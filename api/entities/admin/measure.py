"""Mastodon's Admin::Measure, Admin::Dimension and Admin::Cohort: how the node is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from node.queries.measures import Period

_EPOCH = date(1970, 1, 1)
_UNITS = ("Bytes", "KB", "MB", "GB", "TB", "PB")


class DayValue(msgspec.Struct, frozen=True):
    """What there was on a day."""

    date: str
    value: str


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Something counted day by day. `human_value` is there for sizes, `previous_total` for what has a period before."""

    key: str
    unit: str | None
    total: str
    human_value: str | msgspec.UnsetType = msgspec.UNSET
    previous_total: str | msgspec.UnsetType = msgspec.UNSET
    data: list[DayValue]


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a whole. `unit` and `human_value` are there for sizes and versions."""

    key: str
    human_key: str
    value: str
    unit: str | msgspec.UnsetType = msgspec.UNSET
    human_value: str | msgspec.UnsetType = msgspec.UNSET


class Dimension(msgspec.Struct, frozen=True):
    """Of what something is made up, the largest parts first."""

    key: str
    data: list[Share]


class CohortValue(msgspec.Struct, frozen=True):
    """How many of those who joined together were here at `date` or later."""

    date: str
    rate: float
    value: str


class Cohort(msgspec.Struct, frozen=True):
    """Those who joined in a day or month, and how many of them stayed."""

    period: str
    frequency: str
    data: list[CohortValue]


def moment(day: int) -> str:
    """When a day (its number since 1970) began, as Mastodon writes it here."""
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%dT00:00:00.000+00:00")


def values_of(period: Period, found: Mapping[int, int]) -> list[DayValue]:
    """Every day of a period with its value."""
    return [DayValue(moment(day), str(found.get(day, 0))) for day in range(period.first, period.last + 1)]


def human_size(number: int) -> str:
    """`1.5 MB`: three digits at most."""
    size, unit = float(number), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    if unit == 0:
        return f"{number} Byte" if number == 1 else f"{number} Bytes"
    return f"{size:.3g} {_UNITS[unit]}" if size < 1000 else f"{size:.0f} {_UNITS[unit]}"


def cohorts(period: Period, frequency: str, found: Sequence[tuple[int, int, int]]) -> list[Cohort]:
    """By the day or month they joined, how many were here in that one and each later one of the period."""
    starts = _starts(period, frequency)
    shown = []
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else period.last + 1
        joined = [(last, people) for first, last, people in found if start <= first < end]
        everybody = sum(people for _, people in joined)
        data = []
        for later in starts[number:]:
            stayed = sum(people for last, people in joined if last >= later)
            data.append(CohortValue(moment(later), stayed / max(everybody, 1), str(stayed)))
        shown.append(Cohort(moment(start), frequency, data))
    return shown


def _starts(period: Period, frequency: str) -> list[int]:
    """The days on which the days or months of a period begin."""
    if frequency == "day":
        return list(range(period.first, period.last + 1))
    day = (_EPOCH + timedelta(days=period.first)).replace(day=1)
    starts = []
    while (day - _EPOCH).days <= period.last:
        starts.append((day - _EPOCH).days)
        day = (day + timedelta(days=32)).replace(day=1)
    return starts
