"""How much may be fetched for one purpose: in all, from each host, and for how long.

A budget is what stands between a stranger's documents and our time: every one of them can name more to fetch.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

from activitypub.parse import origin_host
from activitypub.signatures import SigningKey
from federation.resolve_errors import TryLater, Unresolvable
from node import clock
from node.cache import BoundedCache

MAX_FETCHES = 40
MAX_SECONDS = 60.0
SECONDS_PER_HOST = 10.0
FAILURES_BEFORE_REST = 3
FIRST_REST = 60.0
LONGEST_REST = 3600.0
HOSTS_REMEMBERED = 10_000


class TooMuch(Unresolvable):
    """The budget is used up; what is wanted may still be there."""


class Budget:
    """At most so many requests, begun within so many seconds, and no more of either for any one host.

    A host may use up `SECONDS_PER_HOST` of waiting; a request that has begun ends by the client's own limits.
    """

    def __init__(
        self, fetches: int = MAX_FETCHES, seconds: float = MAX_SECONDS, *, fetches_per_host: int | None = None
    ) -> None:
        self._left = fetches
        self._until = clock.timestamp() + seconds
        self._per_host = fetches if fetches_per_host is None else fetches_per_host
        self._asked: dict[str, int] = defaultdict(int)
        self._waited: dict[str, float] = defaultdict(float)
        self.keys: dict[str, SigningKey] = {}
        """By host: whose key signs there instead of the instance actor's (`signed_gets.ask_as_addressee`)."""

    def spend(self, url: str) -> None:
        """Count one request. Raises `TooMuch` when there have been too many."""
        host = origin_host(url)
        if self._left <= 0 or clock.timestamp() > self._until:
            raise TooMuch(url, "too much would have to be fetched for it")
        if self._asked[host] >= self._per_host or self._waited[host] > SECONDS_PER_HOST:
            raise TooMuch(url, "too much would have to be fetched from one host")
        self._left -= 1
        self._asked[host] += 1

    def answered(self, url: str, began: float) -> None:
        """Note that the request begun at `began` (`time.monotonic`) got an answer, of whatever kind."""
        self._waited[origin_host(url)] += time.monotonic() - began

    def failed(self, url: str, began: float, retry_after: float | None) -> None:
        """Note that it got none, or was asked to wait."""
        self._waited[origin_host(url)] += time.monotonic() - began


@dataclass(slots=True)
class _Rest:
    failures: int = 0
    until: float = 0.0


_resting: BoundedCache[str, _Rest] = BoundedCache(HOSTS_REMEMBERED)


class Background(Budget):
    """The budget of work that nobody waits for: hosts that do not answer, or ask to be left alone, are left alone.

    After three failures in a row a host rests for a minute, after each further one for twice as long.
    """

    def spend(self, url: str) -> None:
        """Count one request. Raises `TooMuch`, and `TryLater` while the host rests."""
        rest = _resting.get(origin_host(url))
        if rest is not None and (seconds := rest.until - clock.timestamp()) > 0:
            raise TryLater(url, "its host is left alone for a while", seconds)
        super().spend(url)

    def answered(self, url: str, began: float) -> None:
        """The host is well."""
        super().answered(url, began)
        _resting.drop(origin_host(url))

    def failed(self, url: str, began: float, retry_after: float | None) -> None:
        """The host is not."""
        super().failed(url, began, retry_after)
        host = origin_host(url)
        rest = _resting.get(host) or _Rest()
        rest.failures += 1
        seconds = retry_after or 0.0
        if rest.failures >= FAILURES_BEFORE_REST:
            seconds = max(seconds, FIRST_REST * 2.0 ** min(rest.failures - FAILURES_BEFORE_REST, 10))
        rest.until = clock.timestamp() + min(seconds, LONGEST_REST)
        _resting.put(host, rest)


def forget_everything() -> None:
    """Empty the memory of this process."""
    _resting.clear()
