"""Collections of accounts between servers (FEP-7aa9): asked, agreed, listed, left."""

from __future__ import annotations

from typing import Any

from federation import account_collections as reading
from federation import featured
from federation.budget import Budget
from node.models.account_collections import AccountCollection, AccountCollectionItem
from node.models.accounts import Account
from node.services import account_collections
from node.services.account_collections import CollectionChanges
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import CONTEXT, PUBLIC, Peer, Person
from tests.federation.test_published import follower, only
from tests.federation.test_received_activities import followed, met

BASE = "http://here.example"


def collector(peer: Peer, name: str = "ann", **extra: Any) -> Person:
    """Somebody over there who has collections."""
    return peer.person(name, featuredCollections=f"{peer.origin}/users/{name}/collections", discoverable=True, **extra)


def collection(owner: Person, items: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A collection over there."""
    return {
        "@context": CONTEXT,
        "id": f"{owner.uri}/collections/1",
        "type": "FeaturedCollection",
        "attributedTo": owner.uri,
        "name": "Birders",
        "summaryMap": {"en": "<p>Who to <b>follow</b></p>"},
        "discoverable": True,
        "sensitive": False,
        "topic": {"type": "Hashtag", "name": "#birds"},
        "totalItems": len(items),
        "orderedItems": items,
        **changes,
    }


def item(account: str, authorization: str | None = None) -> dict[str, Any]:
    """Somebody in it."""
    return {"type": "FeaturedItem", "featuredObject": account, "featureAuthorization": authorization}


def consent(of: Person, collection_uri: str, number: int = 1, **changes: Any) -> dict[str, Any]:
    """That somebody over there agreed."""
    return {
        "@context": CONTEXT,
        "id": f"{of.origin}/consents/{number}",
        "type": "FeatureAuthorization",
        "interactingObject": collection_uri,
        "interactionTarget": of.uri,
        **changes,
    }


async def members(uri: str) -> list[str]:
    """Who stands in a collection."""
    found = await AccountCollectionItem.filter(collection__uri=uri, state="accepted").order_by("position")
    return [(await Account.get(id=one.account_id)).uri for one in found]


async def test_a_collection_from_elsewhere_lists_who_agreed_and_nobody_else(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann, bob, eve, me = collector(peer), stranger.person("bob"), stranger.person("eve"), await builders.local_account()
    await followed(node, ann, me)
    uri = f"{ann.uri}/collections/1"
    stranger.serve(consent(bob, uri))
    stranger.serve(consent(eve, f"{uri}0", 2))
    peer.serve(consent(bob, uri, 3, id=f"{peer.origin}/consents/3"))
    shown = peer.serve(
        collection(
            ann,
            [
                *(item(ann.uri), item(bob.uri, f"{stranger.origin}/consents/1")),
                *(item(eve.uri, f"{stranger.origin}/consents/2"), item(eve.uri, f"{peer.origin}/consents/3")),
                *(item(eve.uri), item(me.uri, f"{me.uri}/feature_authorizations/1"), item("nonsense")),
            ],
        )
    )
    await node.take(ann.activity("Add", shown, target=ann.extra["featuredCollections"]), ann)
    known = await AccountCollection.get(uri=uri)
    assert (known.name, known.description, known.discoverable) == ("Birders", "Who to follow", True)
    assert await members(uri) == [ann.uri, bob.uri]
    await node.take(eve.activity("Remove", uri, target=ann.extra["featuredCollections"]), eve)
    await node.take(bob.activity("Delete", f"{stranger.origin}/consents/1"), bob)
    assert await members(uri) == [ann.uri]
    await node.take(ann.activity("Remove", uri, target=ann.extra["featuredCollections"]), ann)
    assert not await AccountCollection.exists(uri=uri)
    peer.serve({"id": ann.extra["featuredCollections"], "type": "OrderedCollection", "orderedItems": [shown]})
    await featured.refresh(await Account.get(uri=ann.uri), Budget())
    assert await node.count("jobs", "kind = ?", reading.JOB) == 1
    await reading.work({"account_id": known.account_id, "uri": uri})
    assert await members(uri) == [ann.uri, bob.uri]


async def test_one_of_us_is_asked_agrees_by_their_settings_and_may_leave(node: Node, peer: Peer) -> None:
    ann = collector(peer)
    shy, me = await builders.local_account(), await builders.local_account(discoverable=True)
    await met(node, ann)
    shown = peer.serve(collection(ann, []))
    for asked in (me, shy, me):
        await node.take(ann.activity("FeatureRequest", asked.uri, instrument=shown["id"]), ann)
    await node.deliver()
    answers = [activity for activity in peer.received if activity["type"] in ("Accept", "Reject")]
    assert [answer["type"] for answer in answers] == ["Accept", "Reject", "Accept"]
    stamp = await (await node.get(answers[0]["result"].removeprefix(BASE))).get_json()
    assert (stamp["type"], stamp["interactingObject"], stamp["interactionTarget"]) == (
        *("FeatureAuthorization", shown["id"]),
        me.uri,
    )
    assert await members(shown["id"]) == [me.uri]
    assert "added_to_collection" in [told[0] for told in await builders.told(me)]
    known = await AccountCollectionItem.get(account_id=me.id)
    await account_collections.revoke(me, known.collection_id, known.id)
    await node.deliver()
    deletion = only(peer, "Delete")
    assert (deletion["actor"], deletion["object"]["id"]) == (me.uri, answers[0]["result"])
    assert (await node.get(answers[0]["result"].removeprefix(BASE))).status_code == 404
    await node.take(ann.activity("FeatureRequest", me.uri, instrument=shown["id"]), ann)
    assert await members(shown["id"]) == []


async def test_our_collections_are_told_and_read_and_those_elsewhere_are_asked(node: Node, peer: Peer) -> None:
    me, friend = await builders.local_account(), await builders.local_account(discoverable=True)
    await follower(node, peer.person("ben"), me)
    ann, eve = collector(peer), peer.person("eve")
    theirs = await met(node, ann)
    made = await account_collections.create(
        me, CollectionChanges("Birders", "Who to follow", discoverable=True, tag_name="birds"), [friend.id, theirs.id]
    )
    await node.deliver()
    added = only(peer, "Add")
    assert (added["target"], added["object"]["id"]) == (f"{me.uri}/collections", made.uri)
    assert [one["featuredObject"] for one in added["object"]["orderedItems"]] == [friend.uri]
    asked = only(peer, "FeatureRequest")
    assert (asked["actor"], asked["object"], asked["instrument"]) == (me.uri, ann.uri, made.uri)
    stamp = f"{peer.origin}/consents/9"
    await node.take(eve.activity("Accept", asked, result=stamp), eve)
    await node.take(ann.activity("Accept", asked, result="http://third.example/1"), ann)
    assert await members(made.uri) == [friend.uri]
    await node.take(ann.activity("Accept", asked["id"], result=stamp), ann)
    await node.deliver()
    document = await (await node.get(made.uri.removeprefix(BASE))).get_json()
    shown = {one["featuredObject"]: one["featureAuthorization"] for one in document["orderedItems"]}
    assert shown[ann.uri] == stamp
    served = await (await node.get(shown[friend.uri].removeprefix(BASE))).get_json()
    assert (served["interactingObject"], served["interactionTarget"]) == (made.uri, friend.uri)
    update = only(peer, "Update")["object"]
    assert (update["totalItems"], update["topic"]["name"]) == (2, "#birds")
    actor = await (await node.get(friend.uri.removeprefix(BASE))).get_json()
    assert actor["interactionPolicy"]["canFeature"]["automaticApproval"] == [PUBLIC]
    listed = await (await node.get(f"/ap/users/{me.id}/collections")).get_json()
    assert listed["orderedItems"] == [made.uri]
    await node.take(ann.activity("Delete", {"id": stamp, "type": "FeatureAuthorization"}), ann)
    assert await members(made.uri) == [friend.uri]
    await account_collections.delete(me, made.id)
    await node.deliver()
    assert only(peer, "Remove")["object"] == made.uri
