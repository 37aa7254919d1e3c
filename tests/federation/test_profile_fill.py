"""The first time somebody looks at a remote profile, what it features and posted lately is filled in."""

from __future__ import annotations

from datetime import timedelta

from federation import resolve
from node import clock, db, ids
from node.models.posts import Post
from node.services import post_readings
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer, Person
from tests.federation.test_threads_below import collection


def aged(person: Person, name: str, hours: int, **values: object) -> dict[str, object]:
    """A post of some hours ago."""
    published = (clock.now() - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return person.note(id=f"{person.origin}/notes/{name}", published=published, **values)


async def test_a_profile_looked_at_is_filled_with_what_it_features_and_posted_lately(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    me, bob = await builders.local_account(), stranger.person("bob")
    ann = peer.person("ann", featured=f"{peer.origin}/featured", outbox=f"{peer.origin}/outbox")
    old = peer.serve(aged(ann, "pinned", 9_000))
    recent = peer.serve(aged(ann, "recent", 30, cc=[me.uri], tag=[{"type": "Mention", "href": me.uri}]))
    sequel = peer.serve(aged(ann, "sequel", 29, inReplyTo=recent["id"]))
    answer = peer.serve(aged(ann, "answer", 28, inReplyTo=f"{stranger.origin}/notes/1"))
    private = peer.serve(aged(ann, "private", 27, to=[ann.followers], cc=[]))
    others = stranger.serve(bob.note(id=f"{stranger.origin}/notes/others"))
    poisoned = peer.serve(aged(peer.person("eve", key=1), "poisoned", 26))
    collection(peer, "/featured", [old["id"]])
    collection(
        peer,
        "/outbox",
        [
            {"type": "Create", "id": "x", "object": document, "actor": ann.uri}
            for document in (poisoned, private, answer, sequel, others)
        ]
        + [{"type": "Announce", "object": others["id"]}, ann.create({**recent, "content": "<p>embedded lie</p>"})],
        after=f"{stranger.origin}/outbox/2",
    )
    account = await resolve.resolve_actor(ann.uri)
    await builders.following(me, account)
    await post_readings.profile_opened(account.id)
    await node.fetch()
    found = {post.uri: post for post in await Post.all()}
    assert set(found) == {old["id"], recent["id"], sequel["id"]}
    assert found[recent["id"]].content == "<p>A grebe</p>"
    assert found[sequel["id"]].parent_id == found[recent["id"]].id
    moment = ids.moment_of(found[old["id"]].id)
    assert abs(moment - found[old["id"]].created_at) < timedelta(seconds=1)
    assert clock.now() - moment > timedelta(hours=8_999)
    assert await builders.told(me) == []
    assert stranger.asked == []
    assert "/notes/answer" not in peer.asked
    home = await db.fetch_all("SELECT post_id FROM home_entries WHERE account_id = ? ORDER BY post_id", (me.id,))
    assert [row[0] for row in home] == sorted(post.id for post in found.values())


async def test_a_profile_is_filled_once_a_day_at_most_and_never_one_of_ours(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    ann = peer.person("ann", outbox=f"{peer.origin}/outbox")
    collection(peer, "/outbox", [])
    account = await resolve.resolve_actor(ann.uri)
    for _ in range(3):
        post_readings.forget_everything()
        await post_readings.profile_opened(account.id)
        await post_readings.profile_opened(me.id)
        await node.fetch()
    assert peer.asked.count("/outbox") == 1
    await db.execute("UPDATE accounts SET posts_read_at = posts_read_at - 90000000")
    post_readings.forget_everything()
    await post_readings.profile_opened(account.id)
    await node.fetch()
    assert peer.asked.count("/outbox") == 2


async def test_following_somebody_fills_their_profile_and_a_silent_outbox_harms_nothing(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    ann = peer.person("ann")
    account = await resolve.resolve_actor(ann.uri)
    post = await builders.received(account)
    await builders.following(me, account)
    await node.fetch()
    assert "/users/ann/outbox" in peer.asked
    assert await Post.filter(id=post.id).exists()


async def test_at_most_forty_posts_of_three_pages_are_asked_for(node: Node, peer: Peer) -> None:
    ann = peer.person("ann", outbox=f"{peer.origin}/outbox/0")
    for page in range(6):
        notes = [aged(ann, f"{page}-{number}", page * 100 + number, to=[PUBLIC])["id"] for number in range(15)]
        collection(
            peer,
            f"/outbox/{page}",
            [peer.serve(ann.note(id=uri))["id"] for uri in notes],
            f"{peer.origin}/outbox/{page + 1}",
        )
    account = await resolve.resolve_actor(ann.uri)
    await post_readings.profile_opened(account.id)
    await node.fetch()
    assert await node.count("posts") == 40
    assert "/outbox/4" not in peer.asked
