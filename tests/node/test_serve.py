"""What starting and stopping stand on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from node import db, serve
from node.settings import Settings, load_settings


async def test_what_must_be_done_alone_is_done_by_one_at_a_time(settings: Settings) -> None:
    inside: list[str] = []
    first_is_in, first_may_go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.alone(settings):
            first_is_in.set()
            await first_may_go.wait()
            inside.append("first")

    async def second() -> None:
        await first_is_in.wait()
        async with db.alone(settings):
            inside.append("second")

    both = asyncio.gather(first(), second())
    await first_is_in.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            async with db.alone(settings):
                inside.append("an intruder")
    first_may_go.set()
    await both
    assert inside == ["first", "second"]


async def test_processes_that_start_together_migrate_once(settings: Settings) -> None:
    await asyncio.gather(*(db.migrate(settings) for _ in range(3)))
    await db.open_database(settings)
    try:
        assert await db.pending_migrations() == []
        rows = await db.fetch_all("SELECT name, COUNT(*) FROM tortoise_migrations GROUP BY name")
        assert all(row[1] == 1 for row in rows)
    finally:
        await db.close_database()


async def test_a_database_that_was_never_migrated_misses_every_migration(tmp_path: Any) -> None:
    await db.open_database(load_settings(data_dir=tmp_path))
    try:
        assert (await db.pending_migrations())[0] == "0001_initial"
    finally:
        await db.close_database()


async def test_a_stream_that_never_ends_is_broken_off_when_the_node_stops() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    requests = serve._Requests(stream)
    request = asyncio.create_task(requests({"type": "http", "method": "GET"}, None, None))
    await begun.wait()
    requests.end()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert ended.is_set()


async def test_an_answer_waits_until_the_request_has_come() -> None:
    sent: list[Any] = []
    rest = asyncio.Event()
    answered = asyncio.Event()

    async def receive() -> Any:
        await rest.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        reading = asyncio.create_task(receive())
        answered.set()
        await send({"type": "http.response.start"})
        await reading

    request = asyncio.create_task(serve._Requests(refuse)({"type": "http", "method": "POST"}, receive, send))
    await answered.wait()
    await asyncio.sleep(0)
    assert sent == []
    rest.set()
    await request
    assert sent == ["http.response.start"]


def test_port_zero_becomes_a_free_port_and_a_taken_one_is_refused() -> None:
    listening = serve._bind("127.0.0.1", 0)
    try:
        port = listening.getsockname()[1]
        assert port > 0
        listening.listen()
        with pytest.raises(serve.CannotStart, match=f"port {port}"):
            serve._bind("127.0.0.1", port)
    finally:
        listening.close()


def test_an_ipv6_address_can_be_listened_on() -> None:
    try:
        listening = serve._bind("::1", 0)
    except serve.CannotStart as refusal:
        pytest.skip(f"no IPv6 here: {refusal}")
    assert listening.getsockname()[0] == "::1"
    listening.close()
