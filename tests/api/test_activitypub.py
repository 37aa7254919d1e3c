"""ActivityPub client-to-server: what somebody's own client does through their outbox, and what it reads in their inbox."""

from __future__ import annotations

import io
from typing import Any

from quart.datastructures import FileStorage

from api.activitypub import reading
from node import urls
from node.models.accounts import Account
from node.models.graph import Block, Follow, Like
from node.models.media import MediaFile
from node.models.posts import PinnedPost, Post
from node.services import blocks, follows, likes, shares
from tests import builders
from tests.api.client import Client, Node, json
from tests.media import zoo

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"


async def out(client: Client, me: Account, document: dict[str, Any], status: int = 201) -> str:
    """Post to somebody's outbox; the Location of the answer, or why it was refused."""
    headers = {"Content-Type": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'}
    answer = await client.post(path_of(me, "outbox"), json={"@context": AS, **document}, headers=headers)
    assert answer.status_code == status, await answer.get_data(as_text=True)
    return answer.headers["Location"] if status == 201 else (await json(answer, status))["error"]


def path_of(account: Account, name: str) -> str:
    return f"/ap/users/{account.id}/{name}"


async def inbox_of(client: Client, me: Account) -> list[dict[str, Any]]:
    answer = await client.get(path_of(me, "inbox") + "?page=true")
    assert answer.headers["Content-Type"] == "application/activity+json"
    found: list[dict[str, Any]] = (await json(answer))["orderedItems"]
    return found


async def test_a_note_is_published_edited_and_deleted(node: Node) -> None:
    me, friend = await builders.local_account("me"), await builders.local_account("friend")
    client = await node.signed_in(me)
    followers = f"{me.uri}/followers"
    note = {"type": "Note", "content": "<p>A <b>heron</b> &amp; me</p><p>#birds</p>", "summary": "feathers"}
    create = {"type": "Create", "actor": me.uri, "object": {**note, "to": [PUBLIC], "cc": [followers]}}
    location = await out(client, me, create)
    post = await Post.get(uri=location.removesuffix("/activity"))
    assert (post.text, post.spoiler_text, post.visibility) == ("A heron & me\n#birds", "feathers", "public")
    served = await json(await client.get(location.removeprefix("https://here.example")))
    assert (served["type"], served["id"], served["object"]["id"]) == ("Create", location, post.uri)
    assert [tag["name"] for tag in served["object"]["tag"]] == ["#birds"]
    bare = {**note, "to": [friend.uri], "source": {"content": "psst", "mediaType": "text/plain"}, "inReplyTo": post.uri}
    direct = await Post.get(uri=(await out(client, me, bare)).removesuffix("/activity"))
    assert (direct.text, direct.visibility, direct.parent_id) == ("@friend psst", "direct", post.id)
    quiet = await Post.get(uri=(await out(client, me, {**note, "to": followers})).removesuffix("/activity"))
    assert quiet.visibility == "followers"
    assert "somebody" in await out(client, me, {**note, "to": []}, 422)
    unlisted = await out(client, me, {"type": "Create", "to": followers, "cc": "as:Public", "object": note})
    assert (await Post.get(uri=unlisted.removesuffix("/activity"))).visibility == "unlisted"
    change = {"type": "Update", "object": {"id": post.uri, "type": "Note", "content": "<p>A stork</p>"}}
    assert (await out(client, me, change)).startswith(f"{post.uri}#updates/")
    edited = await builders.fresh(post)
    assert (edited.text, edited.spoiler_text) == ("A stork", "feathers")
    deletion = {"type": "Delete", "object": {"id": post.uri, "type": "Tombstone"}}
    assert await out(client, me, deletion) == f"{post.uri}#delete"
    assert not await Post.exists(id=post.id)


async def test_a_photograph_is_uploaded_described_and_posted(node: Node) -> None:
    me = await builders.local_account("me")
    client = await node.signed_in(me)
    picture = FileStorage(io.BytesIO(zoo.encoded(zoo.quadrants(300, 200))), "heron.jpg")
    answer = await client.post(
        "/ap/upload", files={"file": picture}, form={"object": '{"type":"Image","name":"a heron"}'}
    )
    body = await json(answer, 201)
    assert (body["url"], body["name"], body["mediaType"]) == (answer.headers["Location"], "a heron", "image/jpeg")
    note = {"type": "Note", "content": "", "to": [PUBLIC], "attachment": [{"type": "Image", "url": body["url"]}]}
    location = await out(client, me, note)
    [file] = await MediaFile.all()
    assert (file.description, (await Post.get(id=file.post_id or 0)).uri + "/activity") == ("a heron", location)
    elsewhere = {**note, "attachment": [{"type": "Image", "url": "https://else.example/1.jpg"}]}
    assert "uploaded here" in await out(client, me, elsewhere, 422)
    assert "uploaded here" in await out(client, me, note, 422), "it is in a post already"


async def test_a_photograph_stays_in_its_post_however_many_were_uploaded_since(node: Node) -> None:
    me = await builders.local_account("me")
    client = await node.signed_in(me)
    variants = {"full": {"key": "one/full.jpg", "type": "image/jpeg", "width": 3, "height": 2, "bytes": 1}}
    file = await builders.picture(me, variants=variants)
    post = await builders.post(me, "A heron", media_ids=(file.id,))
    for _ in range(reading.MAX_UNPOSTED):
        await builders.picture(me)
    pictures = [{"type": "Image", "url": urls.media("one/full.jpg"), "name": "in flight"}]
    note = {"id": post.uri, "type": "Note", "content": "A stork", "attachment": pictures}
    await out(client, me, {"type": "Update", "object": note})
    file = await builders.fresh(file)
    assert (file.post_id, file.description) == (post.id, "in flight")
    assert (await builders.fresh(post)).text == "A stork"


async def test_likes_shares_follows_and_blocks_are_done_and_undone(node: Node) -> None:
    me, bob = await builders.local_account("me"), await builders.remote_account("bob")
    theirs = await builders.received(bob)
    client = await node.signed_in(me)

    async def again(kind: str, what: str, left: Any) -> None:
        """Done twice it is there once; undone by its id, and by its kind and object."""
        for named in (True, False):
            uri = await out(client, me, {"type": kind, "object": what})
            assert await out(client, me, {"type": kind, "object": {"id": what}}) == uri
            assert await left.filter(uri=uri).count() == 1
            undone = uri if named else {"type": kind, "object": what}
            assert await out(client, me, {"type": "Undo", "object": undone}) == f"{uri}/undo"
            assert not await left.exists(uri=uri)
            await out(client, me, {"type": "Undo", "object": undone}, 404)

    await again("Like", theirs.uri, Like)
    await again("Announce", theirs.uri, Post)
    await again("Follow", bob.uri, Follow)
    await again("Block", bob.uri, Block)


async def test_pins_profile_and_requests_to_follow_go_through_it_too(node: Node) -> None:
    me, ann = await builders.local_account("me", is_private=True), await builders.local_account("ann")
    client, mine = await node.signed_in(me), await builders.post(me)
    pin = {"type": "Add", "object": mine.uri, "target": f"{me.uri}/featured"}
    assert "#pins/" in await out(client, me, pin)
    assert (await PinnedPost.get(account_id=me.id)).post_id == mine.id
    assert (await out(client, me, {**pin, "type": "Remove"})).endswith("/undo")
    assert await PinnedPost.all().count() == 0
    tag = {"type": "Add", "object": {"type": "Hashtag", "name": "#heron"}, "target": f"{me.uri}/featured_tags"}
    await out(client, me, tag)
    assert "target" in (await out(client, me, {**tag, "target": ann.uri}, 422)).lower()
    person = {"id": me.uri, "type": "Person", "name": "Me", "summary": "<p>I see birds</p>", "discoverable": True}
    await out(client, me, {"type": "Update", "object": person})
    now = await builders.fresh(me)
    assert (now.display_name, now.note_source, now.discoverable, now.is_private) == ("Me", "I see birds", True, True)
    asked = await follows.follow(ann, me)
    await out(client, me, {"type": "Accept", "object": asked.uri})
    assert (await builders.fresh(asked)).accepted
    await out(client, me, {"type": "Reject", "object": {"type": "Follow", "actor": ann.uri, "object": me.uri}})
    assert not await Follow.exists(id=asked.id)


async def test_the_inbox_tells_its_owner_what_others_did_as_far_as_they_may_see_it(node: Node) -> None:
    me, bob = await builders.local_account("me"), await builders.remote_account("bob")
    eve, mine = await builders.remote_account("eve", "far.example"), await builders.post(me)
    await builders.following(me, bob)
    first = await builders.received(bob, visibility="followers")
    share = await shares.share(bob, mine.id, uri="https://remote.example/s/1")
    named = await builders.received(eve, visibility="direct", mentions=(me,), content_html="<p>psst</p>")
    like = await likes.like(bob, mine.id, uri="https://remote.example/l/1")
    follow = await builders.following(eve, me)
    await builders.received(eve)
    client = await node.signed_in(me, "read")
    whole = await json(await client.get(path_of(me, "inbox")))
    assert (whole["type"], whole["first"]) == ("OrderedCollection", f"{me.uri}/inbox?page=true")
    told = await inbox_of(client, me)
    assert [(item["type"], item.get("id")) for item in told if item["type"] != "Create"] == [
        ("Follow", follow.uri),
        ("Like", like.uri),
        ("Announce", share.uri),
    ]
    notes = [item["object"] for item in told if item["type"] == "Create"]
    assert [note["id"] for note in notes] == [named.uri, first.uri]
    assert (notes[0]["content"], notes[0]["to"], notes[0]["attributedTo"]) == ("<p>psst</p>", [me.uri], eve.uri)
    assert notes[1]["to"] == [bob.followers_url]
    await blocks.block(me, eve)
    assert {item["actor"] for item in await inbox_of(client, me)} == {bob.uri}
    for number in range(25):
        await builders.received(bob, content_html=f"<p>{number}</p>")
    page = await json(await client.get(path_of(me, "inbox") + "?page=true"))
    following = await json(await client.get(page["next"].removeprefix("https://here.example")))
    seen = [item["object"] for item in (*page["orderedItems"], *following["orderedItems"])]
    assert len(page["orderedItems"]) == 20
    assert len({note["id"] for note in seen if isinstance(note, dict)}) == 26


async def test_strangers_and_narrow_tokens_do_and_read_nothing(node: Node) -> None:
    me, other = await builders.local_account("me"), await builders.local_account("other")
    note = {"type": "Note", "content": "<p>x</p>", "to": [PUBLIC]}
    reading, liking = await node.signed_in(me, "read"), await node.signed_in(me, "write:favourites")
    stranger, nobody = await node.signed_in(other), node.client()
    for client, status in ((nobody, 401), (Client(node.app, "wrong"), 401), (stranger, 403), (reading, 403)):
        await out(client, me, note, status)
    await out(liking, me, note, 403)
    mine = await builders.post(me)
    await out(liking, me, {"type": "Like", "object": mine.uri})
    await out(liking, me, {"type": "Undo", "object": {"type": "Like", "object": mine.uri}})
    await out(liking, me, {"type": "Follow", "object": other.uri}, 403)
    await out(liking, me, {"type": "Update", "object": {"id": me.uri, "type": "Person", "name": "x"}}, 403)
    for client, status in ((nobody, 401), (stranger, 403), (liking, 403)):
        await json(await client.get(path_of(me, "inbox")), status)
    await json(await nobody.post("/ap/upload"), 401)
    assert await Post.filter(account_id=me.id).count() == 1


async def test_what_cannot_be_done_is_refused_with_the_reason_and_changes_nothing(node: Node) -> None:
    me, ann = await builders.local_account("me"), await builders.local_account("ann")
    client, hers = await node.signed_in(me), await builders.post(ann)
    secret = await builders.post(ann, visibility="followers")
    note = {"type": "Note", "content": "<p>x</p>", "to": [PUBLIC]}
    refused: list[tuple[dict[str, Any], int]] = [
        ({}, 422),
        ({"type": "Travel", "object": note}, 422),
        ({"type": "Person", "name": "x"}, 422),
        ({"type": "Create", "object": hers.uri}, 422),
        ({"type": "Create", "actor": ann.uri, "object": note}, 422),
        ({**note, "attributedTo": ann.uri}, 422),
        ({**note, "bto": [ann.uri]}, 422),
        ({**note, "to": ["https://here.example/ap/users/1"]}, 422),
        ({**note, "inReplyTo": secret.uri}, 422),
        ({**note, "content": "x" * 3_000}, 422),
        ({"type": "Like", "object": secret.uri}, 404),
        ({"type": "Like"}, 404),
        ({"type": "Announce", "object": secret.uri}, 404),
        ({"type": "Follow", "object": "https://here.example/ap/users/1"}, 404),
        ({"type": "Delete", "object": hers.uri}, 404),
        ({"type": "Delete", "object": me.uri}, 404),
        ({"type": "Update", "object": {**note, "id": hers.uri}}, 404),
        ({"type": "Update", "object": {"type": "Person", "id": ann.uri, "name": "x"}}, 422),
        ({"type": "Undo", "object": "https://here.example/nothing"}, 404),
        ({"type": "Undo"}, 404),
        ({"type": "Add", "object": hers.uri, "target": f"{me.uri}/featured"}, 422),
        ({"type": "Accept", "object": "https://here.example/nothing"}, 404),
    ]
    for document, status in refused:
        await out(client, me, document, status)
    for body in (b"", b"[]", b"{", b'{"a":' * 40, b'{"type":"Note","type":"Note"}'):
        answer = await client.post(path_of(me, "outbox"), data=body)
        assert answer.status_code == 400, body
    await json(await client.get(path_of(me, "inbox") + "?page=true&before=x"), 400)
    assert await Post.all().count() == 2


async def test_an_actor_says_where_clients_get_tokens_and_upload(node: Node) -> None:
    me = await builders.local_account("me")
    answer = await node.client().get(f"/ap/users/{me.id}", headers={"Accept": "application/activity+json"})
    assert (await json(answer))["endpoints"] == {
        "sharedInbox": "https://here.example/inbox",
        "oauthAuthorizationEndpoint": "https://here.example/oauth/authorize",
        "oauthTokenEndpoint": "https://here.example/oauth/token",
        "uploadMedia": "https://here.example/ap/upload",
    }
