"""A picture for close friends between two real nodes: who gets it there, and what ends that.

Anna posts here; ben and cleo follow her from there, and ben alone is a close friend.
"""

from __future__ import annotations

import httpx

from tests.e2e.conftest import TwoNodes
from tests.e2e.nodes import until
from tests.e2e.person import Member, document, newcomer


def status_of(url: str) -> int:
    return httpx.get(url, timeout=60).status_code


def test_a_picture_for_close_friends_is_theirs_there(nodes: TwoNodes, anna: Member, ben: Member) -> None:
    cleo = newcomer(nodes.there, "cleo")
    cleo.follow(anna)
    until("cleo follows anna", lambda: cleo.stands_with(anna)["following"])
    anna.post("/api/v1/close_friends", account_ids=[anna.knows(ben)["id"]])
    [picture] = anna.photographs("A heron for close friends")
    post = anna.publish("ours", visibility="close_friends", media=[picture["id"]])
    seen = ben.receives(post)
    assert (seen["visibility"], seen["mentions"], seen["audience"]) == ("private", [], None)
    [shown] = seen["media_attachments"]
    assert (shown["description"], status_of(shown["url"])) == ("A heron for close friends", 200)
    bare = f"{shown['url'].rpartition('/')[0]}/-"
    hers = {"Authorization": f"Bearer {cleo.token}"}
    assert [httpx.get(bare, headers=headers, timeout=20).status_code for headers in (hers, {})] == [404, 404]
    assert document(post["uri"]).status_code == 404
    assert cleo.at_home(post["uri"]) is None
    comment = ben.publish("indeed", in_reply_to_id=seen["id"])
    own = until("anna hears of the comment", lambda: anna.told("mention", ben))
    assert (own["status"]["uri"], own["status"]["visibility"]) == (comment["uri"], "private")
    anna.post(f"/api/v1/accounts/{anna.knows(ben)['id']}/remove_from_followers")
    anna.post(f"/api/v1/accounts/{anna.knows(ben)['id']}/block")
    until("ben has lost it", lambda: status_of(shown["url"]) == 404)
    until("the post is gone there", lambda: ben.at_home(post["uri"]) is None)
    cleo.close()
