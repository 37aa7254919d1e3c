"""Polls, quotes and pins between two real nodes, in both directions.

Anna posts here, ben follows her from there.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.e2e.nodes import until
from tests.e2e.person import Member, Refused, document


def counts(poll: Any) -> list[int]:
    return [option["votes_count"] for option in poll["options"]]


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
