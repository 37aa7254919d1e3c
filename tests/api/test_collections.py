"""Albums over Pixelfed's calls."""

from __future__ import annotations

from typing import Any

from node.models.accounts import Account
from node.models.posts import Post
from node.services import albums, archive, blocks, interaction_policies, posts
from node.services.interaction_policies import Policies
from node.services.received_media import IncomingMedia
from tests import builders
from tests.api.client import Client, Node, json

PATH = "/api/v1.1/collections"
VARIANTS = {"full": {"key": "full.jpg", "type": "image/jpeg", "width": 4, "height": 3}}


async def pictured(author: Account, text: str = "A heron", **values: Any) -> Post:
    """A post with a picture."""
    picture = await builders.picture(author, variants=VARIANTS)
    return await builders.post(author, text, media_ids=(picture.id,), **values)


ACTIVITY = {"Accept": "application/activity+json"}


def path_of(url: str) -> str:
    return url.removeprefix("https://here.example")


async def items(client: Client, album_id: str) -> list[str]:
    """The ids of what is in an album."""
    return [item["id"] for item in await json(await client.get(f"{PATH}/items/{album_id}"))]


async def test_an_album_is_filled_put_in_order_and_removed(node: Node) -> None:
    alice = await builders.local_account("alice")
    posts = [await pictured(alice, str(number)) for number in range(3)]
    ids = [str(post.id) for post in posts]
    client, public = await node.signed_in(alice), node.client()
    album = await json(await client.post(f"{PATH}/create", json={"title": "Birds"}))
    assert (album["visibility"], album["published_at"], album["pid"]) == ("draft", None, str(alice.id))
    for post_id in (*ids, ids[0]):
        added = await json(await client.post(f"{PATH}/add", form={"collection_id": album["id"], "post_id": post_id}))
        assert added["id"] == post_id
    assert await items(client, album["id"]) == ids
    await json(await client.post(f"{PATH}/order/{album['id']}", json={"post_ids": [ids[2], ids[0], "77"]}))
    assert await items(client, album["id"]) == [ids[2], ids[0], ids[1]]

    changes = {"title": "Herons", "description": "At dawn", "visibility": "public"}
    shown = await json(await client.post(f"/api/pixelfed/v1/collections/update/{album['id']}", json=changes))
    assert {name: shown[name] for name in changes} == changes
    assert (shown["username"], shown["post_count"]) == ("alice", 3)
    assert shown["published_at"] is not None and shown["thumb"].endswith("/full.jpg")
    assert await json(await public.get(f"{PATH}/view/{album['id']}")) == shown
    assert await json(await public.get(f"{PATH}/accounts/{alice.id}")) == [shown]
    assert await json(await client.get(f"{PATH}/self")) == [shown]
    assert await json(await client.get(f"{PATH}/self?page=2")) == []

    await archive.put_away(alice, posts[2].id)
    assert await items(client, album["id"]) == [ids[0], ids[1]]
    assert (await json(await public.get(f"{PATH}/view/{album['id']}")))["post_count"] == 2
    gone = {"collection_id": album["id"], "post_id": ids[0]}
    assert await json(await client.post(f"{PATH}/remove", json=gone)) == 200
    await json(await client.post(f"{PATH}/remove", json=gone), 404)
    assert await json(await client.call("DELETE", f"{PATH}/delete/{album['id']}")) == 200
    await json(await client.get(f"{PATH}/view/{album['id']}"), 404)
    assert await Post.exists(id=posts[1].id)


async def test_a_post_goes_into_albums_when_it_is_published(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    mine = [await albums.create(alice, albums.AlbumChanges(title=str(number))) for number in range(4)]
    foreign = await albums.create(bob, albums.AlbumChanges(title="bob's"))
    client = await node.signed_in(alice)
    picture = await builders.picture(alice, variants=VARIANTS)
    wish = {"media_ids": [str(picture.id)], "status": "A heron"}
    for wrong in ([foreign.id], [album.id for album in mine], [7]):
        await json(await client.post("/api/v1/statuses", json={**wish, "collection_ids": [str(i) for i in wrong]}), 422)
    chosen = [str(album.id) for album in mine[:2]]
    made = await json(await client.post("/api/v1/statuses", json={**wish, "collection_ids": chosen}))
    for album in mine:
        assert await items(client, str(album.id)) == ([made["id"]] if str(album.id) in chosen else [])


async def test_albums_are_seen_by_those_they_are_for(node: Node) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    await builders.following(bob, alice)
    post, hidden = await pictured(alice), await pictured(alice, "hush", visibility="followers")
    made = {
        word: await albums.create(alice, albums.AlbumChanges(visibility=word))
        for word in ("public", "private", "draft")
    }
    for album in made.values():
        for item in (post, hidden):
            await albums.add(alice, album.id, item.id)
    owner, follower, stranger = [await node.signed_in(account) for account in (alice, bob, carol)]
    open_to = {
        "public": (owner, follower, stranger, node.client()),
        "private": (owner, follower),
        "draft": (owner,),
    }
    for client in open_to["public"]:
        listed = [item["visibility"] for item in await json(await client.get(f"{PATH}/accounts/{alice.id}"))]
        assert listed == [word for word in ("draft", "private", "public") if client in open_to[word]]
        for word, album in made.items():
            status = 200 if client in open_to[word] else 404
            await json(await client.get(f"{PATH}/view/{album.id}"), status)
            await json(await client.get(f"{PATH}/items/{album.id}"), status)
    assert await items(stranger, str(made["public"].id)) == [str(post.id)]
    assert (await json(await stranger.get(f"{PATH}/view/{made['public'].id}")))["post_count"] == 1

    await Account.filter(id=alice.id).update(is_private=True)
    await json(await stranger.get(f"{PATH}/view/{made['public'].id}"), 404)
    await json(await follower.get(f"{PATH}/view/{made['public'].id}"))


async def test_albums_are_changed_by_their_owners_alone_and_within_limits(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    album = await albums.create(alice, albums.AlbumChanges(visibility="public"))
    theirs, words = await pictured(bob, visibility="unlisted"), await builders.post(alice, "words alone")
    client, bobs = await node.signed_in(alice), await node.signed_in(bob)
    both = {"collection_id": str(album.id), "post_id": str(theirs.id)}
    for answer in (
        await bobs.post(f"{PATH}/update/{album.id}", json={"title": "mine"}),
        await bobs.call("DELETE", f"{PATH}/delete/{album.id}"),
        await bobs.post(f"{PATH}/add", json=both),
        await bobs.post(f"{PATH}/order/{album.id}", json={}),
        await client.post(f"{PATH}/add", json=both),
        await client.post(f"{PATH}/add", json={**both, "post_id": str(words.id)}),
    ):
        await json(answer, 404)
    for wrong in ({"title": "x" * 51}, {"description": "x" * 501}, {"visibility": "unlisted"}):
        await json(await client.post(f"{PATH}/update/{album.id}", json=wrong), 422)
    await json(await client.post(f"{PATH}/add", json={}), 400)
    await json(await (await node.signed_in(alice, "read")).post(f"{PATH}/create", json={}), 403)
    await json(await (await node.signed_in(alice, "write")).get(f"{PATH}/self"), 403)


async def test_an_album_has_a_cover_a_page_and_a_collection_for_other_servers(node: Node) -> None:
    alice = await builders.local_account("alice")
    client, public = await node.signed_in(alice), node.client()
    shape = {**VARIANTS["full"], "key": "cover.jpg"}
    cover = await builders.picture(alice, variants={"full": shape}, description="The cover")
    first, hidden, last = (
        await pictured(alice, "first"),
        await pictured(alice, "hush", visibility="followers"),
        await builders.post(alice, "last", media_ids=(cover.id,)),
    )
    album = await albums.create(alice, albums.AlbumChanges(title="Birds & <b>", description="At #dawn"))
    for post in (first, hidden, last):
        await albums.add(alice, album.id, post.id)
    path = f"{PATH}/update/{album.id}"
    shown = await json(await client.post(path, json={"cover_media_id": str(cover.id)}))
    assert (shown["cover_media_id"], shown["thumb"]) == (str(cover.id), "https://here.example/media/cover.jpg")
    page, document = path_of(shown["url"]), path_of(shown["uri"])
    assert (page, document) == (f"/c/{album.id}", f"/ap/users/{alice.id}/albums/{album.id}")
    assert (await public.get(page)).status_code == (await public.get(document, headers=ACTIVITY)).status_code == 404
    await json(await client.post(path, json={"visibility": "public"}))

    assert (
        f'<a href="https://here.example{page}">Birds &amp; &lt;b&gt;</a> <span>2 posts</span>'
        in (await node.browser().open("/@alice")).text
    )

    stray = await builders.picture(alice)
    for wrong in (stray.id, 7):
        await json(await client.post(path, json={"cover_media_id": str(wrong)}), 422)
    await json(await client.post(f"{PATH}/create", json={"cover_media_id": str(cover.id)}), 422)

    browser = await node.browser().open(page)
    assert browser.status == 200 and "Birds &amp; &lt;b&gt;" in browser.text and "2 posts" in browser.text
    assert 'property="og:image" content="https://here.example/media/cover.jpg"' in browser.text
    places = [browser.text.find(f'<a href="https://here.example/@alice/{post.id}"') for post in (first, last, hidden)]
    assert 0 < places[0] < places[1] and places[2] == -1
    assert "Nothing here" in (await browser.open(f"{page}?page=2")).text
    assert path_of((await public.get(page, headers=ACTIVITY)).headers["Location"]) == document
    assert path_of((await public.get(document, headers={"Accept": "text/html"})).headers["Location"]) == page

    read = await json(await public.get(document, headers=ACTIVITY))
    assert (read["type"], read["totalItems"], read["orderedItems"]) == ("OrderedCollection", 2, [first.uri, last.uri])
    assert (read["id"], read["attributedTo"], read["url"]) == (shown["uri"], alice.uri, shown["url"])
    assert read["name"] == "Birds & <b>" and read["summary"].startswith("<p>At <a")
    assert (read["image"]["url"], read["image"]["name"]) == (shown["thumb"], "The cover")
    actor = await json(await public.get(path_of(alice.uri), headers=ACTIVITY))
    [listed] = actor["streams"]
    assert (await json(await public.get(path_of(listed), headers=ACTIVITY)))["orderedItems"] == [shown["uri"]]

    await posts.delete(alice, last.id)
    shown = await json(await public.get(f"{PATH}/view/{album.id}"))
    assert (shown["cover_media_id"], shown["thumb"]) == (None, "https://here.example/media/full.jpg")
    read = await json(await public.get(document, headers=ACTIVITY))
    assert (read["orderedItems"], read["image"].get("name")) == ([first.uri], None)
    assert (await json(await client.post(path, json={"cover_media_id": "0"})))["cover_media_id"] is None


async def test_others_posts_stand_in_an_album_while_they_are_public_and_their_authors_let_it(node: Node) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    far = await builders.remote_account("far")
    album = await albums.create(alice, albums.AlbumChanges(visibility="public"))
    theirs, other, kept, limited = [await pictured(bob, word) for word in ("one", "two", "three", "four")]
    remote = await builders.received(far, media=(IncomingMedia("https://remote.example/heron.jpg"),))
    await interaction_policies.change(bob, limited.id, Policies(share="nobody"))
    await builders.following(alice, bob)
    close = await pictured(bob, "close", visibility="followers")
    comment = await builders.post(bob, "me too", parent_id=theirs.id)
    client, bobs, carols = [await node.signed_in(account) for account in (alice, bob, carol)]

    async def put(post: Post, status: int) -> None:
        body = {"collection_id": str(album.id), "post_id": str(post.id)}
        await json(await client.post(f"{PATH}/add", json=body), status)

    for post, status in ((theirs, 200), (remote, 200), (other, 200), (kept, 200)):
        await put(post, status)
    for post, status in ((limited, 403), (close, 404), (comment, 404)):
        await put(post, status)
    assert await items(carols, str(album.id)) == [str(post.id) for post in (theirs, remote, other, kept)]
    page = (await node.browser().open(f"/c/{album.id}")).text
    assert f'<a href="{remote.url or remote.uri}"' in page and "/media/remote/attachment/" in page
    read = await json(await node.client().get(f"/ap/users/{alice.id}/albums/{album.id}", headers=ACTIVITY))
    assert read["orderedItems"] == [post.uri for post in (theirs, remote, other, kept)]

    async def albums_of(post: Post) -> list[str]:
        return [item["id"] for item in await json(await carols.get(f"/api/v1/statuses/{post.id}/albums"))]

    assert await albums_of(theirs) == [str(album.id)] and await albums_of(limited) == []
    await json(await carols.get(f"/api/v1/statuses/{close.id}/albums"), 404)

    await archive.put_away(bob, other.id)
    await Post.filter(id=kept.id).update(visibility="followers")
    assert await items(client, str(album.id)) == [str(theirs.id), str(remote.id)]
    body = {"collection_id": str(album.id), "post_id": str(theirs.id)}
    await json(await carols.post(f"{PATH}/remove", json=body), 404)
    assert await json(await bobs.post(f"{PATH}/remove", json=body)) == 200
    await json(await bobs.post(f"{PATH}/remove", json=body), 404)
    await put(theirs, 404)
    assert await albums_of(theirs) == []
    await posts.receive_deletion(remote.uri, far)
    assert await items(carols, str(album.id)) == []

    fine = await pictured(bob, "five")
    await put(fine, 200)
    await blocks.block(bob, alice)
    assert await items(carols, str(album.id)) == []
    assert (await json(await carols.get(f"{PATH}/view/{album.id}")))["post_count"] == 0
