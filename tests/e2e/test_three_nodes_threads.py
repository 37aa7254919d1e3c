"""A thread between two nodes, looked at from a third that nobody has told of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from node.text import plain_text
from tests.databases import DATABASES
from tests.e2e.nodes import running_node, until
from tests.e2e.person import Member, newcomer


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Member, Member, Member]]:
    """Anna, ben and carl, each on a node of their own."""
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        databases = ("sqlite", DATABASES[-1], "sqlite")
        nodes = [
            stack.enter_context(running_node(folder / str(number), database))
            for number, database in enumerate(databases)
        ]
        members = [newcomer(node, name) for node, name in zip(nodes, ("anna", "ben", "carl"), strict=True)]
        for member in members:
            stack.callback(member.close)
        yield members[0], members[1], members[2]


def context(reader: Member, post_id: str) -> httpx.Response:
    """The thread, with the headers of the answer."""
    headers = {"Authorization": f"Bearer {reader.token}"}
    return httpx.get(f"{reader.node.url}/api/v1/statuses/{post_id}/context", headers=headers, timeout=20)


def texts(statuses: list[Any]) -> list[str]:
    return [" ".join(word for word in plain_text(s["content"]).split() if not word.startswith("@")) for s in statuses]


def test_who_follows_nobody_sees_a_thread_and_the_older_posts_of_its_author(
    people: tuple[Member, Member, Member],
) -> None:
    anna, ben, carl = people
    older = anna.publish("An older post")
    post = anna.publish("The quay at noon")
    ben.follow(anna)
    there = until("ben can see it", lambda: ben.knows_of(post["uri"]))
    comment = ben.publish(f"@{anna.handle} Lovely light", in_reply_to_id=there["id"])
    at_annas = until(
        "the comment arrives",
        lambda: next((found for found in anna.comments(post["id"]) if found["uri"] == comment["uri"]), None),
    )
    anna.publish(f"@{ben.handle} Thank you", in_reply_to_id=at_annas["id"])

    seen = until("carl finds the post", lambda: carl.knows_of(post["uri"]))
    answer = context(carl, seen["id"])
    named = re.fullmatch(r'id="([0-9a-f]+)", retry=\d+, result_count=\d+', answer.headers["Mastodon-Async-Refresh"])
    assert named is not None
    refreshed = until(
        "the thread is filled",
        lambda: (
            found
            if (found := carl.get(f"/api/v1_alpha/async_refreshes/{named[1]}")["async_refresh"])["status"] == "finished"
            else None
        ),
    )
    assert refreshed["result_count"] == 2
    assert texts(context(carl, seen["id"]).json()["descendants"]) == ["Lovely light", "Thank you"]
    assert carl.home() == []
    assert carl.get("/api/v1/notifications") == []

    carl.account(seen["account"]["id"])
    shown = until(
        "anna's profile is filled",
        lambda: next(
            (
                status
                for status in carl.get(f"/api/v1/accounts/{seen['account']['id']}/statuses")
                if status["uri"] == older["uri"]
            ),
            None,
        ),
    )
    assert shown["created_at"] == older["created_at"]
