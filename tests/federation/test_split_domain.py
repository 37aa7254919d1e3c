"""Handles whose domain is another than the server's: ours (`account_domain`), and those of others."""

from __future__ import annotations

from json import dumps

import pytest

from activitypub.webfinger import render_host_meta, render_webfinger, webfinger_of
from federation import resolve
from federation.resolve_errors import ResolveError
from node.errors import Invalid
from node.models.accounts import Account
from node.models.graph import Follow
from node.services import accounts, domains
from node.settings import Settings, SettingsError, load_settings
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer, Person, key_number
from tests.federation.peers import response

WEBFINGER = "/.well-known/webfinger"


@pytest.fixture
async def settings(settings: Settings) -> Settings:
    """A node at here.example whose handles end in @photos.example."""
    return load_settings(
        data_dir=settings.data_dir,
        database_url=settings.database_url,
        base_url="http://here.example",
        account_domain="Photos.example",
        federation={"allow_private_networks": True},
    )


async def test_both_domains_lead_to_the_account_and_its_handle_has_one(node: Node, peer: Peer) -> None:
    me, friend = await builders.local_account("me"), await builders.local_account("friend")
    for resource in ("acct:me@photos.example", "acct:ME@here.example", "me@Photos.example", me.uri):
        answer = await node.get(f"{WEBFINGER}?resource={resource}")
        found = await answer.get_json()
        assert (answer.status_code, found["subject"]) == (200, "acct:me@photos.example"), resource
        assert [link["href"] for link in found["links"] if link["rel"] == "self"] == [me.uri]
    assert (await node.get(f"{WEBFINGER}?resource=acct:me@else.example")).status_code == 404
    meta = await (await node.get("/.well-known/host-meta")).get_data(as_text=True)
    assert 'template="http://here.example/.well-known/webfinger?resource={uri}"' in meta
    actor = await (await node.get(f"/ap/users/{me.id}")).get_json()
    assert (actor["webfinger"], actor["preferredUsername"]) == ("me@photos.example", "me")
    post = await builders.post(me, "with @friend@photos.example and @friend@here.example")
    note = await (await node.get(f"/ap/posts/{post.id}")).get_json()
    assert [(tag["href"], tag["name"]) for tag in note["tag"]] == [(friend.uri, "@friend@photos.example")]
    itself = await (await node.get(f"{WEBFINGER}?resource=http://here.example")).get_json()
    assert itself["subject"] == "acct:here.example@here.example"


async def test_our_handles_are_ours_on_both_domains_and_nobody_else_has_one(node: Node, peer: Peer) -> None:
    me = await builders.local_account("me")
    for handle in ("me@photos.example", "@Me@here.example", "me@PHOTOS.example"):
        assert (await resolve.resolve_handle(handle)).id == me.id
        assert (await accounts.by_handle(*handle.removeprefix("@").split("@"))) == me
    for handle in ("me@photos.example", "you@photos.example", "me@here.example"):
        eve = peer.person(webfinger=handle)
        with pytest.raises(ResolveError):
            await resolve.resolve_actor(eve.uri)
        other = peer.person()
        peer.subjects[other.handle] = handle
        with pytest.raises(ResolveError):
            await resolve.resolve_actor(other.uri)
    for own in ("photos.example", "here.example"):
        with pytest.raises(Invalid):
            await domains.block(own)
    assert not await Account.exists(domain="photos.example")


async def test_somebody_elsewhere_follows_by_either_handle(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account("me")
    await node.take(ann.follow(me.uri), ann)
    await node.deliver()
    assert [activity["type"] for activity in peer.received] == ["Accept"]
    assert await Follow.filter(target_id=me.id, accepted=True).count() == 1


async def test_a_remote_handle_on_another_domain_than_its_server_is_found_from_both(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    """`peer` is the server, `stranger` the domain of the handles, which sends WebFinger on to the server."""
    ann = peer.person("ann")
    handle = f"ann@{stranger.host}"
    peer.subjects[ann.handle], peer.handles[handle] = handle, ann.uri
    to_server = f"{peer.origin}{WEBFINGER}?resource=acct:{handle}"
    stranger.documents[WEBFINGER] = response(302, b"", "text/plain", Location=to_server)
    found = await resolve.resolve_handle(ann.handle)
    assert (found.uri, found.username, found.domain) == (ann.uri, "ann", stranger.host)
    assert (await resolve.resolve_handle(handle)).id == found.id
    assert (await resolve.resolve_actor(ann.uri)).id == found.id
    assert (await resolve.refresh(ann.uri)).domain == stranger.host


async def test_webfinger_that_is_not_at_its_place_is_looked_for_where_host_meta_says(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    ann = peer.person("ann")
    handle = f"ann@{stranger.host}"
    peer.subjects[ann.handle], peer.handles[handle] = handle, ann.uri
    found = webfinger_of(handle, ann.uri)
    peer.documents["/finger"] = response(200, dumps(render_webfinger(found)).encode(), "application/jrd+json")
    meta = render_host_meta(f"{peer.origin}/finger?about={{uri}}").encode()
    stranger.documents["/.well-known/host-meta"] = response(200, meta, "application/xrd+xml")
    account = await resolve.resolve_handle(handle)
    assert (account.uri, account.domain) == (ann.uri, stranger.host)
    assert f"/finger?about=acct%3Aann%40{stranger.host.replace(':', '%3A')}" in peer.asked


async def test_a_relay_without_a_handle_is_known_whatever_its_host_meta_is(node: Node, peer: Peer) -> None:
    peer.people.clear()
    relay = Person("relay", peer.origin, key_number(0), {"type": "Application"})
    peer.serve(relay.document())
    for meta in (response(302, Location="/.well-known/host-meta"), response(200, b"<", "text/xml"), 404):
        peer.documents["/.well-known/host-meta"] = meta
        assert (await resolve.refresh(relay.uri)).domain == peer.host


@pytest.mark.parametrize("place", ["http://here.example/x?{uri}", "http://bad.example/x?{uri}", "", "itself", "gone"])
async def test_host_meta_leads_nowhere_else(node: Node, peer: Peer, place: str) -> None:
    await domains.block("bad.example")
    template = f"{peer.origin}{WEBFINGER}?resource={{uri}}" if place == "itself" else place
    meta = render_host_meta(template).encode()
    peer.documents["/.well-known/host-meta"] = response(200, meta, "application/xrd+xml")
    if place == "gone":
        peer.documents[WEBFINGER] = 410
    with pytest.raises(ResolveError):
        await resolve.resolve_handle(f"nobody@{peer.host}")
    assert len(peer.asked) == (1 if place == "gone" else 3 if place == "itself" else 2)


async def test_a_handle_that_does_not_lead_back_or_leads_ever_on_is_refused(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    eve, victim = peer.person("eve"), stranger.person("victim")
    peer.subjects[eve.handle] = victim.handle
    with pytest.raises(ResolveError):
        await resolve.resolve_handle(eve.handle)
    mallory = peer.person("mallory")
    peer.subjects[mallory.handle] = f"one@{stranger.host}"
    stranger.handles[f"one@{stranger.host}"] = mallory.uri
    stranger.subjects[f"one@{stranger.host}"] = f"two@{peer.host}"
    with pytest.raises(ResolveError):
        await resolve.resolve_handle(mallory.handle)
    assert await node.count("accounts", "uri IN (?, ?)", eve.uri, mallory.uri) == 0


@pytest.mark.parametrize("value", ["https://photos.example", "photos.example/x", "a@photos.example", "photos example"])
def test_what_is_no_domain_is_refused_by_name(value: str) -> None:
    with pytest.raises(SettingsError, match="HELIOGRAPH_ACCOUNT_DOMAIN"):
        load_settings(account_domain=value)
