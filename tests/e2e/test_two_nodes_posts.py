"""What people post, say and like, between two real nodes: every activity about posts, in both directions.

Anna posts here, ben follows her from there; finn is ben's neighbour and follows nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from activitypub.signatures import SigningKey, generate_rsa_key, sign_get
from node import clock
from node.text import plain_text
from tests.e2e.conftest import TwoNodes
from tests.e2e.nodes import until
from tests.e2e.person import ACTIVITY, Member, Refused, document, newcomer


@pytest.fixture(scope="module")
def anna(anna: Member) -> Member:
    """The author, here, with an app she has let in through her browser."""
    anna.authorise_app()
    return anna


@pytest.fixture(scope="module")
def finn(nodes: TwoNodes) -> Iterator[Member]:
    """A stranger, there."""
    member = newcomer(nodes.there, "finn")
    yield member
    member.close()


def comment_below(reader: Member, post_id: str, comment: Any) -> Any:
    """The comment as it shows up below the reader's copy of a post."""
    return until(
        f"{comment['uri']} is below the post at {reader.username}'s",
        lambda: next((found for found in reader.comments(post_id) if found["uri"] == comment["uri"]), None),
    )


def tree(reader: Member, post_id: str) -> dict[str, str]:
    """Whose comment (by its text) stands below which, as the reader sees it."""
    statuses = [reader.sees(post_id), *reader.comments(post_id)]
    texts = {status["id"]: text_of(status) for status in statuses}
    return {text_of(status): texts[status["in_reply_to_id"]] for status in statuses[1:]}


def text_of(status: Any) -> str:
    """The words of a post, without those it names."""
    words = plain_text(status["content"]).split()
    return " ".join(word for word in words if not word.startswith("@"))


def test_a_post_arrives_with_its_photographs_and_everything_said_about_them(anna: Member, ben: Member) -> None:
    alt_texts = ["A quay before dawn", "Nets & floats", "«Three» grebes"]
    media = anna.photographs(*alt_texts)
    post = anna.publish(
        f"Morning round, @{ben.handle} #HarbourLight https://harbour.example/log",
        [item["id"] for item in reversed(media)],
        spoiler_text="Very early",
        sensitive=True,
        language="de",
        visibility="public",
        place_name="Stralsund",
    )
    seen = ben.receives(post)
    attachments = seen["media_attachments"]
    assert [item["description"] for item in attachments] == list(reversed(alt_texts))
    assert [item["blurhash"] for item in attachments] == [item["blurhash"] for item in reversed(media)]
    assert all(item["blurhash"] for item in attachments)
    assert [item["type"] for item in attachments] == ["image"] * 3
    for shown, sent in zip(attachments, reversed(media), strict=True):
        assert shown["meta"]["original"]["aspect"] == pytest.approx(sent["meta"]["original"]["aspect"], rel=0.01)
        assert httpx.get(shown["url"], timeout=20).headers["content-type"].startswith("image/")
    assert seen["spoiler_text"] == "Very early"
    assert seen["sensitive"] is True
    assert seen["language"] == "de"
    assert seen["visibility"] == "public"
    assert seen["created_at"] == post["created_at"]
    assert seen["url"] == post["url"]
    assert [tag["name"].lower() for tag in seen["tags"]] == ["harbourlight"]
    assert seen["place"]["name"] == "Stralsund"
    assert text_of(seen) == "Morning round, #HarbourLight https://harbour.example/log"
    [mention] = seen["mentions"]
    assert (mention["acct"], mention["id"]) == (ben.username, ben.id)
    assert seen["account"]["acct"] == anna.handle
    assert until("ben is told", lambda: ben.told("mention", anna))["status"]["id"] == seen["id"]
    assert seen["id"] in [status["id"] for status in ben.get("/api/v1/timelines/tag/harbourlight")]


def test_comments_and_comments_to_comments_stand_in_the_same_tree_on_both_nodes(
    anna: Member, ben: Member, finn: Member
) -> None:
    post = anna.publish("The post")
    seen = ben.receives(post)
    first = ben.publish(f"@{anna.handle} First", in_reply_to_id=seen["id"])
    first_here = comment_below(anna, post["id"], first)
    assert first_here["in_reply_to_id"] == post["id"]
    assert anna.told("mention", ben)["status"]["id"] == first_here["id"]
    answer = anna.publish(f"@{ben.handle} Answer", in_reply_to_id=first_here["id"])
    answer_there = comment_below(ben, seen["id"], answer)
    assert answer_there["in_reply_to_id"] == first["id"]
    third = finn.publish("Third", in_reply_to_id=answer_there["id"])
    comment_below(anna, post["id"], third)

    expected = {"First": "The post", "Answer": "First", "Third": "Answer"}
    assert tree(anna, post["id"]) == expected
    assert tree(ben, seen["id"]) == expected
    assert anna.sees(post["id"])["replies_count"] == ben.sees(seen["id"])["replies_count"] == 1
    above = ben.get(f"/api/v1/statuses/{third['id']}/context")["ancestors"]
    assert [text_of(status) for status in above] == ["The post", "First", "Answer"]


def test_a_followers_only_post_reaches_followers_and_nobody_else(anna: Member, ben: Member, finn: Member) -> None:
    [media] = anna.photographs("For friends")
    post = anna.publish("Only for those who follow me", [media["id"]], visibility="private")
    seen = ben.receives(post)
    assert seen["visibility"] == "private"
    assert finn.sees(seen["id"]) is None
    assert finn.knows_of(post["uri"]) is None
    assert httpx.get(f"{ben.node.url}/api/v1/statuses/{seen['id']}", timeout=20).status_code == 404
    assert httpx.get(f"{anna.node.url}/api/v1/statuses/{post['id']}", timeout=20).status_code == 404
    unsigned, unknown = document(post["uri"]), document(f"{post['uri']}0")
    assert (unsigned.status_code, unsigned.content) == (unknown.status_code, unknown.content)
    assert unsigned.status_code == 404
    assert document(f"{post['uri']}/activity").status_code == 404
    assert post["uri"] not in httpx.get(f"{seen['account']['uri']}/outbox?page=true", timeout=20).text
    with pytest.raises(Refused):
        ben.does("reblog", seen["id"])


def test_a_signature_nobody_knows_opens_no_followers_only_post(anna: Member, ben: Member) -> None:
    post = anna.publish("Not for you", visibility="private")
    ben.receives(post)
    actor = ben.knows(anna)["uri"]
    forged = SigningKey.from_pem(f"{actor}#main-key", generate_rsa_key())
    headers = sign_get(forged, post["uri"], clock.now()) | {"Accept": ACTIVITY}
    assert httpx.get(post["uri"], headers=headers, timeout=20).status_code == 404


def test_a_direct_message_reaches_only_whom_it_names(anna: Member, ben: Member, finn: Member) -> None:
    message = anna.publish(f"@{finn.handle} Between us", visibility="direct")
    told = until("finn is told", lambda: finn.told("mention", anna))
    assert told["status"]["uri"] == message["uri"]
    assert told["status"]["visibility"] == "direct"
    public = anna.publish("For everyone")
    ben.receives(public)
    assert ben.at_home(message["uri"]) is None
    assert ben.sees(told["status"]["id"]) is None
    assert ben.knows_of(message["uri"]) is None
    assert document(message["uri"]).status_code == 404

    answer = finn.publish(f"@{anna.handle} Understood", in_reply_to_id=told["status"]["id"], visibility="direct")
    heard = comment_below(anna, message["id"], answer)
    assert heard["visibility"] == "direct"
    assert ben.knows_of(answer["uri"]) is None


def test_an_edit_is_shown_on_both_nodes_with_its_history(anna: Member, ben: Member) -> None:
    first, second = anna.photographs("One", "Two")
    post = anna.publish("Version one", [first["id"], second["id"]])
    seen = ben.receives(post)
    assert seen["edited_at"] is None
    anna.edit(post["id"], status="Version two #edited", spoiler_text="Now with a warning")
    until("the second version arrives", lambda: text_of(ben.sees(seen["id"])) == "Version two #edited")
    anna.edit(
        post["id"],
        status="Version three",
        media_ids=[second["id"]],
        media_attributes=[{"id": second["id"], "description": "Two, better said"}],
    )
    until("the third version arrives", lambda: text_of(ben.sees(seen["id"])) == "Version three")
    for reader, post_id in ((anna, post["id"]), (ben, seen["id"])):
        shown = reader.sees(post_id)
        assert shown["edited_at"]
        assert shown["spoiler_text"] == "Now with a warning"
        assert shown["tags"] == []
        assert [item["description"] for item in shown["media_attachments"]] == ["Two, better said"]
        looks = reader.history(post_id)
        assert [text_of(look) for look in looks] == ["Version one", "Version two #edited", "Version three"]
        assert [look["spoiler_text"] for look in looks] == ["", "Now with a warning", "Now with a warning"]
        assert [len(look["media_attachments"]) for look in looks] == [2, 2, 1]
        assert [look["media_attachments"][-1]["description"] for look in looks] == ["Two", "Two", "Two, better said"]
        moments = [look["created_at"] for look in looks]
        assert moments == sorted(moments)
    assert ben.sees(seen["id"])["edited_at"] == anna.sees(post["id"])["edited_at"]
    assert ben.sees(seen["id"])["created_at"] == post["created_at"]


def test_a_deleted_post_is_gone_on_both_nodes_and_leaves_a_tombstone(anna: Member, ben: Member) -> None:
    post = anna.publish("Short-lived", [media["id"] for media in anna.photographs("A mayfly")])
    seen = ben.receives(post)
    anna.delete(post["id"])
    until("it is gone there", lambda: ben.sees(seen["id"]) is None)
    assert anna.sees(post["id"]) is None
    assert ben.at_home(post["uri"]) is None
    assert ben.knows_of(post["uri"]) is None
    answer = document(post["uri"])
    assert answer.status_code == 410
    assert answer.json()["type"] == "Tombstone"
    assert answer.json()["id"] == post["uri"]


def test_a_deleted_comment_is_gone_on_both_nodes_and_no_longer_counted(anna: Member, ben: Member) -> None:
    post = anna.publish("Say something")
    seen = ben.receives(post)
    comment = ben.publish("Something", in_reply_to_id=seen["id"])
    comment_below(anna, post["id"], comment)
    assert anna.sees(post["id"])["replies_count"] == 1
    ben.delete(comment["id"])
    until("it is gone here", lambda: anna.comments(post["id"]) == [])
    assert ben.comments(seen["id"]) == []
    assert anna.sees(post["id"])["replies_count"] == ben.sees(seen["id"])["replies_count"] == 0
    assert document(comment["uri"]).status_code == 410


def test_a_like_is_counted_and_told_until_it_is_taken_back(anna: Member, ben: Member) -> None:
    post = anna.publish("Like me")
    seen = ben.receives(post)
    assert ben.does("favourite", seen["id"])["favourited"] is True
    until("the like is counted here", lambda: anna.sees(post["id"])["favourites_count"] == 1)
    assert anna.told("favourite", ben)["status"]["id"] == post["id"]
    liked_by = anna.get(f"/api/v1/statuses/{post['id']}/favourited_by")
    assert [account["acct"] for account in liked_by] == [ben.handle]
    assert ben.does("unfavourite", seen["id"])["favourited"] is False
    until("it is counted no more", lambda: anna.sees(post["id"])["favourites_count"] == 0)
    assert anna.get(f"/api/v1/statuses/{post['id']}/favourited_by") == []
    told = anna.told("favourite", ben)
    assert told is None or told["status"]["id"] != post["id"]


def test_a_comment_is_liked_across_nodes_too(anna: Member, ben: Member) -> None:
    seen = ben.receives(anna.publish("Comments welcome"))
    comment = ben.publish("Welcome they are", in_reply_to_id=seen["id"])
    here = until("the comment arrives", lambda: anna.knows_of(comment["uri"]))
    anna.does("favourite", here["id"])
    until("the like is counted there", lambda: ben.sees(comment["id"])["favourites_count"] == 1)
    assert ben.told("favourite", anna)["status"]["id"] == comment["id"]


def test_a_share_is_counted_and_told_to_the_author_until_it_is_taken_back(anna: Member, ben: Member) -> None:
    post = anna.publish("Share me")
    seen = ben.receives(post)
    share = ben.does("reblog", seen["id"])
    assert share["reblog"]["id"] == seen["id"]
    until("the share is counted here", lambda: anna.sees(post["id"])["reblogs_count"] == 1)
    assert anna.told("reblog", ben)["status"]["id"] == post["id"]
    shared_by = anna.get(f"/api/v1/statuses/{post['id']}/reblogged_by")
    assert [account["acct"] for account in shared_by] == [ben.handle]
    assert ben.does("unreblog", seen["id"])["reblogged"] is False
    until("it is counted no more", lambda: anna.sees(post["id"])["reblogs_count"] == 0)
    assert anna.get(f"/api/v1/statuses/{post['id']}/reblogged_by") == []


def test_a_share_brings_a_post_to_the_followers_of_who_shares(anna: Member, ben: Member, nodes: TwoNodes) -> None:
    gwen = newcomer(nodes.here, "gwen")
    post = gwen.publish("Known to few", [media["id"] for media in gwen.photographs("A lane")])
    share = anna.does("reblog", post["id"])
    brought = until("the share is in ben's home", lambda: ben.at_home(share["uri"]))
    assert brought["account"]["acct"] == anna.handle
    assert brought["reblog"]["uri"] == post["uri"]
    assert brought["reblog"]["account"]["acct"] == gwen.handle
    assert [item["description"] for item in brought["reblog"]["media_attachments"]] == ["A lane"]
    anna.does("unreblog", post["id"])
    until("the share is gone there", lambda: ben.at_home(share["uri"]) is None)
    assert ben.sees(brought["reblog"]["id"])
    gwen.close()
