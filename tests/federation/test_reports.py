"""Reports between servers: what others tell our moderators, and what we tell theirs."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.accounts import Account, User
from node.models.posts import Post
from node.models.reports import Report
from node.services import domains, received_reports, reports
from node.services.domains import Terms
from node.services.reports import Complaint
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer, Person
from tests.federation.test_received_activities import followed, met


@pytest.fixture
def office(peer: Peer) -> Person:
    """The other server itself, as Mastodon's instance actor."""
    return peer.person("office", type="Application")


async def moderator() -> Account:
    account = await builders.local_account()
    await User.filter(account_id=account.id).update(role="moderator")
    return account


async def test_a_report_from_elsewhere_reaches_the_moderators_once(node: Node, peer: Peer, office: Person) -> None:
    me, other, staff = await builders.local_account("me"), await builders.local_account(), await moderator()
    ours, hidden = await builders.post(me), await builders.post(me, visibility="followers")
    foreign = await builders.post(other)
    flag = office.activity("Flag", [me.uri, ours.uri, hidden.uri, foreign.uri], content="He is not kind" + "!" * 6000)
    await node.take(flag, office)
    await node.take(flag | {"id": f"{office.uri}#flag/again"}, office)
    (mine,) = await Report.filter(target_id=me.id)
    assert mine.post_ids == [ours.id], "what their server never got is not theirs to report"
    assert mine.comment.startswith("He is not kind") and len(mine.comment) <= 5000
    assert mine.account_id == (await Account.get(uri=office.uri)).id
    (of_other,) = await Report.filter(target_id=other.id)
    assert of_other.post_ids == [foreign.id]
    assert [kind for kind, _, _ in await builders.told(staff)] == ["admin.report", "admin.report"]


@pytest.mark.parametrize("shape", ["string", "embedded", "links in the text"])
async def test_every_shape_of_a_report_is_read(node: Node, office: Person, shape: str) -> None:
    me = await builders.local_account("me")
    post = await builders.post(me)
    page = f"http://here.example/@me/{post.id}"
    what: Any = {"string": me.uri, "embedded": {"id": me.uri, "type": "Person"}, "links in the text": [me.uri]}[shape]
    text = f"Note: {page}\nLocal Note: http://here.example/ap/posts/1\n-----\nspam" if "links" in shape else "spam"
    await node.take(office.activity("Flag", what, content=text), office)
    (report,) = await Report.filter(target_id=me.id)
    assert report.post_ids == ([post.id] if "links" in shape else [])


async def test_a_report_of_somebody_elsewhere_counts_for_what_they_answered_here(
    node: Node, peer: Peer, stranger: Peer, office: Person
) -> None:
    me, eve = await builders.local_account(), stranger.person("eve", key=1)
    await followed(node, eve, me)
    ours = await builders.post(me)
    answer, other = eve.note(inReplyTo=ours.uri), eve.note()
    await node.take(eve.create(answer), eve)
    await node.take(eve.create(other), eve)
    await node.take(office.activity("Flag", [eve.uri, other["id"]]), office)
    assert await node.count("reports") == 0
    await node.take(office.activity("Flag", [eve.uri, answer["id"], other["id"]]), office)
    (report,) = await Report.all()
    assert report.target_id == (await Account.get(uri=eve.uri)).id


async def test_reports_are_refused_from_where_none_are_wanted(
    node: Node, peer: Peer, office: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await builders.local_account()
    reporter = await met(node, office)
    await domains.impose(peer.host, Terms(severity="noop", reject_reports=True))
    await node.take(office.activity("Flag", me.uri), office)
    assert await node.count("reports") == 0
    await domains.unblock(peer.host)

    async def spent(*_: object) -> bool:
        return True

    with monkeypatch.context() as patched:
        patched.setattr(received_reports, "has_spent", spent)
        await node.take(office.activity("Flag", me.uri), office)
    assert await node.count("reports") == 0
    for what in (["http://here.example/actor"], [office.uri], ["http://here.example/ap/users/1"]):
        await node.take(office.activity("Flag", what), office)
    assert await node.count("reports") == 0
    await node.take(office.activity("Flag", me.uri), office)
    assert await node.count("reports", "account_id = ?", reporter.id) == 1


async def test_a_report_is_passed_on_in_the_nodes_name(node: Node, peer: Peer, stranger: Peer) -> None:
    ann, bob, me = peer.person("ann"), stranger.person("bob", key=1), await builders.local_account()
    await followed(node, ann, me)
    await followed(node, bob, me)
    answered = bob.note()
    await node.take(bob.create(answered), bob)
    note = ann.note(inReplyTo=answered["id"])
    await node.take(ann.create(note), ann)
    await node.deliver()
    before = len(peer.posted), len(stranger.posted)
    target, post = await Account.get(uri=ann.uri), await Post.get(uri=note["id"])
    quiet = await reports.file(me, Complaint(target.id, (post.id,), comment="for our moderators"))
    kept = await reports.file(me, Complaint(target.id, comment="to nobody", forward=True, forward_to=("x.example",)))
    await node.deliver()
    assert (len(peer.posted), len(stranger.posted)) == before

    report = await reports.file(
        me,
        Complaint(
            target.id, (post.id,), comment="Not kind", forward=True, forward_to=(peer.host, stranger.host, "bad host")
        ),
    )
    await node.deliver()
    for server in (peer, stranger):
        flag = server.received[-1]
        assert flag["type"] == "Flag"
        assert flag["actor"] == "http://here.example/actor", "nobody learns who complained"
        assert (flag["object"], flag["content"]) == ([ann.uri, note["id"]], "Not kind")
        assert "http://here.example/actor#main-key" in server.posted[-1].headers["signature"]
    assert (await builders.fresh(report)).forwarded_at is not None
    assert (await builders.fresh(quiet)).forwarded_at is None
    assert (await builders.fresh(kept)).forwarded_at is None
