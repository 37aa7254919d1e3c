"""Nothing that was acknowledged is lost or doubled when a process dies at any moment."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from node.text import plain_text
from tests.e2e.nodes import NodeProcess, running_node, until
from tests.e2e.person import Member, newcomer
from tests.federation.peer import Person as Stranger
from tests.federation.peer import running_peer, signed_post_headers

SEED = 20261122
CLIENTS = 8
ROUNDS = 3
PATIENCE = 100.0
"""Longer than the first two pauses before a failed delivery is tried again."""
ACTIVITIES = 240


class Posting:
    """Clients that post without pause, and ask again under the same key when they heard no answer."""

    def __init__(self, author: Member) -> None:
        self.acknowledged: list[str] = []
        self.failures: list[str] = []
        self._author = author
        self._numbers = itertools.count(1)
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]

    def __enter__(self) -> Posting:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many further posts are acknowledged."""
        wanted = len(self.acknowledged) + more
        until(f"{more} more posts are acknowledged", lambda: len(self.acknowledged) >= wanted or bool(self.failures))
        assert self.failures == []

    def _run(self) -> None:
        headers = {"Authorization": self._author._client.headers["Authorization"]}
        with httpx.Client(base_url=self._author.node.url, timeout=20, headers=headers) as client:
            while not self._stopping.is_set():
                self._publish(client, f"Frame {next(self._numbers)}")

    def _publish(self, client: httpx.Client, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = client.post("/api/v1/statuses", data={"status": text}, headers={"Idempotency-Key": text})
            except httpx.TransportError:
                time.sleep(0.02)  # The node is dead: a client tries again a little later.
                continue
            if answer.status_code == 200:
                self.acknowledged.append(text)
            else:
                self.failures.append(f"{text}: {answer.status_code} {answer.text}")
            return
        self.failures.append(f"{text}: no answer in {PATIENCE:.0f} seconds")


def texts_by(reader: Member, account_id: str) -> Counter[str]:
    """How often each text stands among the posts of an account, as a reader on some node sees them."""
    found: Counter[str] = Counter()
    page: list[Any] = reader.get(f"/api/v1/accounts/{account_id}/statuses", limit=40)
    while page:
        found.update(plain_text(status["content"]).strip() for status in page)
        page = reader.get(f"/api/v1/accounts/{account_id}/statuses", limit=40, max_id=page[-1]["id"])
    return found


def once(texts: list[str]) -> Counter[str]:
    """Each text one time."""
    return Counter(dict.fromkeys(texts, 1))


@contextmanager
def author_and_follower(folder: Path, database: str) -> Iterator[tuple[NodeProcess, NodeProcess, Member, Member]]:
    """Two nodes, an author on the first, who is followed from the second."""
    with ExitStack() as stack:
        one = stack.enter_context(running_node(folder / "one", database))
        other = stack.enter_context(running_node(folder / "other", database))
        anna, ben = newcomer(one, "anna"), newcomer(other, "ben")
        stack.callback(anna.close)
        stack.callback(ben.close)
        ben.follow(anna)
        until("ben follows anna", lambda: ben.stands_with(anna)["following"])
        yield one, other, anna, ben


@pytest.mark.timeout(300)
def test_every_acknowledged_post_is_on_both_nodes_once_however_often_they_are_killed(
    tmp_path: Path, database_kind: str
) -> None:
    chance = random.Random(SEED)
    with author_and_follower(tmp_path, database_kind) as (one, other, anna, ben):
        anna_there = ben.knows(anna)["id"]
        with Posting(anna) as posting:
            for number in range(ROUNDS):
                posting.wait_for(chance.randrange(5, 40))
                victim = other if number == 1 else one
                victim.kill()
                victim.start()
            posting.wait_for(10)
        assert posting.failures == []
        expected = once(posting.acknowledged)
        assert len(expected) == len(posting.acknowledged) > CLIENTS * ROUNDS
        assert texts_by(anna, anna.id) == expected

        # What did not arrive waits for its next try: an admin who knows that the second node is back need not.
        ben.publish(f"@{anna.handle} I was away")
        one.command("delivery", "retry", other.domain)
        until("all posts arrive", lambda: ben.account(anna_there)["statuses_count"] >= len(expected), PATIENCE)
        assert texts_by(ben, anna_there) == expected
        assert ben.account(anna_there)["statuses_count"] == anna.me()["statuses_count"] == len(expected)


def test_every_activity_a_node_said_yes_to_survives_its_death(tmp_path: Path, database_kind: str) -> None:
    with running_node(tmp_path / "node", database_kind) as node:
        ben = newcomer(node, "ben")
        accepted = asyncio.run(_deliver_until_it_dies(node, ben.me()["uri"]))
        assert len(accepted) >= ACTIVITIES // 4
        node.start()
        found = until("all that was accepted is there", lambda: _all_in(accepted, _mentions(ben)), PATIENCE)
        assert max(found.values()) == 1
        ben.close()


async def _deliver_until_it_dies(node: NodeProcess, recipient: str) -> list[str]:
    """Strangers send Creates side by side; the node is killed in the midst. The texts that were answered with 202."""
    accepted: list[str] = []
    chance = random.Random(SEED)
    fatal = chance.randrange(ACTIVITIES // 4, ACTIVITIES // 2)

    async def send(client: httpx.AsyncClient, stranger: Stranger, number: int) -> None:
        text = f"Message {number} by {stranger.name}"
        note = stranger.note(
            f"<p>{text}</p>", to=[recipient], cc=[], tag=[{"type": "Mention", "href": recipient, "name": "@ben"}]
        )
        url = f"{node.url}/inbox"
        body, headers = signed_post_headers(stranger, url, stranger.create(note))
        answer = await client.post(url, content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        accepted.append(text)
        if len(accepted) == fatal:
            node.kill()

    async def be(stranger: Stranger) -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            for number in range(ACTIVITIES // CLIENTS):
                try:
                    await send(client, stranger, number)
                except httpx.TransportError:
                    return

    async with running_peer("localhost") as peer:
        strangers = [peer.person(key=number % 4) for number in range(CLIENTS)]
        await asyncio.gather(*(be(stranger) for stranger in strangers))
    return accepted


def _mentions(person: Member) -> Counter[str]:
    found: Counter[str] = Counter()
    wanted: dict[str, Any] = {"limit": 40, "types[]": "mention", "include_filtered": True}
    page: list[Any] = person.get("/api/v1/notifications", **wanted)
    while page:
        found.update(plain_text(item["status"]["content"]).strip() for item in page)
        page = person.get("/api/v1/notifications", max_id=page[-1]["id"], **wanted)
    return found


def _all_in(texts: list[str], found: Counter[str]) -> Counter[str] | None:
    return found if found.keys() >= set(texts) else None
