"""What others fetch from us, who gets it, and that what is hidden looks like what is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from activitypub.parse import parse_actor, parse_collection, parse_note, parse_public_key
from activitypub.signatures import read_accept_signature
from federation import ready
from node import urls
from node.models.accounts import Account
from node.models.posts import Post
from node.services import account_collections, accounts, blocks, comment_limits, domains, likes, posts, shares
from node.services.account_collections import CollectionChanges
from node.services.posts import Draft, Edit
from tests import builders
from tests.federation.node import ACTIVITY, Node
from tests.federation.peer import Peer, signed_get_headers
from tests.federation.test_received_activities import met

LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


async def read(node: Node, path: str, **how: Any) -> dict[str, Any]:
    answer = await node.get(path, **how)
    assert answer.status_code == 200, await answer.get_data(as_text=True)
    assert answer.headers["Content-Type"] == ACTIVITY
    document: dict[str, Any] = json.loads(await answer.get_data())
    return document


def path_of(uri: str) -> str:
    return uri.removeprefix("http://here.example")


async def test_an_actor_document_has_what_every_peer_asks_for(node: Node) -> None:
    me = await builders.local_account(
        display_name="Me",
        avatar_key="a/b.jpg",
        avatar_description="a face",
        memorial=True,
        attribution_domains=["news.example"],
    )
    actor = parse_actor(await read(node, path_of(me.uri)))
    assert (actor.id, actor.type, actor.username, actor.name) == (me.uri, "Person", me.username, "Me")
    assert (actor.inbox, actor.shared_inbox) == (f"{me.uri}/inbox", "http://here.example/inbox")
    assert actor.webfinger == f"{me.username}@here.example"
    [key] = actor.public_keys
    assert (key.id, key.owner) == (f"{me.uri}#main-key", me.uri)
    assert actor.icon is not None
    assert (actor.icon.media_type, actor.icon.description) == ("image/jpeg", "a face")
    assert (actor.memorial, actor.attribution_domains) == (True, ("news.example",))


@pytest.mark.parametrize("accept", [ACTIVITY, LD, f"text/html;q=0.1, {ACTIVITY}", "application/ld+json"])
async def test_every_way_of_asking_for_activitypub_is_understood(node: Node, accept: str) -> None:
    me = await builders.local_account()
    answer = await node.get(path_of(me.uri), accept)
    assert (answer.status_code, answer.headers["Vary"]) == (200, "Accept")


async def test_a_browser_is_sent_to_the_page(node: Node) -> None:
    me = await builders.local_account()
    post = await builders.post(me)
    for uri, page in ((me.uri, urls.profile(me.username)), (post.uri, urls.post_page(me.username, post.id))):
        answer = await node.get(path_of(uri), "text/html,application/xhtml+xml,*/*;q=0.8")
        assert (answer.status_code, answer.headers["Location"]) == (302, page)


async def test_a_post_is_served_as_it_was_delivered(node: Node) -> None:
    post = await builders.post(await builders.local_account(), "Hello #heron")
    note = await read(node, path_of(post.uri))
    create = await read(node, path_of(post.uri) + "/activity")
    assert parse_note(note).id == post.uri
    assert note["replies"].pop("first")["items"] == [], "read on the spot, the answers come along"
    note["replies"] = note["replies"]["id"]
    assert create["object"] == {key: value for key, value in note.items() if key != "@context"}
    assert create["id"] == post.uri + "/activity"


async def test_the_instance_actor_is_open_and_always_the_same(node: Node) -> None:
    actor = parse_actor(await read(node, "/actor"))
    assert (actor.id, actor.type, actor.username) == ("http://here.example/actor", "Application", "here.example")
    assert actor.manually_approves_followers
    assert await node.count("accounts", "uri = ?", actor.id) == 1
    assert (await read(node, "/actor/outbox"))["totalItems"] == 0


@pytest.mark.parametrize("visibility", ["followers", "direct"])
async def test_what_is_not_public_is_served_to_a_signed_request_of_somebody_it_is_for(
    node: Node, peer: Peer, visibility: str
) -> None:
    ann, eve = peer.person("ann"), peer.person("eve", key=1)
    me = await builders.local_account()
    account = await met(node, ann)
    await met(node, eve)
    await builders.following(account, me)
    post = await posts.publish(me, Draft(text=f"@{ann.handle} for you", visibility=visibility))
    for suffix in ("", "/activity", "/replies", "/likes", "/shares"):
        path = path_of(post.uri) + suffix
        assert (await node.get(path, by=ann)).status_code == 200
        assert (await node.get(path, by=ann)).headers["Cache-Control"] == "private, no-store"
        missing = await node.get(path_of(urls.post(1)) + suffix)
        for hidden in (await node.get(path), await node.get(path, by=eve), await node.get(path, "text/html")):
            assert hidden.status_code == missing.status_code == 404
            assert await hidden.get_data() == await missing.get_data()
            assert dict(hidden.headers) == dict(missing.headers)
    assert ready.ready_document(path_of(post.uri), ACTIVITY) is None


async def test_a_comment_held_back_is_served_to_nobody_it_is_not_for(node: Node, peer: Peer) -> None:
    ann = peer.person("ann")
    me, other = await builders.local_account(), await builders.local_account()
    await met(node, ann)
    mine = await builders.post(me)
    await comment_limits.change(me, comment_limits.Changes(keywords=["spam"]))
    held, seen = [await builders.post(other, text, parent_id=mine.id) for text in ("spam", "fine")]
    for suffix in ("", "/activity", "/replies"):
        for by in (None, ann):
            assert (await node.get(path_of(held.uri) + suffix, by=by)).status_code == 404
            assert (await node.get(path_of(seen.uri) + suffix, by=by)).status_code == 200
    assert ready.ready_document(path_of(held.uri), ACTIVITY) is None
    outbox = path_of(other.uri) + "/outbox"
    assert (await read(node, outbox))["totalItems"] == 1
    page = await read(node, f"{outbox}?page=true")
    assert [item["object"]["id"] for item in page["orderedItems"]] == [seen.uri]


async def test_a_bad_signature_opens_nothing(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await builders.following(await met(node, ann), me)
    post = await builders.post(me, visibility="followers")
    headers = signed_get_headers(ann, post.uri + "x") | {"Accept": ACTIVITY}
    answer = await node.app.test_client().get(path_of(post.uri), headers=headers)
    assert answer.status_code == 404
    ann.private_pem = builders.one_key()
    assert (await node.get(path_of(post.uri), by=ann)).status_code == 404


async def test_somebody_blocked_sees_nothing_when_they_say_who_they_are(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    post = await builders.post(me)
    await blocks.block(me, await met(node, ann))
    assert (await node.get(path_of(post.uri))).status_code == 200
    hidden, missing = await node.get(path_of(post.uri), by=ann), await node.get("/ap/posts/1")
    assert (hidden.status_code, await hidden.get_data()) == (404, await missing.get_data())
    assert dict(hidden.headers) == dict(missing.headers)
    for name in ("outbox", "followers", "following", "featured"):
        path = f"{path_of(me.uri)}/{name}"
        open_answer, answer = await node.get(path), await node.get(path, by=ann)
        assert (open_answer.headers["Vary"], "Cache-Control" in open_answer.headers) == ("Accept", False)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Vary"] == "Accept, Signature, Signature-Input"
        collection = json.loads(await answer.get_data())
        assert (collection["totalItems"], "first" in collection) == (0, False)


async def test_a_suspended_domain_that_says_who_it_is_finds_nothing(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    post = await builders.post(me)
    await met(node, ann)
    await domains.block(peer.host.partition(":")[0])
    made = await account_collections.create(me, CollectionChanges("Birders", discoverable=True), [])
    for path in (
        *(path_of(post.uri), path_of(post.uri) + "/replies", f"{path_of(me.uri)}/outbox"),
        *(path_of(made.uri), f"{path_of(me.uri)}/collections"),
    ):
        assert (await node.get(path, by=ann)).status_code == 404
    assert (await node.get(path_of(me.uri), by=ann)).status_code == 200, "our farewell has to be verified"


async def test_a_deleted_post_is_410_and_a_deleted_account_too(node: Node) -> None:
    me = await builders.local_account()
    post = await builders.post(me)
    assert (await node.get(path_of(post.uri))).status_code == 200
    await posts.delete(me, post.id)
    gone = await node.get(path_of(post.uri))
    assert gone.status_code == 410
    assert json.loads(await gone.get_data())["type"] == "Tombstone"
    private = await builders.post(me, visibility="followers")
    await posts.delete(me, private.id)
    assert (await node.get(path_of(private.uri))).status_code == 404, "nobody learns that it was there"
    await accounts.delete_local(me)
    for suffix in ("", "/outbox", "/followers"):
        assert (await node.get(path_of(me.uri) + suffix)).status_code == 410


async def test_nobody_and_the_remote_are_404(node: Node, peer: Peer) -> None:
    account = await met(node, peer.person("ann"))
    post = await builders.received(account)
    for path in ("/ap/users/1", f"/ap/users/{account.id}", "/ap/posts/1", f"/ap/posts/{post.id}", "/ap/users/x"):
        assert (await node.get(path)).status_code == 404


async def test_the_outbox_lists_what_is_public_page_by_page_and_nothing_else(node: Node) -> None:
    me, other = await builders.local_account(), await builders.local_account()
    public = [await builders.post(me, f"number {number}") for number in range(24)]
    await builders.post(me, visibility="followers")
    share = await shares.share(me, (await builders.post(other)).id)
    outbox = parse_collection(await read(node, path_of(me.uri) + "/outbox"))
    assert (outbox.type, outbox.total_items, outbox.first) == ("OrderedCollection", 25, f"{me.uri}/outbox?page=true")
    first = await read(node, path_of(me.uri) + "/outbox?page=true")
    assert [item["type"] for item in first["orderedItems"][:2]] == ["Announce", "Create"]
    assert first["orderedItems"][0]["id"] == share.uri
    second = await read(node, path_of(first["next"]))
    objects = [
        item["object"]["id"] for page in (first, second) for item in page["orderedItems"] if item["type"] == "Create"
    ]
    assert objects == [post.uri for post in reversed(public)]
    assert "next" not in second and "prev" not in first
    assert second["id"] == first["next"]
    back = await read(node, path_of(second["prev"]))
    assert (back["id"], back["orderedItems"]) == (second["prev"], first["orderedItems"])
    assert path_of(back["next"]) == path_of(first["next"])
    newest = await read(node, path_of(back["prev"]))
    assert (newest["orderedItems"], "next" in newest, "prev" in newest) == ([], False, False)


async def test_followers_are_listed_unless_their_account_hides_them(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    account = await met(node, peer.person("ann"))
    await builders.following(account, me)
    page = await read(node, path_of(me.uri) + "/followers?page=true")
    assert page["orderedItems"] == [account.uri]
    await Account.filter(id=me.id).update(hide_collections=True)
    for query in ("", "?page=true"):
        hidden = await read(node, path_of(me.uri) + "/followers" + query)
        assert (hidden["totalItems"], "first" in hidden, "orderedItems" in hidden) == (1, False, False)


async def test_what_hangs_on_a_post(node: Node) -> None:
    me = await builders.local_account()
    post = await builders.post(me)
    comment = await builders.post(me, "A comment", parent_id=post.id)
    await builders.post(me, "hidden", parent_id=post.id, visibility="followers")
    await likes.like(me, post.id)
    replies = await read(node, path_of(post.uri) + "/replies")
    assert replies["first"]["items"] == [comment.uri]
    assert (await read(node, path_of(post.uri) + "/likes"))["totalItems"] == 1
    assert (await read(node, path_of(post.uri) + "/shares"))["totalItems"] == 0
    assert (await read(node, path_of(me.uri) + "/featured"))["totalItems"] == 0


async def test_ready_bytes_are_what_the_route_answers_and_go_when_it_changes(node: Node) -> None:
    me = await builders.local_account()
    post = await builders.post(me)
    for uri in (me.uri, post.uri):
        assert ready.ready_document(path_of(uri), ACTIVITY) is None
        answer = await node.get(path_of(uri))
        assert ready.ready_document(path_of(uri), ACTIVITY) == await answer.get_data()
        assert ready.ready_document(path_of(uri), "text/html") is None
        assert ready.ready_document(path_of(uri), "*/*") is None
    await posts.edit(me, post.id, Edit(text="Changed"))
    await accounts.update_profile(me, accounts.ProfileChanges(display_name="Changed"))
    for uri in (me.uri, post.uri):
        assert ready.ready_document(path_of(uri), ACTIVITY) is None
        assert b"Changed" in await (await node.get(path_of(uri))).get_data()
    await posts.delete(me, post.id)
    assert ready.ready_document(path_of(post.uri), ACTIVITY) is None


async def test_a_share_is_not_a_document(node: Node) -> None:
    me = await builders.local_account()
    share = await shares.share(me, (await builders.post(await builders.local_account())).id)
    assert (await node.get(f"/ap/posts/{share.id}")).status_code == 404
    assert await Post.filter(id=share.id).exists()


class TestAuthorizedFetch:
    """With authorized fetch only the instance actor and the keys of accounts are open, and nothing tells what there is."""

    @pytest.fixture
    def federation_options(self) -> dict[str, object]:
        return {"authorized_fetch": True}

    async def test_public_posts_need_a_signature(self, node: Node, peer: Peer) -> None:
        ann, me = peer.person("ann"), await builders.local_account()
        post = await builders.post(me)
        private = await builders.post(me, visibility="followers")
        await met(node, ann)
        refusals = [
            await node.get(path)
            for path in (
                *(path_of(post.uri), path_of(post.uri) + "/activity", path_of(post.uri) + "/replies"),
                *(path_of(private.uri), "/ap/posts/1", f"{path_of(me.uri)}/outbox", "/ap/users/1/outbox"),
            )
        ]
        assert {answer.status_code for answer in refusals} == {401}
        assert len({(await answer.get_data(), str(answer.headers)) for answer in refusals}) == 1
        asked = read_accept_signature(refusals[0].headers["Accept-Signature"])
        assert asked is not None
        assert asked.covered == ("@method", "@target-uri")
        assert (await node.get(path_of(private.uri), by=ann)).status_code == 404
        answer = await node.get(path_of(post.uri), by=ann)
        assert answer.status_code == 200
        assert answer.headers["Vary"] == "Accept, Signature, Signature-Input"
        assert ready.ready_document(path_of(post.uri), ACTIVITY) is None
        assert (await node.get(f"{path_of(me.uri)}/outbox", by=ann)).status_code == 200

    async def test_an_account_shows_the_unsigned_its_keys_alone(self, node: Node, peer: Peer) -> None:
        me = await builders.local_account(display_name="Me")
        assert (await node.get("/actor")).status_code == 200
        stub = await read(node, path_of(me.uri))
        assert parse_public_key(stub).id == f"{me.uri}#main-key"
        assert stub["assertionMethod"][0]["id"] == f"{me.uri}#ed25519-key"
        assert not stub.keys() & {"name", "inbox", "summary", "outbox"}
        assert ready.ready_document(path_of(me.uri), ACTIVITY) is None
        await met(node, peer.person("ann"))
        assert (await read(node, path_of(me.uri), by=peer.people["ann"]))["name"] == "Me"

    async def test_a_browser_is_sent_to_the_page_of_what_is_public(self, node: Node) -> None:
        me = await builders.local_account()
        public, private = await builders.post(me), await builders.post(me, visibility="followers")
        assert (await node.get(path_of(public.uri), "text/html")).status_code == 302
        assert (await node.get(path_of(private.uri), "text/html")).status_code == 404

    async def test_collections_of_accounts_are_as_closed_as_everything_else(self, node: Node, peer: Peer) -> None:
        ann, me = peer.person("ann"), await builders.local_account()
        await met(node, ann)
        made = await account_collections.create(me, CollectionChanges("Birders", discoverable=True), [])
        missing = f"{path_of(me.uri)}/collections/1"
        paths = (
            path_of(made.uri),
            missing,
            f"{path_of(me.uri)}/collections",
            f"{path_of(me.uri)}/feature_authorizations/1",
        )
        refusals = [await node.get(path) for path in paths]
        assert {answer.status_code for answer in refusals} == {401}
        assert len({(await answer.get_data(), str(answer.headers)) for answer in refusals}) == 1
        assert (await node.get(path_of(made.uri), by=ann)).status_code == 200
        assert (await node.get(path_of(made.uri), "text/html")).status_code == 302

    async def test_a_suspended_domain_is_told_nothing(self, node: Node, peer: Peer) -> None:
        ann, me = peer.person("ann"), await builders.local_account()
        await met(node, ann)
        await domains.block(peer.host.partition(":")[0])
        assert (await node.get(f"{path_of(me.uri)}/outbox", by=ann)).status_code == 404
        assert (await read(node, path_of(me.uri), by=ann)).keys() & {"name", "inbox"} == set()
