"""What others read of our threads: comments by page, the whole thread, and whose each collection is."""

from __future__ import annotations

from activitypub.parse import parse_collection
from activitypub.types import Collection
from federation import resolve
from federation.outbound import thread_collections
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_documents import path_of, read


async def test_comments_are_listed_by_id_page_by_page_those_of_others_too(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    bob = await resolve.resolve_actor(peer.person("bob").uri)
    post = await builders.post(me)
    expected = [(await builders.received(bob, parent=post)).uri for _ in range(thread_collections.PAGE)]
    await builders.received(bob, parent=post, visibility="followers")
    expected.append((await builders.post(me, "Last", parent_id=post.id)).uri)
    collection = parse_collection(await read(node, f"{path_of(post.uri)}/replies"))
    assert (collection.total_items, collection.inverse) == (len(expected), ("repliesOf", post.uri))
    assert isinstance(collection.first, Collection) and collection.first.next is not None
    attached = parse_collection((await read(node, path_of(post.uri)))["replies"])
    assert (attached.id, attached.total_items, attached.first) == (collection.id, len(expected), collection.first)
    rest = parse_collection(await read(node, path_of(collection.first.next)))
    assert [*collection.first.items, *rest.items] == sorted(expected, key=expected.index)
    assert (rest.part_of, rest.next) == (collection.id, None)
    for odd in ("?page=true&after=-1", "?page=true&after=x", f"?page=true&after={'9' * 30}"):
        assert (await read(node, f"{path_of(post.uri)}/replies{odd}"))["items"][0] == expected[0]


async def test_a_thread_that_began_here_is_listed_whole_and_named_by_its_posts(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    bob = await resolve.resolve_actor(peer.person("bob").uri)
    top = await builders.post(me)
    comment = await builders.received(bob, parent=top)
    answer = await builders.post(me, "An answer", parent_id=comment.id)
    whisper = await builders.post(me, "For followers", parent_id=comment.id, visibility="followers")
    context = parse_collection(await read(node, f"{path_of(top.uri)}/context"))
    assert (context.type, context.attributed_to, context.total_items) == ("OrderedCollection", me.uri, 3)
    assert isinstance(context.first, Collection)
    assert context.first.items == (top.uri, comment.uri, answer.uri)
    for post in (top, answer):
        assert (await read(node, path_of(post.uri)))["context"] == f"{top.uri}/context"
    assert (await node.get(f"{path_of(answer.uri)}/context")).status_code == 404
    hidden = await builders.post(me, "For followers", visibility="followers")
    unknown = await node.get("/ap/posts/1/context")
    for path in (f"{path_of(hidden.uri)}/context", f"{path_of(whisper.uri)}/replies"):
        refused = await node.get(path)
        assert (refused.status_code, await refused.get_data()) == (404, await unknown.get_data())


async def test_collections_say_whose_they_are(node: Node) -> None:
    me = await builders.local_account()
    post = await builders.post(me)
    for path, inverse in (
        (f"{path_of(me.uri)}/outbox", ("outboxOf", me.uri)),
        (f"{path_of(me.uri)}/followers", ("followersOf", me.uri)),
        (f"{path_of(me.uri)}/following", ("followingOf", me.uri)),
        (f"{path_of(post.uri)}/likes", ("likesOf", post.uri)),
        (f"{path_of(post.uri)}/shares", ("sharesOf", post.uri)),
    ):
        document = await read(node, path)
        assert parse_collection(document).inverse == inverse
        assert inverse[0] in document["@context"][1]
