"""People who move, report each other and lose sight of each other, over real nodes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from tests.e2e.nodes import NodeProcess, running_node, until
from tests.e2e.person import Member, newcomer


@dataclass(frozen=True)
class Nodes:
    """Three nodes; `one` is on SQLite, its database a file."""

    one: NodeProcess
    other: NodeProcess
    third: NodeProcess


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodes]:
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        yield Nodes(*(stack.enter_context(running_node(folder / name)) for name in ("one", "other", "third")))


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def someone(node: NodeProcess, name: str, stack: ExitStack) -> Member:
    member = newcomer(node, name)
    stack.callback(member.close)
    return member


def befriend(follower: Member, followed: Member) -> None:
    follower.follow(followed)
    until("the follow is accepted", lambda: follower.stands_with(followed)["following"])
    until("the follower is counted", lambda: followed.stands_with(follower)["followed_by"])


def reports_told(moderator: Member) -> list[Any] | None:
    return moderator.notifications("admin.report") or None


def lose_deliveries(node: NodeProcess, to: NodeProcess) -> None:
    """What waits for another node is lost, as from a backup that is not quite new."""
    with closing(sqlite3.connect(node.data_dir / "heliograph.db", timeout=20)) as database, database:
        database.execute("DELETE FROM deliveries WHERE host = ?", (to.domain,))


def test_followers_on_a_third_node_go_along_with_somebody_who_moves(nodes: Nodes, stack: ExitStack) -> None:
    old, new = someone(nodes.one, "dan", stack), someone(nodes.other, "dan", stack)
    cleo = someone(nodes.third, "cleo", stack)
    neighbour = someone(nodes.one, "erin", stack)
    befriend(cleo, old)
    befriend(neighbour, old)
    (alias,) = new.post("/api/v1/profile/aliases", acct=old.handle)
    assert alias["account"]["acct"] == old.handle
    moved = old.post("/api/v1/profile/move", acct=new.handle, password=old.password)
    assert moved["moved"]["acct"] == new.handle

    until("cleo follows the new account", lambda: cleo.stands_with(new)["following"])
    until("so does a neighbour of the old one", lambda: neighbour.stands_with(new)["following"])
    until("nobody follows the old one", lambda: not cleo.stands_with(old)["following"])
    until("its node has been told", lambda: old.me()["followers_count"] == 0)
    assert cleo.knows(old)["moved"]["acct"] == new.handle
    post = new.publish("From my new place")
    until("cleo sees what is posted there", lambda: cleo.at_home(post["uri"]))


def test_a_report_reaches_the_moderators_of_everybody_concerned(nodes: Nodes, stack: ExitStack) -> None:
    cleo, dan, erin = (
        someone(node, name, stack) for node, name in ((nodes.one, "cleo"), (nodes.other, "dan"), (nodes.third, "erin"))
    )
    guards = [someone(node, "guard", stack) for node in (nodes.other, nodes.third)]
    for guard in guards:
        guard.node.command("user", "role", guard.username, "moderator")
    befriend(cleo, dan)
    befriend(dan, erin)
    post = erin.publish("A quiet evening")
    there = until("dan sees it", lambda: dan.at_home(post["uri"]))
    answer = dan.publish("Boo", in_reply_to_id=there["id"])
    here = until("cleo finds the answer", lambda: cleo.knows_of(answer["uri"]))
    until("with what it answers", lambda: cleo.sees(here["id"])["in_reply_to_id"])
    until("erin's node has it", lambda: erin.comments(post["id"]))
    cleo.post(
        "/api/v1/reports",
        account_id=here["account"]["id"],
        status_ids=[here["id"]],
        comment="He frightens people",
        forward=True,
        forward_to_domains=[nodes.other.domain, nodes.third.domain],
    )
    for guard in guards:
        (told,) = until("a moderator is told", partial(reports_told, guard))
        assert told["report"]["comment"] == "He frightens people"
        assert len(told["report"]["status_ids"]) == 1
        host = nodes.one.domain.partition(":")[0]
    assert told["account"]["acct"] == f"{host}@{nodes.one.domain}", "nobody learns who complained"


def test_a_lost_undo_is_made_good_with_the_next_post_for_followers(nodes: Nodes, stack: ExitStack) -> None:
    cleo, dan = someone(nodes.one, "cleo", stack), someone(nodes.other, "dan", stack)
    befriend(cleo, dan)
    nodes.other.kill()
    cleo.unfollow(dan)

    def waiting() -> bool:
        with closing(sqlite3.connect(nodes.one.data_dir / "heliograph.db", timeout=20)) as database:
            (count,) = database.execute(
                "SELECT COUNT(*) FROM deliveries WHERE host = ? AND attempts > 0 AND lease_until IS NULL",
                (nodes.other.domain,),
            ).fetchone()
        return bool(count)

    until("the Undo has been tried", waiting)
    lose_deliveries(nodes.one, nodes.other)
    nodes.other.start()
    assert dan.stands_with(cleo)["followed_by"], "dan's node knows nothing of it"
    secret = dan.publish("For my followers", visibility="private")
    until("it learns better", lambda: not dan.stands_with(cleo)["followed_by"])
    assert cleo.knows_of(secret["uri"]) is None
    assert cleo.at_home(secret["uri"]) is None
