"""Search over the API."""

from __future__ import annotations

import pytest

from federation import resolve
from node.services import blocks
from tests import builders
from tests.api.client import Node, json


async def test_search_finds_accounts_hashtags_and_posts_by_address(node: Node) -> None:
    alice = await builders.local_account("heron_fan")
    post = await builders.post(alice, "#Heronry")
    client = node.client()
    found = await json(await client.get("/api/v2/search?q=heron"))
    assert [item["id"] for item in found["accounts"]] == [str(alice.id)]
    assert [item["name"] for item in found["hashtags"]] == ["Heronry"]
    assert found["statuses"] == []
    by_address = await json(await client.get("/api/v2/search", query_string={"q": post.url}))
    assert [item["id"] for item in by_address["statuses"]] == [str(post.id)]
    profile = await json(await client.get("/api/v2/search?q=https://here.example/@heron_fan"))
    assert [item["id"] for item in profile["accounts"]] == [str(alice.id)]
    only = await json(await client.get("/api/v2/search?q=%23heron&type=hashtags"))
    assert [item["url"] for item in only["hashtags"]] == ["https://here.example/tags/heronry"]
    assert only["accounts"] == []


async def test_only_members_have_other_servers_asked(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = await builders.remote_account("bob", "far.example")
    asked: list[str] = []

    async def resolve_handle(handle: str) -> object:
        asked.append(handle)
        return bob

    monkeypatch.setattr(resolve, "resolve_handle", resolve_handle)
    path = "/api/v2/search?q=@new@far.example"
    await json(await node.client().get(f"{path}&resolve=true"), 401)
    client = await node.signed_in(await builders.local_account())
    assert (await json(await client.get(path)))["accounts"] == []
    assert asked == []
    found = await json(await client.get(f"{path}&resolve=true"))
    assert [item["acct"] for item in found["accounts"]] == ["bob@far.example"]
    assert asked == ["@new@far.example"]


async def test_what_cannot_be_resolved_is_simply_not_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(what: str) -> object:
        raise resolve.TryLater(what, "down")

    for name in ("resolve_handle", "resolve_post", "resolve_actor"):
        monkeypatch.setattr(resolve, name, fails)
    client = await node.signed_in(await builders.local_account())
    for term in ("@bob@far.example", "https://far.example/posts/1"):
        found = await json(await client.get("/api/v2/search", query_string={"q": term, "resolve": "true"}))
        assert found == {"accounts": [], "statuses": [], "hashtags": [], "collections": []}


@pytest.mark.parametrize("query", ["", "q=", "q=a&type=things", "q=a&limit=x", "q=" + "a" * 3000])
async def test_a_search_that_makes_no_sense_is_refused(node: Node, query: str) -> None:
    await json(await node.client().get(f"/api/v2/search?{query}"), 400)


@pytest.mark.parametrize(
    "term", ["%", "_", "\\", "'; DROP TABLE posts; --", "#", "@", "@@", "🙂", "http://", "https://here.example/@x/y"]
)
async def test_odd_words_find_nothing_and_break_nothing(node: Node, term: str) -> None:
    await builders.post(await builders.local_account("alice"), "#heron")
    found = await json(await node.client().get("/api/v2/search", query_string={"q": term}))
    assert found == {"accounts": [], "statuses": [], "hashtags": [], "collections": []}


@pytest.mark.parametrize("path", ["/api/v2/search?q=%00", "/api/v1/accounts/lookup?acct=a%00"])
async def test_text_that_no_database_can_hold_is_refused(node: Node, path: str) -> None:
    await json(await node.client().get(path), 400)


async def test_an_odd_hashtag_has_an_empty_timeline(node: Node) -> None:
    for name in ("%00", "a%00b", "%20", "%23", "a%2Fb", "%F0%9F%99%82"):
        answer = await node.client().get(f"/api/v1/timelines/tag/{name}")
        assert answer.status_code in (200, 404), name


async def test_mentions_of_strangers_elsewhere_are_looked_up_before_publishing(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = await builders.remote_account("known", "far.example")
    asked: list[str] = []

    async def resolve_handle(handle: str) -> object:
        asked.append(handle)
        if handle.startswith("lost"):
            raise resolve.Unresolvable(handle, "no such person")
        username, _, domain = handle.partition("@")
        return await builders.remote_account(username, domain)

    monkeypatch.setattr(resolve, "resolve_handle", resolve_handle)
    client = await node.signed_in(await builders.local_account())
    many = " ".join(f"@m{number:02}@far.example" for number in range(20))
    shown = await json(
        await client.post("/api/v1/statuses", json={"status": "@known@far.example @new@far.example @lost@far.example"})
    )
    assert sorted(asked) == ["lost@far.example", "new@far.example"]
    assert {item["acct"] for item in shown["mentions"]} == {"known@far.example", "new@far.example"}
    assert str(known.id) in {item["id"] for item in shown["mentions"]}
    assert "@lost@far.example" in shown["content"]
    asked.clear()
    await json(await client.post("/api/v1/statuses", json={"status": many}))
    assert len(asked) == 10


async def test_a_hashtag_is_shown_whether_or_not_it_is_used(node: Node) -> None:
    shown = await json(await node.client().get("/api/v1/tags/Heron"))
    assert (shown["name"], shown["url"]) == ("Heron", "https://here.example/tags/heron")
    assert {item["uses"] for item in shown["history"]} == {"0"}
    await json(await node.client().get("/api/v1/tags/%20"), 404)


async def test_a_whole_handle_finds_whom_one_blocks_but_not_who_blocks_one(node: Node) -> None:
    me, foe = await builders.local_account("me"), await builders.local_account("foe")
    await blocks.block(me, foe)
    for account, handle, names in (
        (me, "@foe@here.example", ["foe"]),
        (me, "foe", ["foe"]),
        (foe, "@me@here.example", []),
    ):
        client = await node.signed_in(account)
        found = await json(await client.get("/api/v2/search", query_string={"q": handle, "type": "accounts"}))
        assert [one["username"] for one in found["accounts"]] == names
