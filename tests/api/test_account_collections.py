"""Collections of accounts that people recommend."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.accounts import Account
from node.services import blocks
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements

PATH = "/api/v1/collections"


async def _made(client: Client, status: int = 200, **body: Any) -> Any:
    return await json(await client.post(PATH, json={"name": "Nice accounts", **body}), status)


async def _members(client: Client, collection_id: str) -> list[str]:
    shown = await json(await client.get(f"{PATH}/{collection_id}"))
    return [item["account_id"] for item in shown["collection"]["items"]]


async def test_a_collection_is_made_shown_changed_and_removed(node: Node) -> None:
    me = await builders.local_account("me")
    here = await builders.local_account("here", discoverable=True)
    there = await builders.remote_account("there", discoverable=True)
    client, other = await node.signed_in(me), await node.signed_in(here)
    made = (
        await _made(
            client,
            description="Very nice",
            language="en",
            tag_name="#Herons",
            discoverable=True,
            account_ids=[str(here.id), str(there.id)],
        )
    )["collection"]
    assert made.keys() == {
        *("id", "uri", "name", "description", "language", "account_id", "local", "sensitive", "discoverable", "url"),
        *("item_count", "created_at", "updated_at", "tag", "items"),
    }
    assert (made["name"], made["account_id"], made["local"], made["sensitive"]) == (
        "Nice accounts",
        str(me.id),
        True,
        False,
    )
    assert made["tag"] == {"name": "herons", "url": "https://here.example/tags/herons"}
    assert [(item["account_id"], item["state"]) for item in made["items"]] == [
        (str(here.id), "accepted"),
        (str(there.id), "pending"),
    ]
    seen = await json(await other.get(f"{PATH}/{made['id']}"))
    assert [account["id"] for account in seen["accounts"]] == [str(me.id), str(here.id)]
    assert seen["collection"]["item_count"] == 1
    assert await builders.told(here) == [("added_to_collection", me.id, None)]
    await json(await client.call("PATCH", f"{PATH}/{made['id']}", json={"tag_name": ""}))
    changed = await json(await client.call("PUT", f"{PATH}/{made['id']}", json={"name": "Best"}))
    assert (changed["collection"]["name"], changed["collection"]["tag"]) == ("Best", None)
    assert changed["collection"]["description"] == "Very nice"
    assert ("collection_update", me.id, None) in await builders.told(here)
    for method, path in (
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/items"),
        ("DELETE", f"/items/{made['items'][0]['id']}"),
    ):
        body = {"account_id": str(here.id)} if path else {"name": "Mine now"}
        await json(await other.call(method, f"{PATH}/{made['id']}{path}", json=body), 403)
    assert await json(await client.call("DELETE", f"{PATH}/{made['id']}")) == {}
    await json(await client.get(f"{PATH}/{made['id']}"), 404)
    await json(await client.call("DELETE", f"{PATH}/{made['id']}"), 404)


async def test_accounts_are_added_removed_and_leave_for_good(node: Node) -> None:
    me, one, two = [await builders.local_account(name, discoverable=True) for name in ("me", "one", "two")]
    client, theirs = await node.signed_in(me), await node.signed_in(one)
    number = (await _made(client))["collection"]["id"]
    items = {}
    for account in (two, one, me):
        added = await json(await client.post(f"{PATH}/{number}/items", json={"account_id": str(account.id)}))
        items[account.id] = added["collection_item"]
        assert items[account.id].keys() == {"id", "state", "created_at", "account_id"}
    assert await _members(client, number) == [str(account.id) for account in (two, one, me)]
    again = await json(await client.post(f"{PATH}/{number}/items", json={"account_id": str(one.id)}), 422)
    assert again["error"] == "Validation failed: Account has already been taken"
    missing = await json(await client.post(f"{PATH}/{number}/items"), 422)
    assert missing["error"] == "`account_id` parameter is missing"
    listed = await json(await theirs.get(f"/api/v1/accounts/{one.id}/in_collections"))
    assert [item["id"] for item in listed["collections"]] == [number]
    await json(await client.get(f"/api/v1/accounts/{one.id}/in_collections"), 403)
    revoked = f"{PATH}/{number}/items/{items[one.id]['id']}/revoke"
    await json(await client.post(revoked), 403)
    assert await json(await theirs.post(revoked)) == {}
    await json(await client.post(f"{PATH}/{number}/items", json={"account_id": str(one.id)}), 422)
    await json(await client.call("DELETE", f"{PATH}/{number}/items/{items[two.id]['id']}"))
    await json(await client.call("DELETE", f"{PATH}/{number}/items/{items[two.id]['id']}"), 404)
    assert await _members(client, number) == [str(me.id)]


async def test_nobody_is_collected_against_their_will(node: Node) -> None:
    me = await builders.local_account("me")
    shy, enemy = await builders.local_account("shy"), await builders.local_account("enemy", discoverable=True)
    private = await builders.local_account("private", discoverable=True, is_private=True)
    await blocks.block(enemy, me)
    client = await node.signed_in(me)
    for unwilling in (shy, enemy, private):
        await _made(client, 403, account_ids=[str(unwilling.id)])
    await _made(client, 404, account_ids=["5"])
    await builders.following(me, private)
    number = (await _made(client, account_ids=[str(private.id)]))["collection"]["id"]
    assert len((await json(await client.get(f"/api/v1/accounts/{me.id}/collections")))["collections"]) == 1
    viewer = await node.signed_in(shy)
    assert await _members(viewer, number) == [str(private.id)]
    await blocks.block(shy, private)
    assert await _members(viewer, number) == []
    await json(await (await node.signed_in(enemy)).get(f"{PATH}/{number}"))
    await blocks.block(me, shy)
    await json(await viewer.get(f"{PATH}/{number}"), 403)
    assert await json(await viewer.get(f"/api/v1/accounts/{me.id}/collections")) == {"collections": []}


async def test_collections_are_paged_and_the_undiscoverable_are_their_owners(node: Node) -> None:
    me = await builders.local_account("me")
    client = await node.signed_in(me)
    ids = [
        (await _made(client, name=f"No. {number}", discoverable=number > 0))["collection"]["id"] for number in range(10)
    ]
    full = await _made(client, 422)
    assert full["error"]["error"] == "Validation failed: Collections are too many, no more than 10 are allowed"
    path = f"/api/v1/accounts/{me.id}/collections"
    assert [item["id"] for item in (await json(await node.client().get(path)))["collections"]] == ids[:0:-1]
    seen: list[str] = []
    following = f"{path}?limit=4"
    while following:
        answer = await client.get(following)
        seen += [item["id"] for item in (await json(answer))["collections"]]
        links = answer.headers.get("Link", "")
        following = links.partition("<https://here.example")[2].partition(">")[0] if 'rel="next"' in links else ""
    assert seen == ids[::-1]
    with counted_statements() as few:
        await client.get(f"{path}?limit=1")
    with counted_statements() as many:
        await client.get(path)
    assert len(few) == len(many)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": ""}, ("name", "ERR_BLANK")),
        ({"name": "x" * 41}, ("name", "ERR_TOO_LONG")),
        ({"description": "x" * 101}, ("description", "ERR_TOO_LONG")),
        ({"language": "no language"}, ("language", "ERR_INVALID")),
        ({"account_ids": [str(number) for number in range(26)]}, ("collection_items", "ERR_TOO_MANY")),
    ],
)
async def test_what_cannot_be_a_collection_is_refused(node: Node, body: dict[str, Any], error: tuple[str, str]) -> None:
    client = await node.signed_in(await builders.local_account("me"))
    refused = await _made(client, 422, **body)
    assert refused["error"]["details"][error[0]][0]["error"] == error[1]
    me = await Account.get(username="me")
    assert await json(await client.get(f"/api/v1/accounts/{me.id}/collections")) == {"collections": []}


async def test_collections_need_their_scopes(node: Node) -> None:
    me = await builders.local_account("me")
    await _made(await node.signed_in(me, "read", "write:accounts"), 403)
    await _made(node.client(), 401)
    number = (await _made(await node.signed_in(me, "write:collections")))["collection"]["id"]
    assert (await json(await node.client().get(f"{PATH}/{number}")))["collection"]["items"] == []
    await json(await (await node.signed_in(me, "read:statuses")).get(f"{PATH}/{number}"), 403)


async def test_a_collection_is_found_by_its_address_unless_its_owner_blocks(node: Node) -> None:
    me, other = await builders.local_account("me"), await builders.local_account("other")
    made = (await _made(await node.signed_in(me)))["collection"]
    client = await node.signed_in(other)
    found = await json(await client.get("/api/v2/search", query_string={"q": made["uri"]}))
    assert [one["id"] for one in found["collections"]] == [made["id"]]
    assert found["accounts"] == found["statuses"] == []
    await blocks.block(me, other)
    found = await json(await client.get("/api/v2/search", query_string={"q": made["uri"], "type": "collections"}))
    assert found["collections"] == []


async def test_a_collection_has_a_page_at_its_address_and_its_uri_leads_there(node: Node) -> None:
    me = await builders.local_account("me", display_name="Me & mine")
    here = await builders.local_account("here", discoverable=True, display_name="<Heron>")
    there = await builders.remote_account("there", discoverable=True)
    ids = [str(here.id), str(there.id)]
    made = (await _made(await node.signed_in(me), description="Very nice", account_ids=ids))["collection"]
    assert made["url"] == f"https://here.example/collections/{made['id']}"
    page = await node.browser().open(made["url"].removeprefix("https://here.example"))
    assert page.status == 200
    for words in ("Nice accounts", "Very nice", "Me &amp; mine", "&lt;Heron&gt;", "noindex"):
        assert words in page.text
    assert "@there" not in page.text, "who has not agreed is not shown"
    path = made["uri"].removeprefix("https://here.example")
    answer = await node.client().get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (302, made["url"])
    for path in ("/collections/7", f"/ap/users/7/collections/{made['id']}", "/ap/users/7/collections/7"):
        assert (await node.client().get(path)).status_code == 404
