"""The caller's own profile, edited."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.accounts import Account
from node.services import profile_links
from tests import builders
from tests.api.client import Client, Node, json

PATH = "/api/v1/profile"


async def _change(client: Client, body: dict[str, Any], status: int = 200, method: str = "PATCH") -> Any:
    return await json(await client.call(method, PATH, json=body), status)


async def test_a_profile_is_edited_as_it_was_typed(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    fresh = await json(await client.get(PATH))
    assert (fresh["avatar"], fresh["header_static"], fresh["note"], fresh["fields"]) == (None, None, "", [])
    assert (fresh["show_media"], fresh["show_media_replies"], fresh["show_featured"]) == (True, True, True)
    changed = await _change(
        client,
        {
            "note": "I walk #rivers",
            "show_media": False,
            "show_featured": False,
            "avatar_description": "A heron",
            "attribution_domains": ["https://News.example", "*.blog.example", "", "news.example"],
            "fields_attributes": [{"name": "Site", "value": "https://alice.example"}],
        },
    )
    assert changed == await json(await client.get(PATH))
    shown = await json(await client.post("/api/v1/featured_tags", json={"name": "rivers"}))
    assert (await json(await client.get(PATH)))["featured_tags"] == [shown]
    assert changed["note"] == "I walk #rivers"
    assert "#<span>rivers</span>" in changed["formatted_note"]
    assert changed["fields"] == [{"name": "Site", "value": "https://alice.example", "verified_at": None}]
    assert 'rel="nofollow noopener noreferrer me"' in changed["formatted_fields"][0]["value"]
    assert changed["attribution_domains"] == ["news.example", "blog.example"]
    shown = await json(await client.get("/api/v1/accounts/verify_credentials"))
    assert (shown["show_media"], shown["show_media_replies"], shown["show_featured"]) == (False, True, False)
    assert shown["role"]["collection_limit"] == 10
    assert (await _change(client, {"display_name": "Alice"}, method="PUT"))["display_name"] == "Alice"
    assert shown["source"]["attribution_domains"] == ["news.example", "blog.example"]


async def test_a_verified_link_stays_so_while_it_says_the_same(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    page, other = "https://alice.example/", "https://other.example/"
    sites = [{"name": "Site", "value": page}, {"name": "Other", "value": other}]
    await _change(client, {"fields_attributes": sites})
    await profile_links.mark_verified(alice.id, [page])
    seen = await json(await node.client().get(f"/api/v1/accounts/{alice.id}"))
    first, second = (field["verified_at"] for field in seen["fields"])
    assert first is not None
    assert second is None
    renamed = await _change(client, {"fields_attributes": [{"name": "Home", "value": page}]})
    assert renamed["fields"] == [{"name": "Home", "value": page, "verified_at": first}]
    moved = await _change(client, {"fields_attributes": [{"name": "Home", "value": other}]})
    assert moved["fields"][0]["verified_at"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"attribution_domains": ["no domain"]},
        {"attribution_domains": [f"{number}.example" for number in range(11)]},
        {"avatar_description": "x" * 2000},
    ],
)
async def test_what_cannot_be_changes_nothing(node: Node, body: dict[str, Any]) -> None:
    alice = await builders.local_account()
    refused = await _change(await node.signed_in(alice), {"display_name": "New", **body}, 422)
    assert next(iter(body)) in refused["details"]
    assert (await Account.get(id=alice.id)).display_name == ""


async def test_the_profile_needs_its_scopes(node: Node) -> None:
    alice = await builders.local_account()
    await json(await (await node.signed_in(alice, "profile")).get(PATH))
    await json(await (await node.signed_in(alice, "read:statuses")).get(PATH), 403)
    await _change(await node.signed_in(alice, "read"), {}, 403)
    await json(await node.client().get(PATH), 401)


async def test_preferences_name_everything_apps_ask_for(node: Node) -> None:
    shown = await json(await (await node.signed_in(await builders.local_account())).get("/api/v1/preferences"))
    assert shown == {
        "posting:default:visibility": "public",
        "posting:default:sensitive": False,
        "posting:default:language": "en",
        "posting:default:quote_policy": shown["posting:default:quote_policy"],
        "reading:expand:media": "default",
        "reading:expand:spoilers": False,
        "reading:autoplay:gifs": False,
    }
