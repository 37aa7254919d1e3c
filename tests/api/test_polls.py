"""Polls over the API: asked, voted in, edited, ended."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from node import clock, db
from node.models.posts import Post
from node.services import polls
from node.services.polls import NewPoll, ReceivedPoll
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements
from tests.conftest import HeldClock

QUESTION = {"options": ["heron", "egret"], "expires_in": 3600}


async def asked(client: Client, **poll: Any) -> Any:
    """The status of a post with a poll."""
    body = {"status": "Which one?", "poll": {**QUESTION, **poll}}
    return await json(await client.post("/api/v1/statuses", json=body))


async def voted(client: Client, poll: Any, *choices: int, status: int = 200) -> Any:
    """The answer to a vote."""
    return await json(await client.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": list(choices)}), status)


async def test_a_poll_is_asked_and_voted_in_and_everyone_sees_its_counts(node: Node, held_clock: HeldClock) -> None:
    alice, bob, carol = [await builders.local_account() for _ in range(3)]
    author, voter = await node.signed_in(alice), await node.signed_in(bob)
    shown = await asked(author, options=[" heron ", "egret", ""], multiple="false")
    assert shown["poll"] == {
        "id": shown["poll"]["id"],
        "expires_at": "2026-11-22T13:00:00.000Z",
        "expired": False,
        "multiple": False,
        "votes_count": 0,
        "voters_count": 0,
        "voted": True,
        "own_votes": [],
        "options": [{"title": "heron", "votes_count": 0}, {"title": "egret", "votes_count": 0}],
        "emojis": [],
    }
    answer = await voted(voter, shown["poll"], 1)
    assert (answer["voted"], answer["own_votes"]) == (True, [1])
    assert (answer["votes_count"], answer["voters_count"]) == (1, 1)
    assert [option["votes_count"] for option in answer["options"]] == [0, 1]
    assert await json(await voter.get(f"/api/v1/polls/{answer['id']}")) == answer
    assert (await json(await voter.get(f"/api/v1/statuses/{shown['id']}")))["poll"] == answer
    other = await json(await (await node.signed_in(carol)).get(f"/api/v1/polls/{answer['id']}"))
    assert (other["voted"], other["own_votes"], other["votes_count"]) == (False, [], 1)
    anonymous = await json(await node.client().get(f"/api/v1/polls/{answer['id']}"))
    assert "voted" not in anonymous
    assert "own_votes" not in anonymous


@pytest.mark.parametrize(
    ("poll", "said"),
    [
        ({"options": ["heron"]}, "Choices must have more than one item"),
        ({"options": []}, "Choices can't be blank, Choices must have more than one item"),
        ({"options": list("abcde")}, "Choices can't contain more than 4 items"),
        ({"options": ["a", "b" * 51]}, "Choices cannot be longer than 50 characters each"),
        ({"options": ["a", " a "]}, "Choices contain duplicate items"),
        ({"expires_in": None}, "Deadline can't be blank"),
        ({"expires_in": 299}, "Deadline is too soon"),
        ({"expires_in": 2_629_747}, "Deadline is too far into the future"),
    ],
)
async def test_what_is_wrong_with_a_poll_is_named_and_nothing_is_posted(
    node: Node, poll: dict[str, Any], said: str
) -> None:
    client = await node.signed_in(await builders.local_account())
    answer = await client.post("/api/v1/statuses", json={"status": "?", "poll": {**QUESTION, **poll}})
    assert (await json(answer, 422))["error"] == f"Validation failed: {said}"
    assert await Post.all().count() == 0


async def test_votes_that_do_not_count(node: Node, held_clock: HeldClock) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    author, voter = await node.signed_in(alice), await node.signed_in(bob)
    poll = (await asked(author))["poll"]
    for client, choices, said in (
        (author, (0,), "You cannot vote in your own polls"),
        (voter, (2,), "The chosen vote option does not exist"),
        (voter, (-1,), "The chosen vote option does not exist"),
        (voter, (0, 1), "You have already voted on this poll"),
    ):
        assert (await voted(client, poll, *choices, status=422))["error"] == f"Validation failed: {said}"
    await voted(voter, poll, 0)
    assert (await voted(voter, poll, 1, status=422))[
        "error"
    ] == "Validation failed: You have already voted on this poll"
    assert "choices" in (await voted(voter, poll, status=400))["error"]
    await json(await voter.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": ["x"]}), 400)
    assert (await json(await voter.get(f"/api/v1/polls/{poll['id']}")))["votes_count"] == 1
    held_clock.advance(3600)
    late = await node.signed_in(await builders.local_account())
    assert (await voted(late, poll, 1, status=422))["error"] == "Validation failed: The poll has already ended"
    await json(await node.client().post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]}), 401)
    reader = await node.signed_in(bob, "read")
    await voted(reader, poll, 0, status=403)


async def test_a_multiple_poll_takes_several_votes_and_further_ones(node: Node) -> None:
    author, voter = [await node.signed_in(await builders.local_account()) for _ in range(2)]
    poll = (await asked(author, options=["a", "b", "c"], multiple=True))["poll"]
    await voted(voter, poll, 0, 2)
    answer = await voted(voter, poll, 1)
    assert (answer["own_votes"], answer["votes_count"], answer["voters_count"]) == ([0, 1, 2], 3, 1)
    await voted(voter, poll, 1, status=422)


async def test_a_poll_that_hides_its_totals_shows_them_at_its_end(node: Node, held_clock: HeldClock) -> None:
    author, voter = [await node.signed_in(await builders.local_account()) for _ in range(2)]
    poll = (await asked(author, hide_totals=True))["poll"]
    answer = await voted(voter, poll, 0)
    assert [option["votes_count"] for option in answer["options"]] == [None, None]
    assert answer["votes_count"] == 1
    held_clock.advance(3601)
    ended = await json(await node.client().get(f"/api/v1/polls/{poll['id']}"))
    assert [option["votes_count"] for option in ended["options"]] == [1, 0]
    assert ended["expired"] is True


async def test_a_poll_is_as_private_as_its_post(node: Node) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    post = await builders.post(alice, visibility="followers", poll=NewPoll(("a", "b"), 300))
    row = await db.fetch_one("SELECT id FROM polls WHERE post_id = ?", (post.id,))
    assert row is not None
    poll = {"id": row[0]}
    stranger = await node.signed_in(bob)
    for client in (node.client(), stranger):
        await json(await client.get(f"/api/v1/polls/{poll['id']}"), 404)
    await voted(stranger, poll, 0, status=404)
    await builders.following(bob, alice)
    await voted(stranger, poll, 0)


async def test_its_end_is_told_once_to_the_author_and_those_who_voted(node: Node, held_clock: HeldClock) -> None:
    alice, bob, carol = [await builders.local_account() for _ in range(3)]
    shown = await asked(await node.signed_in(alice))
    await voted(await node.signed_in(bob), shown["poll"], 0)
    await builders.run_jobs()
    assert await builders.told(alice) == []
    held_clock.advance(3600)
    await builders.run_jobs()
    about = ("poll", alice.id, int(shown["id"]))
    assert await builders.told(alice) == [about]
    assert await builders.told(bob) == [about]
    assert await builders.told(carol) == []
    await polls._ended({"poll_id": int(shown["poll"]["id"])})
    assert await builders.told(bob) == [about]
    listed = await json(await (await node.signed_in(alice)).get("/api/v1/notifications"))
    assert listed[0]["status"]["poll"]["expired"] is True


async def test_an_edit_that_changes_the_options_begins_the_vote_anew(node: Node, held_clock: HeldClock) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    author, voter = await node.signed_in(alice), await node.signed_in(bob)
    shown = await asked(author)
    path = f"/api/v1/statuses/{shown['id']}"
    await voted(voter, shown["poll"], 0)
    longer = await json(
        await author.call("PUT", path, json={"status": "Well?", "poll": {**QUESTION, "expires_in": 7200}})
    )
    assert (longer["poll"]["votes_count"], longer["poll"]["expires_at"]) == (1, "2026-11-22T14:00:00.000Z")
    held_clock.advance(3600)
    await builders.run_jobs()
    assert await builders.told(bob) == []
    new = {"options": ["heron", "stork"], "expires_in": 600}
    changed = await json(await author.call("PUT", path, json={"status": "Well?", "poll": new}))
    assert changed["poll"]["id"] == shown["poll"]["id"]
    assert (changed["poll"]["votes_count"], changed["poll"]["voters_count"]) == (0, 0)
    assert (await json(await voter.get(path)))["poll"]["voted"] is False
    wrong = {"options": ["heron"], "expires_in": 600}
    await json(await author.call("PUT", path, json={"status": "Well?", "poll": wrong}), 422)
    without = await json(await author.call("PUT", path, json={"status": "Never mind"}))
    assert without["poll"] is None
    await json(await author.get(f"/api/v1/polls/{shown['poll']['id']}"), 404)
    history = await json(await author.get(f"{path}/history"))
    titles = [[option["title"] for option in look["poll"]["options"]] if "poll" in look else None for look in history]
    assert titles == [["heron", "egret"], ["heron", "egret"], ["heron", "stork"], None]
    added = await json(await author.call("PUT", path, json={"status": "Or?", "poll": QUESTION}))
    assert added["poll"]["options"][1]["title"] == "egret"


async def test_a_remote_poll_shows_what_its_server_said_and_takes_our_votes(node: Node, held_clock: HeldClock) -> None:
    bob, alice = await builders.remote_account(), await builders.local_account()
    post = await builders.received(bob)
    end = clock.now() + timedelta(hours=1)
    options = (("heron", 3), ("egret", 0))
    async with db.transaction():
        await polls.receive(post.id, ReceivedPoll(options, expires_at=end))
    voter = await node.signed_in(alice)
    shown = (await json(await voter.get(f"/api/v1/statuses/{post.id}")))["poll"]
    assert (shown["votes_count"], shown["voters_count"]) == (3, None)
    assert (await voted(voter, shown, 1))["votes_count"] == 4
    async with db.transaction():
        await polls.receive(post.id, ReceivedPoll((("heron", 5), ("egret", 1)), expires_at=end, voters_count=6))
    again = await json(await voter.get(f"/api/v1/polls/{shown['id']}"))
    assert (again["votes_count"], again["voters_count"], again["own_votes"]) == (6, 6, [1])
    held_clock.advance(3600)
    await builders.run_jobs()
    assert await builders.told(alice) == [("poll", bob.id, post.id)]
    async with db.transaction():
        await polls.receive(post.id, None)
    await json(await voter.get(f"/api/v1/polls/{shown['id']}"), 404)


async def test_polls_cost_a_page_one_statement_and_pages_without_none(node: Node) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    path = f"/api/v1/accounts/{alice.id}/statuses"

    async def statements() -> int:
        await json(await client.get(path))
        with counted_statements() as seen:
            await json(await client.get(path))
        return len(seen)

    await builders.post(alice)
    without = await statements()
    await builders.post(alice, poll=NewPoll(("a", "b"), 300))
    one = await statements()
    for _ in range(3):
        await builders.post(alice, poll=NewPoll(("a", "b"), 300))
    assert (one - without, await statements() - one) == (1, 0)


async def test_the_limits_of_polls_are_those_the_instance_states_and_forms_can_ask(node: Node) -> None:
    limits = (await json(await node.client().get("/api/v2/instance")))["configuration"]["polls"]
    assert limits == {
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2629746,
    }
    client = await node.signed_in(await builders.local_account())
    form = "status=%3F&poll[options][]=a&poll[options][]=b&poll[expires_in]=300&poll[multiple]=true"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    shown = await json(await client.post("/api/v1/statuses", data=form, headers=kind))
    assert [option["title"] for option in shown["poll"]["options"]] == ["a", "b"]
    assert shown["poll"]["multiple"] is True
