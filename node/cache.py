"""A bounded cache in memory: least recently used goes first, entries may grow old."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

from node import clock

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class BoundedCache(Generic[Key, Value]):
    """At most `max_items` entries, each at most `max_age` seconds old (`None`: any age)."""

    def __init__(self, max_items: int, max_age: float | None = None) -> None:
        self._entries: OrderedDict[Key, tuple[Value, float]] = OrderedDict()
        self._max_items = max_items
        self._max_age = max_age
        self.clearings = 0
        """How often everything was forgotten: what was read before the last time may be out of date."""

    def get(self, key: Key) -> Value | None:
        """The value under `key`, or `None` when there is none or it is too old."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, stored_at = entry
        if self._max_age is not None and clock.timestamp() - stored_at > self._max_age:
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Keep `value` under `key`; the entry unused for longest makes room."""
        self._entries[key] = (value, clock.timestamp())
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_items:
            self._entries.popitem(last=False)

    def drop(self, key: Key) -> None:
        """Forget `key`."""
        self._entries.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self.clearings += 1
        self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)
