"""The story, step by step. Each step does something on one node and waits until the other shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from node.demo.person import Person, Refused
from node.demo.process import NodeProcess, until
from node.demo.stage import Stage, ensure

Step = Callable[[Stage], None]


def two_nodes_start(stage: Stage) -> None:
    """Two nodes start on this machine"""
    for node in (stage.harbour, stage.mountain):
        node.start()
        title = httpx.get(f"{node.url}/api/v2/instance", timeout=10).json()["title"]
        stage.shows(f"{title} answers at {node.url}")


def three_people_sign_up(stage: Stage) -> None:
    """Anna signs up on Harbour, Ben and Cleo on Mountain"""
    stage.anna = _newcomer(stage, stage.harbour, "anna")
    stage.ben = _newcomer(stage, stage.mountain, "ben")
    stage.cleo = _newcomer(stage, stage.mountain, "cleo")


def _newcomer(stage: Stage, node: NodeProcess, name: str) -> Person:
    person = Person(node, name)
    person.sign_up()
    stage.sent(f"{name} opens an account and confirms {person.email} with the code from the letter")
    stage.shows(f"@{person.handle} is account {person.id}")
    return person


def ben_follows_anna(stage: Stage) -> None:
    """Ben finds Anna from the other node and follows her"""
    anna = stage.ben.find(f"@{stage.anna.handle}", "accounts")
    ensure(anna, f"Mountain finds @{stage.anna.handle}")
    stage.sent(f"ben searches @{stage.anna.handle} and follows")
    stage.ben.post(f"/api/v1/accounts/{anna['id']}/follow")
    until("Mountain shows that ben follows anna", lambda: stage.ben.relationship(anna["id"])["following"])
    follower = until("Harbour tells anna of her follower", lambda: _from(stage.anna, "follow", stage.ben))
    stage.shows(f"Harbour tells anna: @{follower['account']['acct']} follows you")


def anna_posts_a_carousel(stage: Stage) -> None:
    """Anna posts a carousel of three photographs"""
    media = stage.photographs(stage.anna, 3, "Harbour at dawn")
    text = f"Dawn over the harbour, for @{stage.ben.handle} #sunrise https://harbour.example/"
    stage.posts["carousel"] = stage.anna.publish(text, media, visibility="public", language="en")
    stage.sent(f"anna posts “{text}” with {len(media)} photographs")
    seen = until("the carousel in ben's home timeline", lambda: stage.arrived("carousel", stage.ben, stage.ben.home))
    attachments = seen["media_attachments"]
    ensure(len(attachments) == 3, f"Mountain shows three photographs, not {len(attachments)}")
    ensure(attachments[0]["description"] == "Harbour at dawn, picture 1 of 3", "the description came along")
    ensure(any(tag["name"] == "sunrise" for tag in seen["tags"]), "the hashtag came along")
    picture = httpx.get(attachments[0]["url"], timeout=10)
    ensure(picture.headers["content-type"].startswith("image/"), "the photograph can be looked at")
    stage.shows(f"Mountain shows ben {len(attachments)} photographs, the first “{attachments[0]['description']}”")
    until("Mountain tells ben of the mention", lambda: _from(stage.ben, "mention", stage.anna))
    stage.shows("Mountain tells ben: anna mentioned you")


def anna_asks_to_follow_cleo(stage: Stage) -> None:
    """Cleo's account is private: Anna has to ask"""
    stage.cleo.change_profile(locked=True)
    stage.sent("cleo makes her account private")
    cleo = stage.anna.find(f"@{stage.cleo.handle}", "accounts")
    ensure(cleo and cleo["locked"], "Harbour shows that cleo's account is private")
    relationship = stage.anna.post(f"/api/v1/accounts/{cleo['id']}/follow")
    ensure(relationship["requested"] and not relationship["following"], "anna's request waits")
    stage.sent("anna asks to follow cleo")
    request = until("Mountain shows cleo the request", lambda: _first(stage.cleo.get("/api/v1/follow_requests")))
    stage.shows(f"Mountain asks cleo: may @{request['acct']} follow you?")
    stage.cleo.post(f"/api/v1/follow_requests/{request['id']}/authorize")
    stage.sent("cleo accepts")
    until("Harbour shows that anna follows cleo", lambda: stage.anna.relationship(cleo["id"])["following"])
    stage.shows("Harbour shows that anna follows cleo")


def cleo_posts_to_her_followers(stage: Stage) -> None:
    """Cleo posts to her followers only"""
    media = stage.photographs(stage.cleo, 1, "Behind the hut")
    stage.posts["private"] = stage.cleo.publish("Only for you who follow me", media, visibility="private")
    stage.sent("cleo posts a photograph for her followers")
    until("cleo's post in anna's home timeline", lambda: stage.arrived("private", stage.anna, stage.anna.home))
    stage.shows("Harbour shows it to anna")
    status_id = stage.posts["private"]["id"]
    stranger = httpx.get(f"{stage.mountain.url}/api/v1/statuses/{status_id}", timeout=10)
    ensure(stranger.status_code == 404, "a stranger is told that there is no such post")
    ensure(stage.ben.sees(status_id) is None, "ben, who does not follow her, does not see it")
    stage.shows("Mountain shows it neither to ben nor to strangers")


def ben_likes(stage: Stage) -> None:
    """Ben likes the carousel"""
    stage.ben.post(f"/api/v1/statuses/{stage.seen['carousel']['id']}/favourite")
    stage.sent("ben likes anna's carousel")
    until("Harbour counts the like", lambda: _carousel(stage)["favourites_count"] == 1)
    like = until("Harbour tells anna of the like", lambda: _from(stage.anna, "favourite", stage.ben))
    stage.shows(f"Harbour counts 1 like and tells anna: @{like['account']['acct']} likes your post")


def ben_comments_and_anna_replies(stage: Stage) -> None:
    """Ben comments, Anna replies"""
    comment = stage.ben.publish(
        f"@{stage.anna.handle} What light!", in_reply_to_id=stage.seen["carousel"]["id"], visibility="public"
    )
    stage.posts["comment"] = comment
    stage.sent("ben comments: “What light!”")
    arrived = until(
        "ben's comment below anna's post",
        lambda: stage.arrived("comment", stage.anna, lambda: stage.anna.comments(stage.posts["carousel"]["id"])),
    )
    stage.shows(f"Harbour shows below the post: @{arrived['account']['acct']} – {_plain(arrived)}")
    stage.posts["reply"] = stage.anna.publish(
        f"@{stage.ben.handle} You should come and see it", in_reply_to_id=arrived["id"], visibility="public"
    )
    stage.sent("anna replies: “You should come and see it”")
    reply = until(
        "anna's reply below ben's comment",
        lambda: stage.arrived("reply", stage.ben, lambda: stage.ben.comments(stage.seen["carousel"]["id"])),
    )
    ensure(reply["in_reply_to_id"] == comment["id"], "the reply stands below ben's comment")
    stage.shows(f"Mountain shows below ben's comment: @{reply['account']['acct']} – {_plain(reply)}")


def anna_edits(stage: Stage) -> None:
    """Anna edits the caption"""
    stage.anna.edit(
        stage.posts["carousel"]["id"],
        status="Dawn over the old harbour #sunrise",
        media_ids=[media["id"] for media in stage.posts["carousel"]["media_attachments"]],
    )
    stage.sent("anna changes the caption to “Dawn over the old harbour #sunrise”")
    edited = until("the new caption on Mountain", lambda: _with_text(_seen(stage), "old harbour"))
    ensure(edited["edited_at"], "Mountain shows that the post was edited")
    ensure(len(edited["media_attachments"]) == 3, "the photographs stay")
    stage.shows(f"Mountain shows: {_plain(edited)} (edited {edited['edited_at']})")


def ben_shares(stage: Stage) -> None:
    """Ben shares the carousel with his followers"""
    stage.ben.post(f"/api/v1/statuses/{stage.seen['carousel']['id']}/reblog")
    stage.sent("ben shares anna's carousel")
    until("Harbour counts the share", lambda: _carousel(stage)["reblogs_count"] == 1)
    share = until("Harbour tells anna of the share", lambda: _from(stage.anna, "reblog", stage.ben))
    stage.shows(f"Harbour counts 1 share and tells anna: @{share['account']['acct']} shared your post")


def anna_deletes(stage: Stage) -> None:
    """Anna deletes her reply"""
    stage.anna.delete(stage.posts["reply"]["id"])
    stage.sent("anna deletes her reply")
    until("the reply is gone from Mountain", lambda: stage.ben.sees(stage.seen["reply"]["id"]) is None)
    stage.shows("Mountain does not show it any more")


def anna_blocks_ben(stage: Stage) -> None:
    """Anna blocks Ben"""
    anna = stage.ben.find(f"@{stage.anna.handle}", "accounts")
    ben = stage.anna.find(f"@{stage.ben.handle}", "accounts")
    stage.anna.post(f"/api/v1/accounts/{ben['id']}/block")
    stage.sent("anna blocks ben")
    until("Mountain shows that ben no longer follows anna", lambda: not stage.ben.relationship(anna["id"])["following"])
    stage.shows("Mountain shows that ben no longer follows anna")
    try:
        stage.ben.post(f"/api/v1/accounts/{anna['id']}/follow")
    except Refused as refusal:
        stage.shows(f"ben, who tries to follow her again, is refused ({refusal.status})")
        return
    until("ben's new request comes to nothing", lambda: not _bound(stage.ben.relationship(anna["id"])))
    stage.shows("ben's new request to follow her comes to nothing")


STORY: tuple[Step, ...] = (
    two_nodes_start,
    three_people_sign_up,
    ben_follows_anna,
    anna_posts_a_carousel,
    anna_asks_to_follow_cleo,
    cleo_posts_to_her_followers,
    ben_likes,
    ben_comments_and_anna_replies,
    anna_edits,
    ben_shares,
    anna_deletes,
    anna_blocks_ben,
)


def _first(found: list[Any]) -> Any:
    return found[0] if found else None


def _from(person: Person, kind: str, other: Person) -> Any:
    """The newest notification of this kind from `other`."""
    return _first([item for item in person.notifications(kind) if item["account"]["acct"] == other.handle])


def _carousel(stage: Stage) -> Any:
    return stage.anna.sees(stage.posts["carousel"]["id"])


def _seen(stage: Stage) -> Any:
    return stage.ben.sees(stage.seen["carousel"]["id"])


def _with_text(status: Any, text: str) -> Any:
    return status if text in status["content"] else None


def _bound(relationship: Any) -> bool:
    return bool(relationship["following"] or relationship["requested"])


def _plain(status: Any) -> str:
    from node.text import plain_text

    return plain_text(status["content"]).strip()
