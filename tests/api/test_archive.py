"""The archive over Pixelfed's calls."""

from __future__ import annotations

import pytest

from federation.outbound import publish, publish_members
from node import events
from node.errors import Forbidden
from node.models.accounts import Account
from node.services import archive, pins, posts, shares
from tests import builders
from tests.api.client import Client, Node, json


async def ids(client: Client, path: str) -> list[str]:
    """The ids of a list."""
    return [item["id"] for item in await json(await client.get(path))]


async def test_an_archived_post_is_hidden_from_everybody_else_and_comes_back_as_it_was(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    carol = await builders.remote_account("carol")
    await builders.following(bob, alice)
    await builders.following(carol, alice)
    post = await builders.post(alice, "A #heron for @bob")
    other = await builders.post(alice, "A weir")
    await pins.pin(alice, post.id)
    await shares.share(bob, post.id)
    mine, bobs, public = await node.signed_in(alice), await node.signed_in(bob), node.client()

    async with builders.hearing(events.PostGone) as heard:
        for _ in range(2):
            assert await json(await mine.post(f"/api/v1.1/archive/add/{post.id}")) == [200]
    assert [fact.post_id for fact in heard if isinstance(fact, events.PostGone)] == [post.id]
    for client in (bobs, public):
        await json(await client.get(f"/api/v1/statuses/{post.id}"), 404)
    lists = {
        "/api/v1/timelines/home": (mine, bobs),
        "/api/v1/timelines/public": (mine, bobs, public),
        "/api/v1/timelines/tag/heron": (mine, bobs, public),
        f"/api/v1/accounts/{alice.id}/statuses": (mine, bobs, public),
        f"/api/v1/accounts/{alice.id}/statuses?pinned=true": (mine, bobs, public),
        f"/api/v1/accounts/{bob.id}/statuses": (mine, bobs, public),
        f"/api/v1/statuses?id[]={post.id}": (mine, bobs, public),
    }
    for path, callers in lists.items():
        for client in callers:
            assert str(post.id) not in await ids(client, path), path
    assert (await json(await public.get(f"/api/v1/accounts/{alice.id}")))["statuses_count"] == 1
    outbox = await json(await public.get(f"/ap/users/{alice.id}/outbox?page=true"))
    assert [item["object"]["id"] for item in outbox["orderedItems"]] == [other.uri]
    assert (
        await public.get(f"/ap/posts/{post.id}", headers={"Accept": "application/activity+json"})
    ).status_code == 404

    shown = await json(await mine.get(f"/api/v1/statuses/{post.id}"))
    assert (shown["visibility"], "pinned" in shown) == ("direct", False)
    listed = await json(await mine.get("/api/pixelfed/v1/archive/list"))
    assert ([item["id"] for item in listed["data"]], listed["meta"]["next_cursor"]) == ([str(post.id)], None)
    assert (await json(await bobs.get("/api/v1.1/archive/list")))["data"] == []

    for _ in range(2):
        assert await json(await mine.post(f"/api/pixelfed/v1/archive/remove/{post.id}")) == [200]
    assert (await json(await public.get(f"/api/v1/statuses/{post.id}")))["visibility"] == "public"
    assert str(post.id) in await ids(bobs, "/api/v1/timelines/home")
    assert (await json(await public.get(f"/api/v1/accounts/{alice.id}")))["statuses_count"] == 2
    assert (await json(await mine.get("/api/v1.1/archive/list")))["data"] == []


async def test_the_archive_is_read_page_by_page(node: Node) -> None:
    alice = await builders.local_account("alice")
    made = [await builders.post(alice, str(number)) for number in range(12)]
    for post in made:
        await archive.put_away(alice, post.id)
    client = await node.signed_in(alice)
    first = await json(await client.get("/api/v1.1/archive/list"))
    second = await json(await client.get(first["links"]["next"].removeprefix("https://here.example")))
    found = [item["id"] for page in (first, second) for item in page["data"]]
    assert found == [str(post.id) for post in reversed(made)]
    assert second["links"]["next"] is None


async def test_only_ones_own_posts_are_archived(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await builders.post(alice)
    comment = await builders.post(alice, "more", parent_id=post.id)
    direct = await builders.post(alice, "@bob", visibility="direct")
    foreign = await builders.post(bob)
    share = await shares.share(alice, foreign.id)
    client = await node.signed_in(alice)
    for other in (comment, direct, foreign, share):
        await json(await client.post(f"/api/v1.1/archive/add/{other.id}"), 404)
    reader = await node.signed_in(alice, "read", "write:favourites")
    await json(await reader.post(f"/api/v1.1/archive/add/{post.id}"), 403)
    await json(await reader.post(f"/api/v1.1/archive/remove/{post.id}"), 403)
    await json(await node.client().get("/api/v1.1/archive/list"), 401)
    assert (await builders.fresh(post)).visibility == "public"


async def test_nothing_happens_around_an_archived_post(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, carol = await builders.local_account("alice"), await builders.remote_account("carol")
    await builders.following(carol, alice)
    post = await builders.post(alice)
    await archive.put_away(alice, post.id)
    sent: list[dict[str, object]] = []

    async def send(account_id: int, document: dict[str, object], inboxes: object, **_: object) -> None:
        sent.append(document)

    monkeypatch.setattr(publish_members, "send", send)
    with pytest.raises(Forbidden):
        await builders.post(alice, "a comment", parent_id=post.id)
    with pytest.raises(Forbidden):
        await shares.share(alice, post.id)
    refused = await json(await (await node.signed_in(alice)).post(f"/api/v1/statuses/{post.id}/pin"), 422)
    assert refused["error"] == "Validation failed: An archived post cannot be pinned"
    await posts.edit(alice, post.id, posts.Edit(text="another caption"))
    await publish.post_edited(events.PostEdited(post.id))
    assert sent == []
    await archive.take_out(alice, post.id)
    await publish.post_edited(events.PostEdited(post.id))
    assert [document["type"] for document in sent] == ["Update"]
    await archive.put_away(alice, post.id)
    await posts.delete(alice, post.id)
    assert (await Account.get(id=alice.id)).posts_count == 0
