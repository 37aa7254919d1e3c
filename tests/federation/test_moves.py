"""Somebody elsewhere goes on under another account, and those here go along; or they do not, because it is not so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.entities.account import render
from federation import resolve
from federation.inbound import receive
from federation.wiring import INBOX_CONCURRENCY
from node import clock, jobs
from node.models.accounts import Account, User
from node.models.graph import AccountNote, Follow
from node.models.lists import ListMember
from node.models.moves import AccountMove
from node.queries import accounts
from node.services import account_notes, blocks, lists, moves, mutes
from node.services.lists import Terms
from tests import builders
from tests.api.client import json
from tests.conftest import HeldClock
from tests.federation.node import Node
from tests.federation.peer import Peer, Person
from tests.federation.test_received_activities import followed, met


def going(old: Person, new: Person, **changes: Any) -> dict[str, Any]:
    """The Move of `old` to `new`, both of whose documents say so."""
    old.extra["movedTo"] = new.uri
    new.extra["alsoKnownAs"] = [old.uri]
    return old.activity("Move", old.uri, target=new.uri) | changes


@pytest.fixture
def old(peer: Peer) -> Person:
    return peer.person("old")


@pytest.fixture
def new(stranger: Peer) -> Person:
    return stranger.person("new", key=1)


async def follows_of(account: Account) -> dict[str, Follow]:
    rows = await Follow.filter(account_id=account.id).select_related("target")
    return {row.target.uri: row for row in rows}


async def test_followers_here_go_along_with_their_lists_and_terms(
    node: Node, peer: Peer, stranger: Peer, old: Person, new: Person
) -> None:
    ann, ben = await builders.local_account(), await builders.local_account()
    origin = await followed(node, old, ann)
    await followed(node, old, ben)
    await Follow.filter(account_id=ann.id).update(show_shares=False, notify=True, languages=" de en ")
    ours = await lists.create(ann, Terms(title="Birds"))
    await lists.add(ann, ours.id, [origin.id])
    await node.take(going(old, new), old)

    target = await Account.get(uri=new.uri)
    assert (await builders.fresh(origin)).moved_to_uri == new.uri
    for reader in (ann, ben):
        assert list(await follows_of(reader)) == [new.uri]
    carried = (await follows_of(ann))[new.uri]
    assert (carried.show_shares, carried.notify, carried.languages) == (False, True, " de en ")
    assert not carried.accepted, "the new account's server decides"
    assert [row.account_id for row in await ListMember.filter(list_id=ours.id)] == [target.id]
    await node.deliver()
    assert sorted(activity["type"] for activity in stranger.received) == ["Follow", "Follow"]
    assert sorted(activity["type"] for activity in peer.received if activity["type"] != "Follow") == ["Undo", "Undo"]


async def test_an_exclusive_list_keeps_the_new_account_out_of_home_too(node: Node, old: Person) -> None:
    ann, me = await builders.local_account(), await builders.local_account()
    origin = await followed(node, old, ann)
    ours = await lists.create(ann, Terms(title="Birds", exclusive=True))
    await lists.add(ann, ours.id, [origin.id])
    await builders.post(me)
    await Account.filter(id=me.id).update(also_known_as=[old.uri])
    old.extra["movedTo"] = me.uri
    await node.take(old.activity("Move", old.uri, target=me.uri), old)
    assert list(await follows_of(ann)) == [me.uri]
    assert await builders.home_of(ann) == []
    assert await node.count("list_entries", "list_id = ?", ours.id) == 1


async def test_notes_blocks_and_mutes_go_along_once(node: Node, old: Person, new: Person) -> None:
    noting, blocking, muting = [await builders.local_account() for _ in range(3)]
    following = await builders.local_account()
    origin = await met(node, old)
    target = await met(node, new)
    await account_notes.note(noting, origin, "Grebes, mostly")
    await account_notes.note(noting, target, "Who is this?")
    await blocks.block(blocking, origin)
    await mutes.mute(muting, origin, hide_notifications=False)
    await blocks.block(following, origin)
    await builders.following(following, target)
    move = going(old, new)
    await node.take(move, old)
    await node.take(move | {"id": f"{old.uri}#move/again"}, old)

    notes = {note.account_id: note.comment for note in await AccountNote.filter(target_id=target.id)}
    assert notes[noting.id] == f"Moved here from @{old.handle}. Grebes, mostly\n\nWho is this?"
    assert "had blocked" in notes[blocking.id]
    assert "had muted" in notes[muting.id]
    assert await node.count("blocks", "target_id = ?", target.id) == 1
    assert await node.count("mutes", "target_id = ? AND hide_notifications = FALSE", target.id) == 1
    assert await node.count("follows", "account_id = ? AND target_id = ?", following.id, target.id) == 1
    assert await node.count("account_moves") == 1


async def test_a_private_account_here_has_its_followers_back_unasked(node: Node, old: Person) -> None:
    me, ann = await builders.local_account(is_private=True), await builders.local_account()
    await followed(node, old, ann)
    await followed(node, old, me)
    old.extra["movedTo"] = me.uri
    move = old.activity("Move", old.uri, target=me.uri)
    await node.take(move, old)
    assert list(await follows_of(ann)) == [old.uri], "the account here does not say it is theirs"
    await Account.filter(id=me.id).update(also_known_as=[old.uri])
    await node.take(move | {"id": f"{old.uri}#move/2"}, old)
    assert (await follows_of(ann))[me.uri].accepted
    assert list(await follows_of(me)) == [old.uri], "nobody follows themselves"


async def test_the_new_account_may_say_it_where_the_old_one_leads_there(node: Node, old: Person, new: Person) -> None:
    ann = await builders.local_account()
    await followed(node, old, ann)
    pulled = new.activity("Move", old.uri, target=new.uri)
    new.extra["alsoKnownAs"] = [old.uri]
    await node.take(pulled, new)
    assert list(await follows_of(ann)) == [old.uri]
    old.extra["movedTo"] = new.uri
    await node.take(pulled | {"id": f"{new.uri}#move/2", "target": new.document()}, new)
    assert list(await follows_of(ann)) == [new.uri]


@pytest.mark.parametrize(
    "wrong", ["no alias", "moved on", "elsewhere", "of another", "nowhere", "suspended here", "another id"]
)
async def test_nobody_goes_along_when_it_is_not_so(
    node: Node, peer: Peer, stranger: Peer, old: Person, new: Person, wrong: str
) -> None:
    ann = await builders.local_account()
    await followed(node, old, ann)
    eve = peer.person("eve", key=2)
    await met(node, eve)
    move = going(old, new)
    by = old
    match wrong:
        case "no alias":
            new.extra["alsoKnownAs"] = [f"{old.uri}2"]
        case "moved on":
            new.extra["movedTo"] = f"{peer.origin}/users/third"
        case "elsewhere":
            old.extra["movedTo"] = f"{peer.origin}/users/third"
        case "of another":
            move, by = eve.activity("Move", old.uri, target=new.uri), eve
        case "nowhere":
            move = old.activity("Move", old.uri, target=old.uri)
        case "suspended here":
            await Account.filter(id=(await met(node, new)).id).update(suspended_at=clock.now())
        case "another id":
            stranger.documents["/users/new"] = stranger.person("newer", alsoKnownAs=[old.uri]).document()
    await node.take(move, by)
    assert list(await follows_of(ann)) == [old.uri]
    assert await node.count("account_moves") == 0
    assert await node.count("jobs", "state IN ('failed', 'waiting') AND queue = 'inbox'") == 0


async def test_an_account_moves_once_a_week(node: Node, stranger: Peer, old: Person, new: Person) -> None:
    ann, ben, third = await builders.local_account(), await builders.local_account(), stranger.person("third", key=1)
    origin = await followed(node, old, ann)
    await followed(node, old, ben)
    await blocks.block(ben, await met(node, new))
    await node.take(going(old, new), old)
    assert list(await follows_of(ann)) == [new.uri]
    assert list(await follows_of(ben)) == [old.uri], "who blocks the new account stays behind"
    await node.take(going(old, third), old)
    assert list(await follows_of(ben)) == [old.uri]
    await AccountMove.filter(account_id=origin.id).update(created_at=clock.now() - timedelta(days=8))
    await node.take(going(old, third), old)
    assert list(await follows_of(ben)) == [third.uri]


async def test_a_move_that_concerns_nobody_here_asks_nobody_at_once(
    node: Node, stranger: Peer, old: Person, new: Person
) -> None:
    await met(node, old)
    asked = list(stranger.asked)
    await node.receive(going(old, new), old)
    await jobs.Worker(receive.QUEUE, INBOX_CONCURRENCY).run_until_idle()
    assert stranger.asked == asked
    await node.process()
    assert (await Account.get(uri=old.uri)).moved_to_uri == new.uri
    assert await Account.filter(uri=new.uri).exists(), "it is read in the background, to be shown"


async def home_of(origin: Account) -> str | None:
    """The id of the account that clients are shown as where somebody has moved to."""
    (shown,) = await render(await accounts.details([origin.id]))
    return shown.moved.uri if shown.moved else None


async def test_where_somebody_says_to_have_moved_to_is_asked_until_it_agrees(
    node: Node, stranger: Peer, old: Person, new: Person, held_clock: HeldClock
) -> None:
    old.extra["movedTo"] = new.uri
    origin = await met(node, old)
    await node.process()
    assert await Account.filter(uri=new.uri).exists()
    assert not await home_of(origin), "the new account knows nothing of it"
    new.extra["alsoKnownAs"] = [old.uri]
    held_clock.advance(86_460)
    await resolve.refresh(old.uri)
    await node.process()
    assert await home_of(origin) == new.uri
    asked = list(stranger.asked)
    await resolve.refresh(old.uri)
    await node.process()
    assert stranger.asked == asked, "it was read a moment ago"


async def test_an_account_of_ours_says_that_it_moves_and_its_followers_are_told(
    node: Node, peer: Peer, new: Person
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    new.extra["alsoKnownAs"] = [me.uri]
    await node.take(ann.follow(me.uri), ann)
    await node.deliver()
    user = await User.get(account_id=me.id).select_related("account")
    await moves.leave_for(user, await met(node, new), password="")
    await node.deliver()
    update, move = peer.received[-2:]
    assert (update["type"], update["object"]["movedTo"]) == ("Update", new.uri)
    assert (move["type"], move["actor"], move["object"], move["target"]) == ("Move", me.uri, me.uri, new.uri)
    assert move["to"] == [f"{me.uri}/followers"]
    document = await json(await node.get(f"/ap/users/{me.id}"))
    assert document["movedTo"] == new.uri
    answer = await node.receive(ann.follow(me.uri) | {"id": f"{ann.uri}#follow/late"}, ann)
    assert answer.status_code == 202
    await node.process()
    await node.deliver()
    assert peer.received[-1]["type"] == "Reject"
