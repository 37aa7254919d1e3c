"""Carousels, polls, quotes and pins between two real nodes, in both directions.

Anna posts here, ben follows her from there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import TwoNodes
from tests.e2e.nodes import NodeProcess, until
from tests.e2e.person import Member, Refused, document
from tests.media.films import film


def counts(poll: Any) -> list[int]:
    return [option["votes_count"] for option in poll["options"]]


def media_of(status: Any) -> list[tuple[str, str, Any]]:
    return [(item["type"], item["description"], item["meta"]["focus"]) for item in status["media_attachments"]]


def file_behind(url: str) -> tuple[int, str, int]:
    """How a file is answered: the status, its kind and how long it is."""
    answer = httpx.get(url, timeout=60)
    return answer.status_code, answer.headers["Content-Type"].partition("/")[0], len(answer.content)


def files_of(node: NodeProcess) -> int:
    """How many files a node keeps."""
    return sum(1 for path in (node.data_dir / "media").rglob("*") if path.is_file())


def test_a_mixed_carousel_is_seen_there_edited_and_gone_with_its_files(
    nodes: TwoNodes, anna: Member, ben: Member, tmp_path: Path
) -> None:
    sent = film(tmp_path / "waves.mp4", size="160x120")
    alt_texts = ["A quay", "A grebe"]
    quay, grebe = anna.photographs(*alt_texts)
    waves = anna.upload(sent.read_bytes(), "waves.mp4", "Waves & wind")
    until("the film is ready", lambda: anna.get(f"/api/v1/media/{waves['id']}").get("url"))
    [oslo] = [town for town in anna.get("/api/v1/places", q="Oslo") if town["country"] == "Norway"]
    anna._call("PUT", f"/api/v1/media/{grebe['id']}", json={"focus": "0.5,-0.25"})
    media = [item["id"] for item in (quay, waves, grebe)]
    before = files_of(nodes.there)
    post = anna.publish("The fjord", media, place_id=oslo["id"])
    seen = ben.receives(post)
    middle, point = {"x": 0.0, "y": 0.0}, {"x": 0.5, "y": -0.25}
    expected = [("image", "A quay", middle), ("video", "Waves & wind", middle), ("image", "A grebe", point)]
    assert media_of(seen) == media_of(post) == expected
    assert (seen["place"]["name"], seen["place"]["country"]) == ("Oslo", "Norway")
    place = ben.get(f"/api/v1/places/{seen['place']['id']}")
    assert (place["latitude"], place["longitude"]) == (oslo["latitude"], oslo["longitude"])
    there = [item["url"] for item in seen["media_attachments"]]
    assert all(url.startswith(nodes.there.url) for url in there)
    kinds = [file_behind(url)[:2] for url in there]
    assert kinds == [(200, "image"), (200, "video"), (200, "image")]
    assert file_behind(there[1]) == file_behind(post["media_attachments"][1]["url"])
    assert files_of(nodes.there) > before

    anna.edit(
        post["id"],
        status="The fjord again",
        media_ids=[waves["id"], grebe["id"]],
        media_attributes=[{"id": waves["id"], "description": "Waves alone"}],
        place_id="0",
    )
    until("the edit arrives", lambda: len(media_of(ben.sees(seen["id"]))) == 2)
    edited = ben.sees(seen["id"])
    assert media_of(edited) == [("video", "Waves alone", middle), ("image", "A grebe", point)]
    assert edited["place"] is None
    assert [item["url"] for item in edited["media_attachments"]] == there[1:]
    assert file_behind(there[0])[0] == 404

    anna._call("PUT", f"/api/v1/media/{waves['id']}/film", json={"crop": "0,0,0.5,1", "mute": True})
    until(
        "the other film arrives",
        lambda: ben.sees(seen["id"])["media_attachments"][0]["meta"].get("size") == "80x120",
    )
    cut, kept = ben.sees(seen["id"])["media_attachments"]
    assert (cut["description"], kept["url"]) == ("Waves alone", there[2])
    assert file_behind(cut["url"])[:2] == (200, "video")
    assert ben.sees(seen["id"])["media_attachments"][0]["type"] == "gifv", "it is silent, as is seen now"
    assert file_behind(there[1])[0] == 404

    anna.delete(post["id"])
    until("it is gone there", lambda: ben.sees(seen["id"]) is None)
    assert [file_behind(url)[0] for url in (*there, cut["url"])] == [404] * 4
    until("nothing of it is kept there", lambda: files_of(nodes.there) == before)
    for item in post["media_attachments"]:
        until("its files are gone here", lambda url=item["url"]: file_behind(url)[0] == 404)


def test_a_poll_is_asked_here_and_answered_there(anna: Member, ben: Member) -> None:
    asked = anna.publish("Sea or hills?", poll={"options": ["Sea", "Hills"], "expires_in": 3600, "multiple": False})
    seen = ben.receives(asked)["poll"]
    assert [option["title"] for option in seen["options"]] == ["Sea", "Hills"]
    assert (seen["multiple"], seen["expires_at"]) == (False, asked["poll"]["expires_at"])
    voted = ben.post(f"/api/v1/polls/{seen['id']}/votes", choices=[1])
    assert (voted["voted"], voted["own_votes"], counts(voted)) == (True, [1], [0, 1])
    until("the vote is counted here", lambda: counts(anna.sees(asked["id"])["poll"]) == [0, 1])
    assert anna.sees(asked["id"])["poll"]["voters_count"] == 1
    with pytest.raises(Refused):
        ben.post(f"/api/v1/polls/{seen['id']}/votes", choices=[0])


def test_a_quote_is_approved_there_shown_here_and_taken_back(anna: Member, ben: Member) -> None:
    post = anna.publish("Quote me", quote_approval_policy="public")
    seen = ben.receives(post)
    assert seen["quote_approval"]["current_user"] == "automatic"
    quote = ben.publish("Look at this", quoted_status_id=seen["id"])
    shown = until(
        "the quote is approved",
        lambda: (found := ben.sees(quote["id"]))["quote"]["state"] == "accepted" and found["quote"],
    )
    assert shown["quoted_status"]["uri"] == post["uri"]
    told = until("anna is told", lambda: anna.told("quote", ben))["status"]
    assert (told["uri"], told["quote"]["quoted_status"]["id"]) == (quote["uri"], post["id"])
    assert anna.sees(post["id"])["quotes_count"] == 1
    stamp = until("the stamp is shown", lambda: document(quote["uri"]).json().get("quoteAuthorization"))
    served = document(stamp).json()
    assert (served["interactingObject"], served["interactionTarget"]) == (quote["uri"], post["uri"])

    anna.post(f"/api/v1/statuses/{post['id']}/quotes/{told['id']}/revoke")
    until("it is taken back there", lambda: ben.sees(quote["id"])["quote"]["state"] == "revoked")
    assert ben.sees(quote["id"])["quote"]["quoted_status"] is None
    assert anna.sees(post["id"])["quotes_count"] == 0
    assert httpx.get(stamp, headers={"Accept": "application/activity+json"}, timeout=20).status_code == 404


def test_who_wants_no_quotes_is_not_quoted(anna: Member, ben: Member) -> None:
    seen = ben.receives(anna.publish("Not me", quote_approval_policy="nobody"))
    assert seen["quote_approval"]["current_user"] == "denied"
    with pytest.raises(Refused):
        ben.publish("Look at this", quoted_status_id=seen["id"])


def test_a_pinned_post_and_a_hashtag_stand_on_the_profile_there_too(anna: Member, ben: Member) -> None:
    post = anna.publish("Who I am")
    ben.receives(post)
    account = ben.knows(anna)["id"]

    def pinned() -> list[str]:
        return [status["uri"] for status in ben.get(f"/api/v1/accounts/{account}/statuses", pinned="true")]

    anna.does("pin", post["id"])
    until("it is pinned there", lambda: pinned() == [post["uri"]])
    anna.does("unpin", post["id"])
    until("it is pinned no more", lambda: pinned() == [])
    tag = anna.post("/api/v1/featured_tags", name="Harbour")
    path = f"/api/v1/accounts/{account}/featured_tags"
    until("the hashtag is shown", lambda: [item["name"] for item in ben.get(path)] == [tag["name"]])
