"""FEP-8fcf: both ends come to agree on who follows whom, however an Undo or a Reject was lost."""

from __future__ import annotations

import json as json_module
from typing import Any

import pytest

from activitypub.collection_synchronization import (
    HEADER,
    Synchronization,
    digest_of,
    parse_synchronization,
    render_synchronization,
)
from activitypub.signatures import sign_message, sign_post
from activitypub.signatures.digests import body_digest, content_digest
from node import clock
from node.models.accounts import Account
from node.models.graph import Follow
from node.services import follows
from tests import builders
from tests.api.client import json
from tests.federation.node import Node
from tests.federation.peer import Peer, Person
from tests.federation.test_received_activities import followed, met


@pytest.fixture
def ann(peer: Peer) -> Person:
    return peer.person("ann")


def listing(peer: Peer, ann: Person, *uris: str, **values: Any) -> str:
    """Serve a list of followers; its address."""
    document = {"id": f"{ann.uri}/sync", "type": "OrderedCollection", "orderedItems": list(uris), **values}
    return str(peer.serve(document)["id"])


async def deliver(
    node: Node, ann: Person, value: Synchronization, *, signed: bool = True, rfc9421: bool = False
) -> None:
    """A followers-only post of Ann's arrives with the header."""
    body = json_module.dumps(ann.create(ann.note(to=[ann.followers], cc=[]))).encode()
    also = {HEADER: render_synchronization(value)}
    url, now = f"{node.settings.base_url}/inbox", clock.now()
    if rfc9421:
        headers = sign_message(
            ann.signing_key, "POST", url, now, content_digest=content_digest(body), also=also if signed else None
        )
    else:
        headers = sign_post(ann.signing_key, url, body_digest(body), now, also=also if signed else None)
    headers = {**headers, **also, "Content-Type": "application/activity+json"}
    answer = await node.app.test_client().post("/inbox", data=body, headers=headers)
    assert answer.status_code == 202
    await node.process()


def told(ann: Person, url: str, *uris: str) -> Synchronization:
    return Synchronization(ann.followers, url, digest_of(uris))


@pytest.mark.parametrize("rfc9421", [False, True])
async def test_followers_the_other_server_does_not_count_follow_no_longer(
    node: Node, peer: Peer, ann: Person, rfc9421: bool
) -> None:
    kept, dropped = await builders.local_account(), await builders.local_account()
    account = await followed(node, ann, kept)
    await builders.following(dropped, account)
    url = listing(peer, ann, kept.uri)
    await deliver(node, ann, told(ann, url, kept.uri), rfc9421=rfc9421)
    assert [follow.account_id for follow in await Follow.filter(target_id=account.id)] == [kept.id]
    await node.deliver()
    assert [activity["type"] for activity in peer.received if activity["type"] == "Undo"] == []


async def test_who_is_counted_is_accepted_or_says_again_that_they_do_not_follow(
    node: Node, peer: Peer, ann: Person
) -> None:
    waiting, gone = await builders.local_account(), await builders.local_account()
    request = await follows.follow(waiting, await met(node, ann))
    url = listing(peer, ann, waiting.uri, gone.uri)
    await deliver(node, ann, told(ann, url, waiting.uri, gone.uri))
    assert (await builders.fresh(request)).accepted
    await node.deliver()
    (undo,) = [activity for activity in peer.received if activity["type"] == "Undo"]
    assert undo["actor"] == gone.uri
    assert (undo["object"]["type"], undo["object"]["actor"], undo["object"]["object"]) == ("Follow", gone.uri, ann.uri)


@pytest.mark.parametrize("wrong", ["another list", "unsigned", "not its own", "elsewhere", "in step", "of somebody"])
async def test_nobody_is_removed_on_false_grounds(
    node: Node, peer: Peer, stranger: Peer, ann: Person, wrong: str
) -> None:
    me = await builders.local_account()
    account = await followed(node, ann, me)
    url = listing(peer, ann)
    offer, signed = told(ann, url), True
    match wrong:
        case "another list":
            offer = told(ann, url, "http://here.example/ap/users/9")
        case "unsigned":
            signed = False
        case "not its own":
            offer = Synchronization(f"{peer.origin}/users/eve/followers", url, offer.digest)
        case "elsewhere":
            bob = stranger.person("bob")
            offer = told(ann, listing(stranger, bob))
        case "in step":
            offer = told(ann, url, me.uri)
        case "of somebody":
            peer.documents["/users/ann/sync"] = b"HTTP/1.1 302 X\r\nContent-Length: 0\r\nLocation: " + (
                listing(stranger, stranger.person("bob")).encode() + b"\r\n\r\n"
            )
    asked = len(stranger.asked)
    await deliver(node, ann, offer, signed=signed)
    assert [follow.account_id for follow in await Follow.filter(target_id=account.id)] == [me.id]
    if wrong not in ("another list", "of somebody"):
        assert not any("sync" in path for path in peer.asked)
        assert not any("sync" in path for path in stranger.asked[asked:])


async def test_a_list_in_pages_is_read_whole_and_an_endless_one_is_not(node: Node, peer: Peer, ann: Person) -> None:
    one, two = await builders.local_account(), await builders.local_account()
    account = await followed(node, ann, one)
    lone = await builders.local_account()
    await builders.following(lone, account)
    await builders.following(two, account)
    first, second = f"{ann.uri}/sync/1", f"{ann.uri}/sync/2"
    peer.serve({"id": first, "type": "OrderedCollectionPage", "orderedItems": [one.uri], "next": second})
    peer.serve({"id": second, "type": "OrderedCollectionPage", "items": [two.uri, 7], "next": first})
    url = listing(peer, ann, first=first)
    await deliver(node, ann, told(ann, url, one.uri, two.uri))
    assert await node.count("follows") == 3
    peer.serve({"id": second, "type": "OrderedCollectionPage", "items": [two.uri]})
    await node.count("jobs")
    await deliver(node, ann, Synchronization(ann.followers, f"{url}?again", digest_of([one.uri, two.uri])))
    assert await node.count("follows") == 3, "asked for within the hour"


async def test_a_post_for_followers_goes_with_the_digest_of_each_server(
    node: Node, peer: Peer, stranger: Peer, ann: Person
) -> None:
    me, bob = await builders.local_account(), stranger.person("bob", key=1)
    bea = peer.person("bea", key=2)
    for person in (ann, bea, bob):
        await node.take(person.follow(me.uri), person)
    await builders.post(me, visibility="followers")
    await builders.post(me)
    await node.deliver()
    for server, people in ((peer, [ann, bea]), (stranger, [bob])):
        *_, private, public = [asked for asked in server.posted if b'"Create"' in asked.body]
        assert HEADER.lower() not in public.headers
        value = parse_synchronization(private.headers[HEADER.lower()])
        assert value == Synchronization(
            f"{me.uri}/followers", f"{me.uri}/followers_synchronization", digest_of(person.uri for person in people)
        )
        assert "collection-synchronization" in private.headers["signature"]


async def test_the_list_is_for_the_server_it_is_about(node: Node, peer: Peer, stranger: Peer, ann: Person) -> None:
    me, bob, eve = await builders.local_account(), stranger.person("bob", key=1), stranger.person("eve", key=2)
    for person in (ann, bob):
        await node.take(person.follow(me.uri), person)
    path = f"/ap/users/{me.id}/followers_synchronization"
    assert (await node.get(path)).status_code == 401
    for asker, listed in ((ann, [ann.uri]), (eve, [bob.uri])):
        answer = await node.get(path, by=asker)
        assert (await json(answer))["orderedItems"] == listed
        assert "no-store" in answer.headers["Cache-Control"]
    await Account.filter(id=me.id).update(suspended_at=clock.now())
    assert (await node.get(path, by=ann)).status_code == 403
