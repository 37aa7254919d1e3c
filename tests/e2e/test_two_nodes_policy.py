"""What an admin decides about another server, between two real nodes: held to, told, taken back."""

from __future__ import annotations

from contextlib import ExitStack

import httpx

from tests.e2e.conftest import TwoNodes
from tests.e2e.nodes import until
from tests.e2e.person import Member, newcomer


def lost(member: Member) -> list[tuple[str, int, int, bool]]:
    """What decisions took from somebody: of whom, how many followers, how many followed, whether it is over."""
    return [
        (event["target_name"], event["followers_count"], event["following_count"], event["lifted_at"] is not None)
        for event in member.get("/api/v1/severed_relationships")
    ]


def test_a_blocked_server_is_parted_from_told_to_people_and_comes_back(nodes: TwoNodes) -> None:
    with ExitStack() as stack:
        cleo, dan = newcomer(nodes.here, "cleo"), newcomer(nodes.there, "dan")
        for member in (cleo, dan):
            stack.callback(member.close)
        cleo.follow(dan)
        dan.follow(cleo)
        until(
            "both follow each other", lambda: cleo.stands_with(dan)["following"] and dan.stands_with(cleo)["following"]
        )
        until("and know it", lambda: cleo.stands_with(dan)["followed_by"] and dan.stands_with(cleo)["followed_by"])
        before = dan.publish("Before the block")
        seen = until("the post arrives", lambda: cleo.at_home(before["uri"]))

        nodes.here.command("domain", "block", nodes.there.domain, "--reason", "a test")
        try:
            until("cleo is told", lambda: cleo.told("severed_relationships", cleo))
            assert (nodes.there.domain, 1, 1, False) in lost(cleo)
            event = cleo.get("/api/v1/severed_relationships")[0]
            files = {
                name: httpx.get(
                    f"{nodes.here.url}/api/v1/severed_relationships/{event['id']}/{name}.csv",
                    headers={"Authorization": f"Bearer {cleo.token}"},
                ).text
                for name in ("following", "followers")
            }
            assert dan.handle in files["following"] and files["followers"] == f"Account address\n{dan.handle}\n"
            until(
                "dan's node has heard of it",
                lambda: not dan.stands_with(cleo)["following"] and not dan.stands_with(cleo)["followed_by"],
            )
            assert cleo.home() == [] or cleo.at_home(before["uri"]) is None
            assert cleo.find(seen["uri"], "statuses") is None
            during = dan.publish(f"@{cleo.handle} do you hear me?")
        finally:
            nodes.here.command("domain", "unblock", nodes.there.domain)
        until("cleo is told that it is over", lambda: (nodes.there.domain, 1, 1, True) in lost(cleo))
        assert until("the old post is shown again", lambda: cleo.find(seen["uri"], "statuses"))["id"] == seen["id"]
        assert not cleo.stands_with(dan)["following"]
        cleo.follow(dan)
        until("the follow is accepted", lambda: cleo.stands_with(dan)["following"])
        after = dan.publish("After the block")
        until("posts arrive again", lambda: cleo.at_home(after["uri"]))
        assert cleo.at_home(during["uri"]) is None
