"""Who follows, blocks and knows whom, between two real nodes: every activity about people, in both directions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import TwoNodes
from tests.e2e.nodes import until
from tests.e2e.person import Member, Refused, document, newcomer, photographs


class People:
    """Makes people for one test."""

    def __init__(self, nodes: TwoNodes, stack: ExitStack) -> None:
        self.nodes = nodes
        self._stack = stack

    def here(self, name: str) -> Member:
        """Somebody new on the node where the test begins."""
        return self._leaving(newcomer(self.nodes.here, name))

    def there(self, name: str) -> Member:
        """Somebody new on the other node."""
        return self._leaving(newcomer(self.nodes.there, name))

    def _leaving(self, member: Member) -> Member:
        self._stack.callback(member.close)
        return member


@pytest.fixture
def people(nodes: TwoNodes) -> Iterator[People]:
    """People of this test alone."""
    with ExitStack() as stack:
        yield People(nodes, stack)


def befriend(follower: Member, followed: Member) -> None:
    """`follower` follows `followed`, who is public, and both nodes show it."""
    follower.follow(followed)
    until("the follow is accepted", lambda: follower.stands_with(followed)["following"])
    until("the follower is counted", lambda: followed.stands_with(follower)["followed_by"])


def tombstone(uri: str) -> Any:
    """What is left of an object at its origin; `None` while it is still there."""
    answer = document(uri)
    return answer.json() if answer.status_code == 410 else None


def test_following_a_public_account_is_accepted_and_told(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    assert not cleo.stands_with(dan)["requested"]
    assert dan.told("follow", cleo)
    assert dan.me()["followers_count"] == 1
    assert cleo.knows(dan)["followers_count"] == 1
    assert cleo.me()["following_count"] == 1
    post = dan.publish("For my follower")
    until("the follower's home shows it", lambda: cleo.at_home(post["uri"]))


def test_following_a_private_account_waits_until_it_is_accepted(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    dan.change_profile(locked=True)
    assert cleo.knows(dan)["locked"]
    assert cleo.follow(dan)["requested"]
    until("dan is asked", lambda: dan.asked_by() == [cleo.handle])
    assert dan.told("follow_request", cleo)
    assert not dan.stands_with(cleo)["followed_by"]
    assert cleo.stands_with(dan)["requested"]
    assert not cleo.stands_with(dan)["following"]

    dan.post(f"/api/v1/follow_requests/{dan.knows(cleo)['id']}/authorize")
    until("cleo follows dan", lambda: cleo.stands_with(dan)["following"])
    assert not cleo.stands_with(dan)["requested"]
    assert dan.stands_with(cleo)["followed_by"]
    assert dan.asked_by() == []


def test_a_follow_request_that_is_rejected_is_gone_on_both_nodes(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    dan.change_profile(locked=True)
    cleo.follow(dan)
    until("dan is asked", lambda: dan.asked_by() == [cleo.handle])
    dan.post(f"/api/v1/follow_requests/{dan.knows(cleo)['id']}/reject")
    until("cleo's request is gone", lambda: not cleo.stands_with(dan)["requested"])
    assert not cleo.stands_with(dan)["following"]
    assert dan.asked_by() == []
    assert not dan.stands_with(cleo)["followed_by"]
    assert dan.me()["followers_count"] == 0


def test_a_follow_request_can_be_taken_back(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    dan.change_profile(locked=True)
    cleo.follow(dan)
    until("dan is asked", lambda: dan.asked_by() == [cleo.handle])
    assert not cleo.unfollow(dan)["requested"]
    until("dan is asked no more", lambda: dan.asked_by() == [])
    assert not dan.told("follow_request", cleo)


def test_who_unfollows_gets_no_further_posts(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    before = dan.publish("Before")
    until("the first post arrives", lambda: cleo.at_home(before["uri"]))
    assert not cleo.unfollow(dan)["following"]
    until("dan has no follower", lambda: not dan.stands_with(cleo)["followed_by"])
    assert dan.me()["followers_count"] == 0
    assert cleo.at_home(before["uri"]) is None

    after = dan.publish("After")
    last = dan.publish(f"@{cleo.handle} Do you still see me?")
    until("what names her arrives", lambda: cleo.told("mention", dan))
    assert cleo.at_home(after["uri"]) is None
    assert [status["uri"] for status in cleo.get(f"/api/v1/accounts/{cleo.knows(dan)['id']}/statuses")] == [
        last["uri"],
        before["uri"],
    ]


def test_a_follower_who_is_removed_follows_no_more(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    removed = dan.post(f"/api/v1/accounts/{dan.knows(cleo)['id']}/remove_from_followers")
    assert not removed["followed_by"]
    until("cleo's node has heard of it", lambda: not cleo.stands_with(dan)["following"])
    assert not cleo.stands_with(dan)["requested"]
    assert (cleo.me()["following_count"], dan.me()["followers_count"]) == (0, 0)


def test_a_block_hides_both_from_each_other_until_it_is_taken_back(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    befriend(dan, cleo)
    theirs, ours = dan.publish("By dan"), cleo.publish("By cleo")
    seen = until("dan's post is here", lambda: cleo.at_home(theirs["uri"]))
    hers = until("cleo's post is there", lambda: dan.at_home(ours["uri"]))

    cleo.post(f"/api/v1/accounts/{cleo.knows(dan)['id']}/block")
    assert cleo.sees(seen["id"]) is None
    cleo_there = hers["account"]["id"]
    until("dan's node knows", lambda: dan.relationship(cleo_there)["blocked_by"])
    assert dan.sees(hers["id"]) is None
    assert cleo.at_home(theirs["uri"]) is None
    assert dan.at_home(ours["uri"]) is None
    for relationship in (dan.relationship(cleo_there), cleo.relationship(seen["account"]["id"])):
        assert not relationship["following"]
        assert not relationship["followed_by"]
    with pytest.raises(Refused):
        dan.post(f"/api/v1/accounts/{cleo_there}/follow")

    cleo.post(f"/api/v1/accounts/{seen['account']['id']}/unblock")
    until("dan's node knows that too", lambda: not dan.relationship(cleo_there)["blocked_by"])
    assert dan.sees(hers["id"])
    befriend(dan, cleo)


def test_a_changed_profile_is_shown_to_followers_elsewhere(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    assert "missing" in cleo.knows(dan)["avatar"]
    [portrait] = photographs(1)
    dan.change_picture(portrait)
    dan.change_profile(
        display_name="Dan of the Dunes",
        note="Sand, mostly. #dunes",
        fields_attributes=[{"name": "Camera", "value": "A pinhole"}],
    )

    def changed() -> bool:
        shown = cleo.knows(dan)
        return shown["display_name"] == "Dan of the Dunes" and "missing" not in shown["avatar"]

    until("cleo's node shows the new profile", changed)
    shown = cleo.knows(dan)
    assert "Sand, mostly." in shown["note"]
    assert [(field["name"], field["value"]) for field in shown["fields"]] == [("Camera", "A pinhole")]
    picture = httpx.get(shown["avatar"], timeout=20)
    assert picture.headers["content-type"].startswith("image/")
    dan.change_profile(locked=True)
    until("cleo's node shows that dan is private now", lambda: cleo.knows(dan)["locked"])


def test_a_deleted_account_is_gone_on_both_nodes(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    befriend(dan, cleo)
    post = dan.publish("A last word", [media["id"] for media in dan.photographs("A gate")])
    seen = until("the post arrives", lambda: cleo.at_home(post["uri"]))
    uri = seen["account"]["uri"]
    assert document(uri).status_code == 200

    people.nodes.there.command("user", "delete", dan.username, "--yes")
    until("the post is gone from the other node", lambda: cleo.sees(seen["id"]) is None)
    until("nobody is followed any more", lambda: cleo.me()["following_count"] == 0)
    until("nobody follows any more", lambda: cleo.me()["followers_count"] == 0)
    assert cleo.at_home(post["uri"]) is None
    for gone in (uri, post["uri"]):
        assert until(f"{gone} is gone at its origin", partial(tombstone, gone))["type"] == "Tombstone"


def test_a_domain_block_stops_both_directions_and_lifting_it_restores_them(people: People) -> None:
    cleo, dan = people.here("cleo"), people.there("dan")
    befriend(cleo, dan)
    befriend(dan, cleo)
    nodes = people.nodes
    dans_id = cleo.knows(dan)["id"]

    nodes.here.command("domain", "block", nodes.there.domain, "--reason", "Noise")
    until("no follow is left here", lambda: cleo.me()["following_count"] == cleo.me()["followers_count"] == 0)
    until(
        "dan's node has been told of the end", lambda: dan.me()["following_count"] == dan.me()["followers_count"] == 0
    )
    until("a search finds nobody there", lambda: cleo.find(f"@{dan.handle}", "accounts") is None)
    assert any(rule["comment"] == "Noise" for rule in cleo.get("/api/v1/instance/domain_blocks"))
    log_before = len(nodes.there.log)
    sent = dan.publish(f"@{cleo.handle} Can you hear me?")
    kept = cleo.publish("Not for over there")
    until("dan's node has been turned away", lambda: "answered 403" in nodes.there.log[log_before:])
    assert not cleo.told("mention", dan)
    assert cleo.knows_of(sent["uri"]) is None

    nodes.here.command("domain", "unblock", nodes.there.domain)
    erin = people.there("erin")
    until("people there can be found again", lambda: cleo.find(f"@{erin.handle}", "accounts"))
    assert cleo.knows(dan)["id"] == dans_id
    befriend(cleo, dan)
    befriend(dan, cleo)
    again, back = dan.publish(f"@{cleo.handle} And now?"), cleo.publish("For over there")
    until("dan is heard here", lambda: cleo.at_home(again["uri"]))
    until("cleo is heard there", lambda: dan.at_home(back["uri"]))
    assert dan.at_home(kept["uri"]) is None
    assert [item["status"]["uri"] for item in cleo.notifications("mention")] == [again["uri"]]
