"""A picture for followers between two real nodes: who gets it, by which address, and what ends that.

Anna posts here, ben follows her from there, cleo lives there and follows nobody.
"""

from __future__ import annotations

import httpx

from tests.e2e.conftest import TwoNodes
from tests.e2e.nodes import until
from tests.e2e.person import ACTIVITY, Member, document, newcomer


def status_of(url: str) -> int:
    return httpx.get(url, timeout=60).status_code


def test_a_picture_for_followers_is_seen_there_by_those_alone(nodes: TwoNodes, anna: Member, ben: Member) -> None:
    [picture] = anna.photographs("A heron for my followers")
    post = anna.publish("ours", visibility="private", media=[picture["id"]])
    [own] = post["media_attachments"]
    seen = ben.receives(post)
    [shown] = seen["media_attachments"]
    assert (shown["description"], shown["remote_url"]) == ("A heron for my followers", None)
    assert shown["url"].startswith(f"{nodes.there.url}/media/closed/")
    assert own["url"].startswith(f"{nodes.here.url}/media/closed/")
    for url in (own["url"], own["preview_url"], shown["url"], shown["preview_url"]):
        answer = httpx.get(url, timeout=60)
        assert (answer.status_code, answer.headers["Content-Type"].partition("/")[0]) == (200, "image")
        assert "private" in answer.headers["Cache-Control"]
        bare = f"{url.rpartition('/')[0]}/-"
        assert status_of(bare) == 404
    cleo = newcomer(nodes.there, "cleo")
    hers = {"Authorization": f"Bearer {cleo.token}"}
    assert httpx.get(f"{shown['url'].rpartition('/')[0]}/-", headers=hers, timeout=20).status_code == 404
    assert document(post["uri"]).status_code == 404
    assert httpx.get(f"{post['uri']}/activity", headers={"Accept": ACTIVITY}, timeout=20).status_code == 404
    cleo.close()

    ben.unfollow(anna)
    until("ben sees it no longer", lambda: status_of(shown["url"]) == 404)
    assert status_of(own["url"]) == 200
    ben.follow(anna)
    until("ben sees it again", lambda: status_of(shown["url"]) == 200)
    anna.post(f"/api/v1/accounts/{anna.knows(ben)['id']}/block")
    until("the block has come there", lambda: status_of(shown["url"]) == 404)
