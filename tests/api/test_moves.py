"""Aliases and moving, by the API and the page."""

from __future__ import annotations

from typing import Any

from node.models.accounts import Account
from node.models.graph import Follow
from tests import builders
from tests.api.client import PASSWORD, Client, Node, json, person

ALIASES, MOVE = "/api/v1/profile/aliases", "/api/v1/profile/move"


async def refused(client: Client, path: str, body: dict[str, Any], field: str) -> None:
    answer = await json(await client.post(path, json=body), 422)
    assert list(answer["details"]) == [field], answer


async def test_aliases_are_named_shown_and_taken_back(node: Node) -> None:
    me, other = await builders.local_account("me"), await builders.local_account("other")
    client = await node.signed_in(me)
    assert await json(await client.get(ALIASES)) == []
    for _ in range(2):
        (shown,) = await json(await client.post(ALIASES, json={"acct": "@other"}))
    assert (shown["uri"], shown["account"]["acct"]) == (other.uri, "other")
    assert (await builders.fresh(me)).also_known_as == [other.uri]
    await refused(client, ALIASES, {"acct": "me"}, "acct")
    await refused(client, ALIASES, {"acct": "nobody"}, "acct")
    await json(await client.call("DELETE", ALIASES, query_string={"uri": "https://x.example/1"}), 404)
    assert await json(await client.call("DELETE", ALIASES, query_string={"uri": other.uri})) == []
    reader = await node.signed_in(me, "read")
    await json(await reader.post(ALIASES, json={"acct": "other"}), 403)


async def test_moving_needs_the_password_and_an_alias_there_and_can_be_taken_back(node: Node) -> None:
    user = await person("me")
    me, other = await Account.get(id=user.account_id), await builders.local_account("other")
    ann = await builders.local_account("ann")
    await builders.following(ann, me)
    client = await node.signed_in(me)
    await refused(client, MOVE, {"acct": "other", "password": "wrong"}, "password")
    await refused(client, MOVE, {"acct": "other", "password": PASSWORD}, "acct")
    await refused(client, MOVE, {"acct": "me", "password": PASSWORD}, "acct")
    await Account.filter(id=other.id).update(also_known_as=[me.uri])
    moved = await json(await client.post(MOVE, json={"acct": "other", "password": PASSWORD}))
    assert moved["moved"]["acct"] == "other"
    assert (await json(await node.client().get(f"/api/v1/accounts/{me.id}")))["moved"]["id"] == str(other.id)
    await builders.run_jobs()
    assert [follow.target_id for follow in await Follow.filter(account_id=ann.id)] == [other.id]

    assert await json(await client.get("/api/v1/timelines/home")) == []
    for path, body in (("/api/v1/statuses", {"status": "x"}), (f"/api/v1/accounts/{ann.id}/follow", {}), (MOVE, {})):
        assert "moved" in (await json(await client.post(path, json=body), 403))["error"]
    follower = await node.signed_in(ann)
    await json(await follower.post(f"/api/v1/accounts/{me.id}/follow"), 403)

    back = await json(await client.call("DELETE", MOVE))
    assert "moved" not in back
    await json(await client.post("/api/v1/statuses", json={"status": "back"}))
    await refused(client, MOVE, {"acct": "other", "password": PASSWORD}, "base")


async def test_the_page_names_aliases_moves_and_brings_back(node: Node) -> None:
    user = await person("me")
    other = await builders.local_account("other")
    browser = await node.browser().open("/settings/move")
    await browser.submit(login="me", password=PASSWORD)
    assert "<h1>" in browser.text and browser.url.startswith("/settings/move"), "signing in leads on to the page"
    await browser.open("/settings")
    assert "/settings/move" in browser.text
    await browser.open("/settings/move")
    await browser.submit(action="/settings/aliases", alias="nobody")
    assert browser.status == 422 and "could not be found" in browser.text
    await browser.submit(action="/settings/aliases", alias="@other")
    assert "may move here now" in browser.text and "@other@" in browser.text
    await browser.submit(action="/settings/aliases/remove")
    assert "no alias any more" in browser.text
    await Account.filter(id=other.id).update(also_known_as=[(await Account.get(id=user.account_id)).uri])
    await browser.submit(action="/settings/move", acct="@other", password="wrong")
    assert browser.status == 422 and "Password is wrong" in browser.text
    await browser.submit(action="/settings/move", acct="@other", password=PASSWORD)
    assert "You have moved" in browser.text
    await browser.open("/@me")
    assert "has moved to" in browser.text and "@other@" in browser.text
    await browser.open("/settings/move")
    await browser.submit(action="/settings/move/back")
    assert "You are back" in browser.text
    assert (await Account.get(id=user.account_id)).moved_to_uri is None
