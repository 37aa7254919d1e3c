"""How often somebody may do something: fixed windows, counted in this process or, for several, in Redis."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol, cast

import structlog

from node.cache import BoundedCache

log = structlog.get_logger()

MAX_COUNTERS = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` times in `seconds`. `name` keeps the counters of different limits apart."""

    name: str
    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands with a limit: `reset_at` is when the window ends, in seconds since the epoch."""

    limit: Limit
    used: int
    reset_at: float

    @property
    def exceeded(self) -> bool:
        """Whether this time was once too often."""
        return self.used > self.limit.count

    @property
    def remaining(self) -> int:
        """How many times are left in this window."""
        return max(self.limit.count - self.used, 0)


class RateLimiter(Protocol):
    """What both counters can do."""

    async def hit(self, limit: Limit, who: str) -> Standing:
        """Count one use by `who` and say how things stand."""

    async def close(self) -> None:
        """Disconnect."""


def _window(limit: Limit) -> tuple[int, float]:
    number = int(time.time()) // limit.seconds
    return number, float((number + 1) * limit.seconds)


class MemoryRateLimiter:
    """For a node that is one process."""

    def __init__(self) -> None:
        self._counters: BoundedCache[tuple[str, str], list[int]] = BoundedCache(MAX_COUNTERS)

    async def hit(self, limit: Limit, who: str) -> Standing:
        number, reset_at = _window(limit)
        counter = self._counters.get((limit.name, who))
        if counter is None or counter[0] != number:
            counter = [number, 0]
            self._counters.put((limit.name, who), counter)
        counter[1] += 1
        return Standing(limit, counter[1], reset_at)

    async def close(self) -> None:
        self._counters.clear()


class RedisRateLimiter:
    """For several processes. While Redis is away each process counts for itself."""

    def __init__(self, url: str) -> None:
        from redis.asyncio import Redis

        self._redis: Redis = Redis.from_url(url)
        self._fallback = MemoryRateLimiter()

    async def hit(self, limit: Limit, who: str) -> Standing:
        from redis.exceptions import RedisError

        number, reset_at = _window(limit)
        key = f"heliograph:limit:{limit.name}:{who}:{number}"
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incr(key)
                pipe.expire(key, limit.seconds + 1)
                used, _ = await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("rate_limits_unshared", error=str(error))
            return await self._fallback.hit(limit, who)
        return Standing(limit, cast(int, used), reset_at)

    async def close(self) -> None:
        await self._redis.aclose()


def make_rate_limiter(redis_url: str | None) -> RateLimiter:
    """The counter the settings ask for."""
    return RedisRateLimiter(redis_url) if redis_url else MemoryRateLimiter()
