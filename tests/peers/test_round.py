"""The round with every peer, in both directions: what one side does, the other understands, and the other way round.

Each side's meaning is asked of that side: the peer tells what its own library has read, the node answers by its API.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from node.text import plain_text
from tests.e2e.nodes import NodeProcess, until
from tests.e2e.person import Member, newcomer
from tests.peers.conftest import Peer

FOLLOWS: dict[str, str] = {}
"""The id of each peer's follow."""


@pytest.fixture(scope="module")
def anna(here: NodeProcess, peer: Peer) -> Iterator[Member]:
    """Somebody on the node, whom the peer's person follows and who follows them."""
    member = newcomer(here, "anna")
    account = until("the peer is found", lambda: member.find(f"@{peer.handle}", "accounts"))
    assert (account["acct"], account["uri"]) == (peer.handle, peer.uri)
    member.post(f"/api/v1/accounts/{account['id']}/follow")
    until("the peer has accepted", lambda: member.relationship(account["id"])["following"])
    FOLLOWS[peer.uri] = peer.does("follow", who=member.me()["uri"])
    until("the peer follows", lambda: member.me()["uri"] in peer.known()["following"])
    assert member.relationship(account["id"])["followed_by"] is True
    assert peer.known()["followers"] == [member.me()["uri"]]
    yield member
    member.close()


def words(status: Any) -> str:
    """The text of a post, without markup."""
    return plain_text(status["content"]).strip()


def test_what_the_node_says_the_peer_understands(anna: Member, peer: Peer) -> None:
    alt_texts = ["A heron at the weir", "Reeds & «frost»"]
    media = anna.photographs(*alt_texts)
    post = anna.publish("Two from this morning", [item["id"] for item in media])
    me = anna.me()["uri"]

    seen = until("the post is there", lambda: peer.known()["posts"].get(post["uri"]))
    assert seen["author"] == me
    assert plain_text(seen["content"]).strip() == "Two from this morning"
    assert seen["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    assert [picture["alt"] for picture in seen["pictures"]] == alt_texts
    for picture in seen["pictures"]:
        assert httpx.get(picture["url"], timeout=20).headers["content-type"] == picture["type"]

    anna.edit(post["id"], status="Two from this evening", media_ids=[item["id"] for item in media])
    until(
        "the edit is there",
        lambda: "this evening" in peer.known()["posts"][post["uri"]]["content"],
    )
    theirs = peer.does("post", text="<p>A question</p>")
    here = until("their post is here", lambda: anna.at_home(theirs))
    comment = anna.publish("An answer", in_reply_to_id=here["id"])
    answer = until("the comment is there", lambda: peer.known()["posts"].get(comment["uri"]))
    assert (answer["parent"], answer["author"]) == (theirs, me)

    for deed, undo, list_of in (("favourite", "unfavourite", "likes"), ("reblog", "unreblog", "shares")):
        anna.does(deed, here["id"])
        until(f"the {deed} is there", lambda of=list_of: [me, theirs] in peer.known()[of])
        anna.does(undo, here["id"])
        until(f"the {undo} is there", lambda of=list_of: [me, theirs] not in peer.known()[of])

    anna.delete(post["id"])
    until("the deletion is there", lambda: post["uri"] in peer.known()["deleted"])
    assert post["uri"] not in peer.known()["posts"]


def test_what_the_peer_says_the_node_understands(anna: Member, peer: Peer) -> None:
    alt_texts = ["A ferry", "Its wake; «long»"]
    pictures = [{"url": f"{peer.origin}/pictures/{number}.jpg", "alt": alt} for number, alt in enumerate(alt_texts)]
    uri = peer.does("post", text="<p>Crossing <b>over</b></p>", pictures=pictures)
    seen = until("the post is here", lambda: anna.at_home(uri))
    assert (words(seen), seen["visibility"]) == ("Crossing over", "public")
    assert (seen["account"]["acct"], seen["account"]["uri"]) == (peer.handle, peer.uri)
    assert [item["description"] for item in seen["media_attachments"]] == alt_texts
    assert [item["type"] for item in seen["media_attachments"]] == ["image", "image"]

    peer.does("edit", id=uri, text="<p>Crossing back</p>")
    until("the edit is here", lambda: words(anna.sees(seen["id"])) == "Crossing back")
    assert [words(look) for look in anna.history(seen["id"])] == ["Crossing over", "Crossing back"]

    post = anna.publish("What do you think?")
    me = anna.me()["uri"]
    comment = peer.does("post", text="<p>Lovely</p>", parent=post["uri"], to=me)
    below = until("the comment is here", lambda: anna.comments(post["id"]) or None)
    assert [(item["uri"], words(item), item["in_reply_to_id"]) for item in below] == [(comment, "Lovely", post["id"])]

    like = peer.does("like", id=post["uri"], to=me)
    share = peer.does("share", id=post["uri"], to=me)
    until("the like is here", lambda: anna.sees(post["id"])["favourites_count"] == 1)
    until("the share is here", lambda: anna.sees(post["id"])["reblogs_count"] == 1)
    for kind, path in (("favourite", "favourited_by"), ("reblog", "reblogged_by")):
        assert [who["acct"] for who in anna.get(f"/api/v1/statuses/{post['id']}/{path}")] == [peer.handle]
        assert any(item["account"]["acct"] == peer.handle for item in anna.notifications(kind))
    for taken_back in (like, share):
        peer.does("undo", id=taken_back, to=me)
    until("the like is gone", lambda: anna.sees(post["id"])["favourites_count"] == 0)
    until("the share is gone", lambda: anna.sees(post["id"])["reblogs_count"] == 0)

    peer.does("delete", id=comment, to=me)
    peer.does("delete", id=uri)
    until("the comment is gone", lambda: anna.comments(post["id"]) == [])
    until("the post is gone", lambda: anna.sees(seen["id"]) is None)


def test_both_follow_no_longer(anna: Member, peer: Peer) -> None:
    account = anna.find(f"@{peer.handle}", "accounts")
    peer.does("undo", id=FOLLOWS[peer.uri], to=anna.me()["uri"])
    until("the peer does not follow", lambda: not anna.relationship(account["id"])["followed_by"])
    anna.post(f"/api/v1/accounts/{account['id']}/unfollow")
    until("anna does not follow", lambda: peer.known()["followers"] == [])
    assert anna.relationship(account["id"])["following"] is False
