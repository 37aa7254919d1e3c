"""Authors elsewhere turn down what people here did to their posts, as GoToSocial lets them."""

from __future__ import annotations

from typing import Any

import pytest

from node.models.posts import Post
from node.services import likes, shares
from node.services.visibility import may_see
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_received_activities import met


@pytest.mark.parametrize("embedded", [False, True])
async def test_an_author_turns_down_a_comment_a_like_and_a_share(node: Node, peer: Peer, embedded: bool) -> None:
    ann, eve = peer.person("ann"), peer.person("eve", key=1)
    me, other = await builders.local_account(), await builders.local_account()
    theirs = await builders.received(await met(node, ann))
    await met(node, eve)
    comment = await builders.post(me, "May I?", parent_id=theirs.id)
    like, share = await likes.like(me, theirs.id), await shares.share(me, theirs.id)

    async def left() -> tuple[bool, int, int, int]:
        post = await builders.fresh(theirs)
        return await may_see(other, await builders.fresh(comment)), *counts(post)

    def counts(post: Post) -> tuple[int, int, int]:
        return post.comments_count, post.likes_count, post.shares_count

    for person, after in ((eve, (True, 1, 1, 1)), (ann, (False, 0, 0, 0)), (ann, (False, 0, 0, 0))):
        for what, kind in ((comment, "Note"), (like, "Like"), (share, "Announce")):
            inner: dict[str, Any] = {"id": what.uri, "type": kind, "actor": me.uri, "object": theirs.uri}
            await node.take(person.activity("Reject", inner if embedded else what.uri), person)
        assert await left() == after
    assert await may_see(me, await builders.fresh(comment)), "its writer still sees it"


async def test_an_answer_of_the_same_second_comes_after_what_it_answers(node: Node, peer: Peer) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await met(node, ann)
    mine = await builders.post(me)
    note = ann.note(inReplyTo=mine.uri, published=mine.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    await node.take(ann.create(note), ann)
    answer = await Post.get(uri=note["id"])
    assert answer.id > mine.id
    assert answer.created_at <= mine.created_at, "what it says of its time is kept"
