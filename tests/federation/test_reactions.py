"""Emoji reactions, which count as likes here, and requests that this node does not answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_received_activities import met


@pytest.mark.parametrize(
    "reaction",
    [
        {"type": "EmojiReact", "content": "👌"},
        {"type": "EmojiReact", "content": ":blob:", "tag": [{"type": "Emoji", "name": ":blob:", "icon": {"url": "x"}}]},
        {"type": "Like", "_misskey_reaction": "🎉"},
        {"type": "Like", "content": ":blob:"},
    ],
)
@pytest.mark.parametrize("undone", ["embedded", "without an id", "by its id"])
async def test_a_reaction_is_a_like_until_it_is_taken_back(
    node: Node, peer: Peer, reaction: dict[str, Any], undone: str
) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await met(node, ann)
    post = await builders.post(me)
    sent = {**ann.activity("Like", post.uri), **reaction}
    await node.take(sent, ann)
    await node.take({**sent, "id": f"{sent['id']}-another", "content": "🐦"}, ann)
    assert (await builders.fresh(post)).likes_count == 1
    assert [told[0] for told in await builders.told(me)] == ["favourite"]
    inner: Any = {"embedded": sent, "without an id": {**sent, "id": None}, "by its id": sent["id"]}[undone]
    await node.take(ann.activity("Undo", inner), ann)
    assert (await builders.fresh(post)).likes_count == 0


@pytest.mark.parametrize("kind", ["LikeRequest", "ReplyRequest", "AnnounceRequest", "View", "Dislike", "Offer", "Join"])
async def test_what_is_not_for_us_is_accepted_and_changes_nothing(node: Node, peer: Peer, kind: str) -> None:
    ann, me = peer.person("ann"), await builders.local_account()
    await met(node, ann)
    post = await builders.post(me)
    await node.take(ann.activity(kind, post.uri, instrument=f"{peer.origin}/likes/1"), ann)
    await node.deliver()
    fresh = await builders.fresh(post)
    assert (fresh.likes_count, fresh.comments_count, fresh.shares_count, peer.received) == (0, 0, 0, [])
