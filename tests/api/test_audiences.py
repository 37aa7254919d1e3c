"""Posts for close friends, a list or mutuals: who sees them, who no longer does, and what nobody else learns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from media.drawn import draw_picture
from node import db
from node.models.accounts import Account
from node.models.audiences import CloseFriend
from node.services import audiences, blocks, follows
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements
from tests.api.test_media import path_of, uploaded

FRIENDS = "/api/v1/close_friends"


class Circle:
    """An author, whom a friend and another follow; the author follows the friend back."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.public = node.client()

    async def begin(self) -> Circle:
        self.author, self.friend = await builders.local_account("author"), await builders.local_account("friend")
        self.follower = await builders.local_account("follower")
        self.stranger = await builders.local_account("stranger")
        for somebody in (self.friend, self.follower):
            await builders.following(somebody, self.author)
        await builders.following(self.author, self.friend)
        everybody = (self.author, self.friend, self.follower, self.stranger)
        self.clients = {account.id: await self.node.signed_in(account) for account in everybody}
        self.as_author, self.as_friend = self.clients[self.author.id], self.clients[self.friend.id]
        self.as_follower, self.as_stranger = self.clients[self.follower.id], self.clients[self.stranger.id]
        return self

    async def befriend(self, *accounts: Account) -> None:
        ids = [str(account.id) for account in accounts]
        await json(await self.as_author.post(FRIENDS, json={"account_ids": ids}))

    async def publish(self, **body: Any) -> Any:
        return await json(await self.as_author.post("/api/v1/statuses", json={"status": "For few", **body}))

    async def seen_by(self, status_id: str, *others: Client) -> list[int]:
        path = f"/api/v1/statuses/{status_id}"
        clients = others or (self.as_friend, self.as_follower, self.as_stranger, self.public)
        return [int((await client.get(path)).status_code) for client in clients]


@pytest.fixture
async def circle(node: Node) -> Circle:
    return await Circle(node).begin()


async def ids_at(client: Client, path: str) -> list[str]:
    return [item["id"] for item in await json(await client.get(path))]


async def on_list(circle: Circle, *accounts: Account) -> str:
    made = await json(await circle.as_author.post("/api/v1/lists", json={"title": "Herons"}))
    ids = [str(account.id) for account in accounts]
    await json(await circle.as_author.post(f"/api/v1/lists/{made['id']}/accounts", json={"account_ids": ids}))
    return str(made["id"])


async def test_close_friends_are_kept_by_their_owner_alone(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    async def add(*accounts: Account) -> int:
        ids = [str(account.id) for account in accounts]
        return int((await circle.as_author.post(FRIENDS, json={"account_ids": ids})).status_code)

    assert await add(circle.friend, circle.stranger) == 404
    assert await add(circle.author) == 422
    assert await ids_at(circle.as_author, FRIENDS) == []
    assert [await add(circle.friend), await add(circle.friend, circle.follower), await add()] == [200] * 3
    assert set(await ids_at(circle.as_author, FRIENDS)) == {str(circle.friend.id), str(circle.follower.id)}
    first = await circle.as_author.get(f"{FRIENDS}?limit=1")
    assert 'rel="next"' in first.headers["Link"]
    assert await ids_at(circle.as_friend, FRIENDS) == []
    monkeypatch.setattr(audiences, "MAX_CLOSE_FRIENDS", 2)
    await builders.following(circle.stranger, circle.author)
    assert await add(circle.stranger) in (409, 422)
    assert await CloseFriend.filter(account_id=circle.author.id).count() == 2
    too_many = {"account_ids": [str(number) for number in range(101)]}
    assert (await circle.as_author.call("DELETE", FRIENDS, json=too_many)).status_code == 422
    narrow = await circle.node.signed_in(circle.author, "read:statuses")
    assert (await narrow.get(FRIENDS)).status_code == 403
    assert (await circle.public.get(FRIENDS)).status_code == 401


async def test_a_post_for_close_friends_is_theirs_and_nobody_elses(circle: Circle) -> None:
    await circle.befriend(circle.friend)
    picture = await uploaded(circle.as_author, draw_picture(3, 300, 200))
    post = await circle.publish(status="For few #heron", visibility="close_friends", media_ids=[picture["id"]])
    assert (post["visibility"], post["audience"]) == ("private", {"kind": "close_friends", "list_id": None})
    assert post["mentions"] == []
    assert await circle.seen_by(post["id"]) == [200, 404, 404, 404]
    seen = await json(await circle.as_friend.get(f"/api/v1/statuses/{post['id']}"))
    assert (seen["visibility"], seen["audience"], seen["mentions"]) == ("private", None, [])
    home = "/api/v1/timelines/home"
    homes = [post["id"] in await ids_at(client, home) for client in (*circle.clients.values(),)]
    assert homes == [True, True, False, False]
    for client in (circle.as_friend, circle.as_follower, circle.public):
        for path in ("/api/v1/timelines/public?local=true", "/api/v1/timelines/tag/heron"):
            assert await ids_at(client, path) == []
    profile = f"/api/v1/accounts/{circle.author.id}/statuses"
    profiles = [post["id"] in await ids_at(client, profile) for client in (*circle.clients.values(),)]
    assert profiles == [True, True, False, False]
    assert await builders.told(circle.friend) == [("follow", circle.author.id, None)], (
        "nobody is told of being a member"
    )
    assert await ids_at(circle.as_friend, "/api/v1/conversations") == []
    for client in (circle.as_friend, circle.as_author):
        assert (await client.post(f"/api/v1/statuses/{post['id']}/reblog")).status_code in (403, 404)
        quoting = {"status": "Look", "quoted_status_id": post["id"]}
        assert (await client.post("/api/v1/statuses", json=quoting)).status_code == 404
    assert (await circle.public.get(f"/@author/{post['id']}")).status_code == 404
    oembed = await circle.public.get("/api/oembed", query_string={"url": post["url"]})
    assert oembed.status_code == 404

    bare = f"/media/closed/{picture['id']}/full/-"
    address = path_of(seen["media_attachments"][0]["url"])

    async def files() -> list[int]:
        clients = (circle.as_friend, circle.as_follower, circle.as_stranger, circle.public)
        return [int((await client.get(bare)).status_code) for client in clients]

    assert await files() == [200, 404, 404, 404]
    assert (await circle.public.get(address)).status_code == 200
    await circle.befriend(circle.follower)
    assert await files() == [200, 404, 404, 404], "who comes later does not see what was before"
    body = {"account_ids": [str(circle.friend.id)]}
    await json(await circle.as_author.call("DELETE", FRIENDS, json=body))
    await circle.befriend(circle.friend)
    assert await files() == [404] * 4, "who was taken off has lost it for good"
    assert (await circle.public.get(address)).status_code == 404
    assert post["id"] not in await ids_at(circle.as_friend, home)
    assert await circle.seen_by(post["id"]) == [404] * 4
    later = await circle.publish(visibility="close_friends")
    assert await circle.seen_by(later["id"]) == [200, 200, 404, 404]


async def test_lists_and_mutuals_are_audiences_and_end_with_what_made_them(circle: Circle) -> None:
    list_id = await on_list(circle, circle.friend)
    listed = await circle.publish(visibility="list", list_id=list_id)
    mutual = await circle.publish(visibility="mutuals")
    assert listed["audience"] == {"kind": "list", "list_id": list_id}
    assert mutual["audience"] == {"kind": "mutuals", "list_id": None}
    ids = (listed["id"], mutual["id"])
    assert [await circle.seen_by(number) for number in ids] == [[200, 404, 404, 404]] * 2
    taken = {"account_ids": [str(circle.friend.id)]}
    await circle.as_author.call("DELETE", f"/api/v1/lists/{list_id}/accounts", json=taken)
    assert [(await circle.seen_by(number))[0] for number in ids] == [404, 200]
    await json(await circle.as_author.post(f"/api/v1/lists/{list_id}/accounts", json=taken))
    assert (await circle.seen_by(listed["id"]))[0] == 404
    again = await circle.publish(visibility="list", list_id=list_id)
    await follows.unfollow(circle.friend, circle.author)
    assert [(await circle.seen_by(number))[0] for number in (mutual["id"], again["id"])] == [404, 200]
    await builders.following(circle.friend, circle.author)
    assert (await circle.seen_by(mutual["id"]))[0] == 404
    await blocks.block(circle.author, circle.friend)
    await blocks.unblock(circle.author, circle.friend)
    assert (await circle.seen_by(again["id"]))[0] == 404
    await json(await circle.as_author.call("DELETE", f"/api/v1/lists/{list_id}"))
    shown = await json(await circle.as_author.get(f"/api/v1/statuses/{again['id']}"))
    assert shown["audience"]["kind"] == "list"


async def test_an_audience_that_cannot_be_is_refused(circle: Circle, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(**body: Any) -> int:
        answer = await circle.as_author.post("/api/v1/statuses", json={"status": "For few", **body})
        return int(answer.status_code)

    others = (await json(await circle.as_friend.post("/api/v1/lists", json={"title": "Hers"})))["id"]
    own = await on_list(circle, circle.author)
    public = await circle.publish()
    wrong = (
        {"visibility": "close_friends"},
        {"visibility": "members"},
        {"visibility": "list"},
        {"visibility": "list", "list_id": own},
        {"visibility": "mutuals", "list_id": own},
        {"visibility": "mutuals", "in_reply_to_id": public["id"]},
        {"visibility": "list", "list_id": others},
    )
    assert [await refused(**body) for body in wrong] == [422] * 6 + [404]
    monkeypatch.setattr(audiences, "MAX_MEMBERS", 0)
    assert await refused(visibility="mutuals") == 422
    share = await circle.as_friend.post(f"/api/v1/statuses/{public['id']}/reblog", json={"visibility": "members"})
    assert share.status_code == 422
    assert await db.fetch_all("SELECT id FROM post_audiences", ()) == []


async def test_comments_are_for_the_members_of_the_post_and_lost_with_it(circle: Circle) -> None:
    other = await builders.local_account("other")
    await builders.following(other, circle.author)
    as_other = await circle.node.signed_in(other)
    await circle.befriend(circle.friend, other)
    post = await circle.publish(visibility="close_friends")
    comment = await json(
        await circle.as_friend.post("/api/v1/statuses", json={"status": "Fine", "in_reply_to_id": post["id"]})
    )
    answer = await json(
        await as_other.post("/api/v1/statuses", json={"status": "Indeed", "in_reply_to_id": comment["id"]})
    )
    assert (comment["visibility"], comment["audience"]) == ("private", None)
    readers = (circle.as_author, circle.as_friend, as_other, circle.as_follower, circle.public)
    for shown in (comment, answer):
        assert await circle.seen_by(shown["id"], *readers) == [200, 200, 200, 404, 404]
    body = {"account_ids": [str(other.id)]}
    await json(await circle.as_author.call("DELETE", FRIENDS, json=body))
    assert [(await circle.seen_by(shown["id"], as_other))[0] for shown in (post, comment, answer)] == [404, 404, 200]
    assert ("mention", circle.friend.id, int(comment["id"])) in await builders.told(circle.author)


async def test_drafts_and_scheduled_posts_keep_their_audience(circle: Circle) -> None:
    list_id = await on_list(circle, circle.friend)
    wanted = {"status": "Later", "visibility": "list", "list_id": list_id}
    draft = await json(await circle.as_author.post("/api/v1/drafts", json=wanted))
    assert (draft["params"]["visibility"], draft["params"]["list_id"]) == ("list", list_id)
    post = await json(await circle.as_author.post(f"/api/v1/drafts/{draft['id']}/publish"))
    assert post["audience"] == {"kind": "list", "list_id": list_id}
    waiting = await json(
        await circle.as_author.post("/api/v1/statuses", json={**wanted, "scheduled_at": "2050-01-01T00:00:00Z"})
    )
    assert (waiting["params"]["visibility"], waiting["params"]["list_id"]) == ("list", list_id)


async def test_members_cost_no_statements(circle: Circle) -> None:
    async def statements_for(accounts: Sequence[Account]) -> int:
        await circle.befriend(*accounts)
        with counted_statements() as statements:
            await circle.publish(visibility="close_friends")
        return len(statements)

    some = [await builders.local_account() for _ in range(4)]
    for account in some:
        await builders.following(account, circle.author)
    await statements_for(some[:1])
    assert await statements_for(some[:1]) == await statements_for(some[1:])
