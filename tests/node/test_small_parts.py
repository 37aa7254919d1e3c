"""Ids, caches, rate limits and the bus."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from node import clock, models
from node.bus import MemoryBus, RedisBus, make_bus
from node.cache import BoundedCache
from node.ids import first_id_at, id_at, moment_of, new_id
from node.rate_limits import Limit, MemoryRateLimiter, RateLimiter, RedisRateLimiter, make_rate_limiter
from tests.conftest import REDIS, HeldClock, needs_redis

KINDS = ["memory", pytest.param("redis", marks=needs_redis)]


def test_ids_of_one_process_strictly_increase_even_within_a_millisecond(held_clock: HeldClock) -> None:
    drawn = [new_id() for _ in range(100_000)]
    assert drawn == sorted(set(drawn))
    held_clock.advance(-60)
    assert new_id() > drawn[-1]


def test_an_id_tells_its_moment_and_sorts_by_it() -> None:
    moment = clock.now().replace(microsecond=123_000) - timedelta(days=400)
    assert moment_of(id_at(moment)) == moment
    assert first_id_at(moment) <= id_at(moment) < first_id_at(moment + timedelta(milliseconds=1))
    assert id_at(clock.now() + timedelta(days=9)) < first_id_at(clock.now() + timedelta(seconds=1))
    assert id_at(clock.now().replace(year=1960)) >= 0
    assert id_at(clock.now()) < 2**63


def test_a_cache_keeps_what_was_used_last_and_forgets_what_is_old(held_clock: HeldClock) -> None:
    cache: BoundedCache[str, int] = BoundedCache(2, max_age=10)
    for number, key in enumerate("ab"):
        cache.put(key, number)
    assert cache.get("a") == 0
    cache.put("c", 2)
    assert (cache.get("a"), cache.get("b"), len(cache)) == (0, None, 2)
    held_clock.advance(11)
    assert cache.get("a") is None
    cache.drop("c")
    cache.drop("never there")
    cache.clear()
    assert len(cache) == 0


def _limiter(kind: str) -> RateLimiter:
    return make_rate_limiter(REDIS if kind == "redis" else None)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_too_often_is_counted_for_each_alone(kind: str) -> None:
    limiter = _limiter(kind)
    limit = Limit(f"test-{new_id()}", 2, 3600)
    standings = [await limiter.hit(limit, "alice") for _ in range(3)]
    assert [(standing.used, standing.remaining, standing.exceeded) for standing in standings] == [
        (1, 1, False), (2, 0, False), (3, 0, True)
    ]  # fmt: skip
    assert not (await limiter.hit(limit, "bob")).exceeded
    assert not (await limiter.hit(Limit(f"{limit.name}-other", 2, 3600), "alice")).exceeded
    await limiter.close()


async def test_without_redis_each_process_counts_for_itself() -> None:
    limiter = RedisRateLimiter("redis://127.0.0.1:1")
    limit = Limit("test", 1, 3600)
    assert [(await limiter.hit(limit, "alice")).exceeded for _ in range(2)] == [False, True]
    await limiter.close()


@needs_redis
async def test_several_processes_count_together() -> None:
    limit = Limit(f"test-{new_id()}", 1, 3600)
    limiters = [_limiter("redis"), _limiter("redis")]
    assert [(await limiter.hit(limit, "alice")).exceeded for limiter in limiters] == [False, True]
    for limiter in limiters:
        await limiter.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_subscribers_hear_their_channel_until_they_stop(kind: str) -> None:
    bus = make_bus(REDIS if kind == "redis" else None)
    assert isinstance(bus, RedisBus if kind == "redis" else MemoryBus)
    await bus.open()
    channel, heard, last = f"test-{new_id()}", [], asyncio.Event()

    def hear(message: dict[str, Any]) -> None:
        heard.append(message["n"])
        if message["n"] == 2:
            last.set()

    def broken(message: dict[str, Any]) -> None:
        raise RuntimeError("a bad subscriber")

    bus.subscribe(channel, broken)
    stop = bus.subscribe(channel, hear)
    bus.publish(f"{channel}-other", {"n": 0})
    bus.publish(channel, {"n": 1})
    bus.publish(channel, {"n": 2})
    await asyncio.wait_for(last.wait(), 5)
    stop()
    stop()
    after = asyncio.Event()
    bus.subscribe(channel, lambda _: after.set())
    bus.publish(channel, {"n": 3})
    await asyncio.wait_for(after.wait(), 5)
    assert heard == [1, 2]
    await bus.close()


@needs_redis
async def test_processes_hear_each_other_over_redis() -> None:
    one, other = RedisBus(REDIS), RedisBus(REDIS)
    await one.open()
    await other.open()
    arrived = asyncio.Event()
    channel = f"test-{new_id()}"
    other.subscribe(channel, lambda message: arrived.set() if message == {"deep": [1, {"ü": None}]} else None)
    one.publish(channel, {"deep": [1, {"ü": None}]})
    await asyncio.wait_for(arrived.wait(), 5)
    await one.close()
    await other.close()


@needs_redis
async def test_a_process_hears_itself_at_once_and_once() -> None:
    one, other = RedisBus(REDIS), RedisBus(REDIS)
    await one.open()
    await other.open()
    channel, heard, arrived = f"test-{new_id()}", list[int](), asyncio.Event()
    one.subscribe(channel, lambda message: heard.append(message["n"]))
    other.subscribe(channel, lambda _: other.publish(f"{channel}-answer", {}))
    one.subscribe(f"{channel}-answer", lambda _: arrived.set())
    one.publish(channel, {"n": 1})
    assert heard == [1]
    await asyncio.wait_for(arrived.wait(), 5)
    assert heard == [1]
    await one.close()
    await other.close()


async def test_a_bus_without_redis_tells_its_own_process_and_does_not_wait() -> None:
    bus = RedisBus("redis://127.0.0.1:1")
    await asyncio.wait_for(bus.open(), 5)
    heard: list[dict[str, Any]] = []
    bus.subscribe("x", heard.append)
    bus.publish("x", {"n": 1})
    assert heard == [{"n": 1}]
    await asyncio.wait_for(bus.close(), 5)


async def test_memory_limits_forget_when_closed() -> None:
    limiter = MemoryRateLimiter()
    limit = Limit("test", 1, 3600)
    await limiter.hit(limit, "alice")
    await limiter.close()
    assert not (await limiter.hit(limit, "alice")).exceeded


def test_no_model_comments_its_columns_as_tortoise_would_read_them() -> None:
    """`node/models/__init__.py` keeps Tortoise from looking for such comments."""
    for path in Path(models.__file__).parent.glob("*.py"):
        assert not re.search(r"(?m)^\s*#:", path.read_text()), path
