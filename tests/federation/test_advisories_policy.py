"""Ways around a suspension, tried one by one: every spelling of a name, every path by which something could come or go."""

from __future__ import annotations

from typing import Any

import pytest

from federation import policy, resolve
from federation.resolve_errors import ResolveError
from node.errors import DomainError
from node.models.accounts import Account, User
from node.models.graph import Follow
from node.models.posts import Post
from node.models.severances import AccountSeverance, Severance
from node.runtime import runtime
from node.services import domain_allows, domains, follows, moderation
from node.services.moderation import Measure
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import PUBLIC, Peer
from tests.federation.test_received_activities import followed, met
from tests.federation.test_relays import admin


@pytest.mark.parametrize(
    "spelling",
    ["evil.example", "EVIL.example", "evil.example.", "evil.example:443", "sub.evil.example", "Sub.EVIL.example:8443"],
)
async def test_a_suspended_domain_is_refused_however_it_is_spelt(node: Node, spelling: str) -> None:
    """CVE-2023-42451: names are compared in one spelling everywhere."""
    await domains.block("Evil.Example.")
    assert await policy.is_refused(spelling)
    for uri in (f"https://{spelling}/users/a", f"https://{spelling}/notes/1"):
        with pytest.raises(ResolveError):
            await resolve.resolve_actor(uri)
        with pytest.raises(ResolveError):
            await resolve.resolve_post(uri)
    with pytest.raises(ResolveError):
        await resolve.resolve_handle(f"a@{spelling}")
    with pytest.raises(DomainError):
        await builders.remote_account("a", domains.normalise(spelling))
    assert await node.count("accounts", "domain <> ''") == 0


@pytest.mark.parametrize("rule", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "bu\u0308cher.example"])
async def test_a_name_outside_ascii_is_one_name_in_all_its_forms(node: Node, rule: str) -> None:
    await domains.block(rule)
    for name in (
        "xn--bcher-kva.example",
        "bücher.example",
        "a.b\u00fccher.example",
        "bu\u0308cher.example",
        "BÜCHER。example",
    ):
        assert await policy.is_refused(name), name
    assert not await policy.is_refused("bucher.example")


async def test_nothing_comes_from_or_goes_to_a_suspended_domain(node: Node, peer: Peer, stranger: Peer) -> None:
    me = await builders.local_account()
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    account = await followed(node, ann, me)
    await followed(node, bob, me)
    await follows.follow(account, me, uri=f"{ann.uri}#f")
    await node.deliver()
    post = await builders.post(me)
    await node.deliver()
    await domains.block(peer.host)
    await node.process()
    await node.deliver()
    assert {one["type"] for one in peer.received[-2:]} == {"Undo", "Reject"}
    asked, told = len(peer.asked), len(peer.received)

    note = peer.serve(ann.note())
    for activity in (
        ann.create(note),
        ann.follow(me.uri),
        ann.activity("Like", post.uri),
        ann.activity("Delete", ann.uri),
    ):
        assert (await node.receive(activity, ann)).status_code == 403
        for path in (f"/ap/users/{me.id}/inbox", "/actor/inbox"):
            assert (await node.receive(activity, ann, path=path)).status_code == 403
    # Somebody else's activity under a key of theirs, and theirs under somebody else's.
    assert (await node.receive(bob.create(bob.note()), ann)).status_code == 403
    assert (await node.receive(ann.create(note), bob)).status_code == 403
    # Their post through others: shared, answered, mentioned, quoted.
    await node.take(bob.activity("Announce", note["id"], to=[PUBLIC], cc=[]), bob)
    answer = bob.note(inReplyTo=note["id"], tag=[{"type": "Mention", "href": ann.uri, "name": f"@{ann.handle}"}])
    await node.take(bob.create(answer), bob)
    await node.process()
    assert [row.uri for row in await Post.filter(account__domain__not="").all()] == [answer["id"]]
    # What they ask for, signed by them, and what is published here meanwhile.
    hidden = await builders.post(me, f"@{ann.handle} look", visibility="followers")
    assert (await node.get(f"/ap/posts/{hidden.id}", by=ann)).status_code == 404
    await builders.post(me, f"@{ann.handle} hello")
    await node.deliver()
    assert (len(peer.asked), len(peer.received)) == (asked, told)


async def test_a_suspended_account_does_not_come_back_by_another_path(node: Node, peer: Peer, stranger: Peer) -> None:
    """GHSA-5h2f-wg8j-xqwp."""
    me = await builders.local_account()
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    account = await followed(node, ann, me)
    await followed(node, bob, me)
    moderator = await _staff()
    await moderation.take(moderator, account.id, Measure("suspend"))
    await node.process()
    note = peer.serve(ann.note())
    before = await node.count("posts")
    for activity in (
        ann.create(note),
        ann.follow(me.uri),
        ann.activity("Update", ann.document() | {"suspended": False}),
        ann.activity("Announce", (await builders.post(me)).uri, to=[PUBLIC], cc=[]),
    ):
        await node.receive(activity, ann)
    await node.take(bob.activity("Announce", note["id"], to=[PUBLIC], cc=[]), bob)
    await node.take(bob.create(bob.note(inReplyTo=note["id"])), bob)
    with pytest.raises(ResolveError):
        await resolve.resolve_post(note["id"])
    fresh = await resolve.refresh(ann.uri)
    assert fresh.suspended_at is not None and (await builders.fresh(account)).suspended_at is not None
    assert not await Post.filter(uri=note["id"]).exists()
    assert await node.count("posts") == before + 2
    assert await node.count("follows", "account_id = ?", account.id) == 0
    await moderation.unsuspend(moderator, account.id)
    await node.take(ann.create(note), ann)
    assert await Post.filter(uri=note["id"]).exists()


async def _staff() -> Any:
    return await User.get(account_id=await admin()).select_related("account")


async def test_pictures_are_not_taken_from_a_domain_wherever_they_are_named(node: Node, peer: Peer) -> None:
    me = await builders.local_account()
    ann = peer.person(
        "ann", icon={"type": "Image", "mediaType": "image/png", "url": "https://cdn.pics.example/ann.png"}
    )
    await followed(node, ann, me)
    await domains.block("pics.example", severity="noop", reject_media=True)
    files = [
        {"type": "Document", "mediaType": "image/png", "url": url}
        for url in ("https://cdn.pics.example/1.png", "https://fine.example/2.png")
    ]
    note = ann.note(attachment=files)
    await node.take(ann.create(note), ann)
    post = await Post.get(uri=note["id"])
    assert [row["remote_url"] for row in await post.media.all().values("remote_url")] == ["https://fine.example/2.png"]
    await resolve.refresh(ann.uri)
    assert (await Account.get(uri=ann.uri)).avatar_remote_url is None
    await domains.block(peer.host, severity="noop", reject_media=True)
    await node.take(ann.create(second := ann.note(attachment=files[1:])), ann)
    assert not (await Post.get(uri=second["id"])).has_media


def keep_to_few(node: Node) -> None:
    """As with `federation.only_allowed` in its settings."""
    federation = node.settings.federation.model_copy(update={"only_allowed": True})
    parts = runtime()
    object.__setattr__(parts, "settings", parts.settings.model_copy(update={"federation": federation}))


async def test_a_node_that_keeps_to_few_takes_nothing_from_others(node: Node, peer: Peer, stranger: Peer) -> None:
    keep_to_few(node)
    await domain_allows.add(peer.host)
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    await met(node, ann)
    assert (await node.receive(bob.create(bob.note()), bob)).status_code == 403
    for uri in (bob.uri, stranger.serve(bob.note())["id"]):
        with pytest.raises(ResolveError):
            await resolve.resolve_post(uri)
    assert stranger.asked == []


async def test_a_node_that_keeps_to_few_serves_its_posts_to_nobody_else(node: Node, peer: Peer, stranger: Peer) -> None:
    keep_to_few(node)
    await domain_allows.add(peer.host)
    ann, bob = peer.person("ann"), stranger.person("bob", key=1)
    path = (await builders.post(await builders.local_account())).uri.removeprefix("http://here.example")
    answers = [await node.get(path), await node.get(path, by=bob), await node.get(path, by=ann)]
    assert [answer.status_code for answer in answers] == [401, 404, 200]
    assert stranger.asked == []


async def test_a_domain_allowed_no_longer_loses_its_follows_and_people_are_told(
    node: Node, peer: Peer, stranger: Peer
) -> None:
    keep_to_few(node)
    allow = await domain_allows.add(peer.host)
    await domain_allows.add(stranger.host)
    me = await builders.local_account()
    ann, bob = await met(node, peer.person("ann")), await met(node, peer.person("bob"))
    cleo = await met(node, stranger.person(key=1))
    await builders.following(ann, me)
    await builders.following(me, bob)
    await builders.following(me, cleo)
    await domain_allows.remove(allow)
    await node.process()
    await node.deliver()
    assert {activity["type"] for activity in peer.received} == {"Reject", "Undo"}, "the last it hears of us"
    assert [row.target_id for row in await Follow.all()] == [cleo.id]
    (loss,) = await AccountSeverance.all().select_related("severance")
    assert (loss.account_id, loss.followers_count, loss.following_count) == (me.id, 1, 1)
    assert (loss.severance.target_name, loss.severance.lifted_at) == (peer.host, None)
    await builders.post(me)
    await node.process()
    await node.deliver()
    assert len(peer.received) == 2
    await domain_allows.add(peer.host)
    assert (await Severance.get(id=loss.severance_id)).lifted_at is not None, "they may follow anew, and are told so"


async def test_a_domain_allowed_no_longer_by_a_node_that_takes_everybody_loses_nothing(node: Node, peer: Peer) -> None:
    await builders.following(await builders.local_account(), await met(node, peer.person("ann")))
    await domain_allows.remove(await domain_allows.add(peer.host))
    await node.process()
    assert await Follow.all().count() == 1
