"""Streams of real server processes, over real connections."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from node.serve import FINISH_SECONDS
from tests.conftest import REDIS
from tests.databases import DATABASES, POSTGRES
from tests.e2e.nodes import FOR_TESTS, NodeProcess, new_database, running_node
from tests.e2e.person import Member, newcomer

PATIENCE = 60.0
QUICK_SECONDS = FINISH_SECONDS - 1.0


def run(work: Coroutine[Any, Any, None]) -> None:
    """A client's doings, to their end."""
    asyncio.run(asyncio.wait_for(work, 3 * PATIENCE))


async def next_event(answer: aiohttp.ClientResponse) -> tuple[str, str]:
    """The next event of an event stream: its name and its data."""
    lines: list[str] = []
    while True:
        line = (await asyncio.wait_for(answer.content.readline(), PATIENCE)).decode()
        assert line, "the stream ended"
        if line.startswith(":"):
            continue
        if line == "\n":
            return lines[0].removeprefix("event: ").strip(), lines[1].removeprefix("data: ").strip()
        lines.append(line)


@pytest.mark.parametrize("database", DATABASES)
def test_what_happens_comes_at_once_over_both_kinds_of_connection(tmp_path: Path, database: str) -> None:
    with running_node(tmp_path / "node", database) as node:
        alice, bob = newcomer(node, "alice"), newcomer(node, "bob")
        bob.follow(alice)
        run(_listens(alice, bob))


async def _listens(alice: Member, bob: Member) -> None:
    url, token = alice.node.url, bob.token
    socket_url = bob.get("/api/v2/instance")["configuration"]["urls"]["streaming"]
    assert socket_url == url.replace("http", "ws", 1)
    async with aiohttp.ClientSession() as session:
        events = await session.get(f"{url}/api/v1/streaming/user", headers={"Authorization": f"Bearer {token}"})
        assert await events.content.readline() == b":)\n"
        socket = await session.ws_connect(f"{socket_url}/api/v1/streaming", protocols=[token])
        assert socket.protocol == token
        await socket.send_json({"type": "subscribe", "stream": "hashtag"})
        assert await socket.receive_json(timeout=PATIENCE) == {"error": "Missing tag name parameter", "status": 400}
        await socket.send_json({"type": "subscribe", "stream": "hashtag", "tag": "Heron"})
        await socket.send_json({"type": "subscribe", "stream": "hashtag"})
        await socket.receive_json(timeout=PATIENCE)
        posted = await asyncio.to_thread(alice.publish, "A #heron")
        event, data = await next_event(events)
        assert (event, json.loads(data)["id"]) == ("update", posted["id"])
        frame = await socket.receive_json(timeout=PATIENCE)
        assert (frame["stream"], frame["event"]) == (["hashtag", "Heron"], "update")
        assert json.loads(frame["payload"])["id"] == posted["id"]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{socket_url}/api/v1/streaming?access_token=wrong")
        assert refused.value.status == 401
        await asyncio.to_thread(bob.node.command, "user", "disable", bob.username)
        assert (await socket.receive(timeout=PATIENCE)).type == aiohttp.WSMsgType.CLOSE
        assert await asyncio.wait_for(events.content.read(), PATIENCE) == b""
        open_still = await session.get(f"{url}/api/v1/streaming/public?access_token={alice.token}")
        assert await open_still.content.readline() == b":)\n"
        began = time.monotonic()
        assert await asyncio.to_thread(alice.node.stop) == 0
        assert time.monotonic() - began < QUICK_SECONDS
        assert await asyncio.wait_for(open_still.content.read(), PATIENCE) == b""


@pytest.mark.skipif(not (REDIS and POSTGRES), reason="needs PostgreSQL and Redis")
def test_a_stream_of_one_process_tells_what_happened_in_another(tmp_path: Path) -> None:
    with new_database("postgres") as where:
        settings = {**FOR_TESTS, **where, "REDIS_URL": REDIS}
        nodes = [NodeProcess(tmp_path / "node", settings), NodeProcess(tmp_path / "node", settings, role="web")]
        try:
            one, other = (node.start() for node in nodes)
            alice, bob = newcomer(one, "alice"), newcomer(one, "bob")
            bob.follow(alice)
            run(_hears_from_the_other(alice, other.url, bob.token))
        finally:
            for node in nodes:
                node.kill()


async def _hears_from_the_other(alice: Member, url: str, token: str) -> None:
    async with aiohttp.ClientSession() as session:
        events = await session.get(f"{url}/api/v1/streaming/user?access_token={token}")
        assert await events.content.readline() == b":)\n"
        posted = await asyncio.to_thread(alice.publish, "Across")
        event, data = await next_event(events)
        assert (event, json.loads(data)["id"]) == ("update", posted["id"])
