"""The forms our peers insist on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub.featuring import FeatureAuthorization, FeaturedCollection, FeaturedItem
from activitypub.parse import parse_activity, parse_quote_authorization
from activitypub.parse.featuring import parse_feature_authorization, parse_featured_collection
from activitypub.render import (
    quote_request,
    render_accept,
    render_actor,
    render_add,
    render_announce,
    render_block,
    render_collection_page,
    render_create,
    render_delete,
    render_flag,
    render_follow,
    render_like,
    render_move,
    render_note,
    render_ordered_collection,
    render_quote_authorization,
    render_reject,
    render_remove,
    render_tombstone,
    render_undo,
    render_update,
)
from activitypub.render.featuring import render_feature_authorization, render_featured_collection
from activitypub.types import (
    Activity,
    Actor,
    Approval,
    Attachment,
    Collection,
    Emoji,
    Hashtag,
    Image,
    InteractionPolicy,
    Mention,
    Multikey,
    Note,
    Place,
    Poll,
    PollOption,
    PublicKey,
    QuoteAuthorization,
    Tombstone,
)
from activitypub.vocabulary import ACTIVITYSTREAMS, PUBLIC

ADA = "https://photos.example/ap/users/1"
BEN = "https://elsewhere.example/users/ben"
POST = "https://photos.example/ap/posts/1"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

ACTOR = Actor(
    id=ADA,
    type="Person",
    username="ada",
    inbox=f"{ADA}/inbox",
    outbox=f"{ADA}/outbox",
    followers=f"{ADA}/followers",
    following=f"{ADA}/following",
    shared_inbox="https://photos.example/inbox",
    url="https://photos.example/@ada",
    icon=Image("https://photos.example/media/a.jpg", "image/jpeg", "Ada"),
    published=NOON,
    public_keys=(PublicKey(f"{ADA}#main-key", ADA, "PEM"),),
)
PHOTO = Note(
    id=POST,
    type="Note",
    attributed_to=ADA,
    content="<p>Sea</p>",
    language="en",
    published=NOON,
    to=(PUBLIC,),
    cc=(f"{ADA}/followers",),
    attachments=(
        Attachment(
            kind="image",
            url="https://photos.example/media/1.jpg",
            media_type="image/jpeg",
            description="A lighthouse",
            blurhash="UBL_:rOpGG-oBUNG",
            focus=(0.0, 0.5),
            width=1080,
            height=1350,
        ),
    ),
    mentions=(Mention(BEN, "@ben@elsewhere.example"),),
    hashtags=(Hashtag("Sea", "https://photos.example/tags/sea"),),
)


NOT_TERMS = {"@context", "contentMap", "summaryMap"}


def terms_used(value: Any) -> set[str]:
    """Every key and every type name of a document, its context aside."""
    if isinstance(value, list):
        return set().union(*map(terms_used, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = set(value) - NOT_TERMS | ({value["type"]} if "type" in value else set())
    return own.union(*(terms_used(child) for key, child in value.items() if key not in NOT_TERMS))


ACTIVITYSTREAMS_NAMES = """
    id type actor object target to cc content contentMap summary name published updated url attachment tag icon image
    mediaType width height duration inReplyTo attributedTo location latitude longitude replies likes shares context
    audience oneOf anyOf endTime closed totalItems first next prev partOf items orderedItems preferredUsername inbox
    outbox followers following endpoints sharedInbox formerType deleted instrument result href rel Link
    Note Question Document Image Video Audio Person Mention Place Collection OrderedCollection OrderedCollectionPage
    CollectionPage Tombstone Create Update Delete Follow Accept Reject Undo Like Announce Block Flag Move Add Remove
"""
ACTIVITYSTREAMS_TERMS = set(ACTIVITYSTREAMS_NAMES.split())
SECURITY_TERMS = {"publicKey", "owner", "publicKeyPem"}


def defined_by(context: Any) -> set[str]:
    known = set(ACTIVITYSTREAMS_TERMS)
    for entry in context if isinstance(context, list) else [context]:
        if isinstance(entry, dict):
            known |= set(entry)
        elif entry == "https://w3id.org/security/v1":
            known |= SECURITY_TERMS
        else:
            assert entry == ACTIVITYSTREAMS
    return known


QUOTING = "https://elsewhere.example/p/1"
STAMP = QuoteAuthorization(f"{ADA}/quote_authorizations/1", ADA, QUOTING, POST)
EVERYTHING = replace(
    PHOTO,
    type="Question",
    name="Title",
    poll=Poll((PollOption("Sea", 1),), True, NOON, NOON, 1),
    place=Place("Oslo", 59.9, 10.7, "Norway", "https://photos.example/places/1"),
    emojis=(Emoji("wave", "https://photos.example/w.png", "image/png", "https://photos.example/emojis/1", NOON),),
    quote="https://elsewhere.example/posts/9",
    quote_authorization="https://elsewhere.example/stamps/1",
    interaction_policy=InteractionPolicy(*[Approval((PUBLIC,), (ADA,))] * 4),
    conversation="tag:x",
    context="https://photos.example/contexts/1",
    image=Image("https://photos.example/media/2.jpg", "image/jpeg", "Title", "UBL_:rOpGG-oBUNG", 1, 1, (0, 0)),
    audience="https://elsewhere.example/groups/1",
    replies=f"{POST}/replies",
    likes=f"{POST}/likes",
    shares=f"{POST}/shares",
    attachments=(replace(PHOTO.attachments[0], duration=1.5, size=9, thumbnail="https://photos.example/t.jpg"),),
)
EVERYONE = replace(
    ACTOR,
    featured_tags=f"{ADA}/featured_tags",
    featured_collections=f"{ADA}/collections",
    can_feature=Approval((PUBLIC,), (BEN,)),
    featured=f"{ADA}/featured",
    moved_to=BEN,
    also_known_as=(BEN,),
    suspended=True,
    webfinger="ada@photos.example",
    hides_public_from_anonymous=True,
    hides_unlisted_from_anonymous=True,
    attribution_domains=("news.example",),
    assertion_methods=(Multikey(f"{ADA}#ed25519-key", ADA, "z6Mk"),),
)


FEATURED = FeaturedCollection(
    f"{ADA}/collections/1",
    ADA,
    "Birders",
    "Who to follow",
    "en",
    "https://photos.example/collections/1",
    True,
    True,
    "birds",
    (FeaturedItem(BEN, f"{ADA}/collections/1/items/1", "https://elsewhere.example/consents/1"),),
    NOON,
    NOON,
)
CONSENT = FeatureAuthorization(f"{ADA}/feature_authorizations/1", "https://elsewhere.example/collections/1", ADA)


def test_stamps_and_collections_of_accounts_read_as_they_are_written() -> None:
    assert parse_quote_authorization(render_quote_authorization(STAMP)) == STAMP
    assert parse_feature_authorization(render_feature_authorization(CONSENT)) == CONSENT
    assert parse_featured_collection(render_featured_collection(FEATURED)) == FEATURED
    assert parse_featured_collection(render_featured_collection(replace(FEATURED, language=None))).language is None


@pytest.mark.parametrize(
    "document",
    [
        render_featured_collection(FEATURED),
        render_feature_authorization(CONSENT),
        render_note(EVERYTHING),
        render_create(EVERYTHING, f"{POST}/activity"),
        render_actor(EVERYONE),
        render_update(EVERYONE, f"{ADA}#updates/1"),
        render_quote_authorization(STAMP),
        render_delete(STAMP, f"{ADA}#revoked/1", actor=ADA, to=(PUBLIC,)),
        render_accept(quote_request(f"{BEN}#q/1", actor=BEN, quoted=POST, quoting=QUOTING), f"{ADA}#a/1", actor=ADA),
    ],
)
def test_every_term_is_defined_by_the_documents_own_context(document: dict[str, Any]) -> None:
    assert terms_used(document) - defined_by(document["@context"]) == set()


def test_addressing_is_always_arrays() -> None:
    for document in (render_note(replace(PHOTO, cc=())), render_create(replace(PHOTO, cc=()), f"{POST}/activity")):
        assert document["to"] == [PUBLIC]
        assert document["cc"] == []


def test_a_picture_stands_as_pixelfed_and_mastodon_read_it() -> None:
    assert render_note(PHOTO)["attachment"] == [
        {
            "type": "Document",
            "mediaType": "image/jpeg",
            "url": "https://photos.example/media/1.jpg",
            "name": "A lighthouse",
            "summary": "A lighthouse",
            "blurhash": "UBL_:rOpGG-oBUNG",
            "focalPoint": [0.0, 0.5],
            "width": 1080,
            "height": 1350,
        }
    ]


@pytest.mark.parametrize(
    ("changes", "left_out"),
    [
        ({"width": 5001}, {"width", "height"}),
        ({"height": 0}, {"width", "height"}),
        ({"width": None}, {"width"}),
        ({"blurhash": ""}, {"blurhash"}),
        ({"blurhash": "LEHV6"}, {"blurhash"}),
        ({"blurhash": "x" * 165}, {"blurhash"}),
        ({"description": None}, {"name", "summary"}),
    ],
)
def test_what_would_cost_the_whole_post_at_pixelfed_is_left_out(changes: dict[str, Any], left_out: set[str]) -> None:
    (whole,) = render_note(PHOTO)["attachment"]
    (attachment,) = render_note(replace(PHOTO, attachments=(replace(PHOTO.attachments[0], **changes),)))["attachment"]
    assert set(whole) - set(attachment) == left_out


def test_tags_name_everyone_and_everything() -> None:
    assert render_note(PHOTO)["tag"] == [
        {"type": "Mention", "href": BEN, "name": "@ben@elsewhere.example"},
        {"type": "Hashtag", "href": "https://photos.example/tags/sea", "name": "#Sea"},
    ]


def test_a_post_says_what_it_is_not() -> None:
    document = render_note(PHOTO)
    assert document["inReplyTo"] is None
    assert document["summary"] is None
    assert document["sensitive"] is False
    assert document["commentsEnabled"] is True
    assert document["contentMap"] == {"en": "<p>Sea</p>"}
    assert document["published"] == "2026-11-22T12:00:00Z"


def test_a_quote_stands_in_every_dialect() -> None:
    document = render_note(replace(PHOTO, quote=POST))
    assert [document[key] for key in ("quote", "_misskey_quote", "quoteUrl", "quoteUri")] == [POST] * 4


def test_a_vote_has_a_name_and_no_content() -> None:
    vote = Note(f"{POST}/vote", "Note", ADA, name="Sea", in_reply_to="https://elsewhere.example/p/1", to=(BEN,))
    document = render_create(vote, f"{POST}/vote/activity")["object"]
    assert document["name"] == "Sea"
    assert "content" not in document


def test_an_actor_states_what_pixelfeds_update_needs() -> None:
    document = render_update(ACTOR, f"{ADA}#updates/1")["object"]
    for key in ("url", "summary", "preferredUsername", "name", "inbox", "outbox", "following", "followers"):
        assert isinstance(document[key], str), key
    assert document["manuallyApprovesFollowers"] is False
    assert document["publicKey"] == {"id": f"{ADA}#main-key", "owner": ADA, "publicKeyPem": "PEM"}
    assert document["icon"]["mediaType"] == "image/jpeg"
    assert document["endpoints"] == {"sharedInbox": "https://photos.example/inbox"}


def test_an_actors_update_goes_to_everyone() -> None:
    document = render_update(ACTOR, f"{ADA}#updates/1", published=NOON)
    assert (document["actor"], document["to"], document["cc"]) == (ADA, [PUBLIC], [f"{ADA}/followers"])
    assert "@context" not in document["object"]


def test_an_edit_goes_to_whom_the_post_went() -> None:
    document = render_update(replace(PHOTO, updated=NOON), f"{POST}#updates/1")
    assert (document["type"], document["to"], document["cc"]) == ("Update", [PUBLIC], [f"{ADA}/followers"])
    assert document["object"]["updated"] == document["published"] == "2026-11-22T12:00:00Z"


def test_a_deleted_post_is_a_tombstone_and_a_deleted_actor_its_id() -> None:
    post = render_delete(Tombstone(POST), f"{POST}#delete", actor=ADA, to=[PUBLIC], cc=[BEN])
    assert post["object"] == {"id": POST, "type": "Tombstone"}
    assert (post["actor"], post["to"], post["cc"]) == (ADA, [PUBLIC], [BEN])
    assert render_delete(ADA, f"{ADA}#delete", actor=ADA, to=[PUBLIC])["object"] == ADA
    assert render_delete(ACTOR, f"{ADA}#delete", actor=ADA, to=[PUBLIC])["object"] == {"id": ADA, "type": "Person"}


def test_follow_like_announce_and_block_name_their_object_by_its_bare_id() -> None:
    documents = [
        render_follow("https://photos.example/1", actor=ADA, followed=BEN),
        render_like("https://photos.example/1", actor=ADA, liked=BEN),
        render_announce("https://photos.example/1", actor=ADA, announced=BEN, published=NOON, to=[PUBLIC], cc=[]),
        render_block("https://photos.example/1", actor=ADA, blocked=BEN),
    ]
    assert [document["type"] for document in documents] == ["Follow", "Like", "Announce", "Block"]
    assert all(document["object"] == BEN and document["actor"] == ADA for document in documents)
    assert all(document["@context"] == ACTIVITYSTREAMS for document in documents)


FOLLOW = Activity("https://elsewhere.example/follows/1", "Follow", BEN, object_id=ADA)


@pytest.mark.parametrize(("render", "kind"), [(render_accept, "Accept"), (render_reject, "Reject")])
def test_an_answer_embeds_the_whole_follow(render: Any, kind: str) -> None:
    document = render(FOLLOW, f"{ADA}#answers/1", actor=ADA)
    assert (document["type"], document["actor"], document["to"]) == (kind, ADA, [BEN])
    assert document["object"] == {"id": FOLLOW.id, "type": "Follow", "actor": BEN, "object": ADA}


def test_an_answer_repeats_nothing_a_stranger_embedded() -> None:
    stuffed = parse_activity(
        {
            "id": FOLLOW.id,
            "type": "Follow",
            "actor": {"id": BEN, "name": "x" * 1000},
            "object": {"id": ADA, "type": "Person", "name": "x" * 1000},
            "content": "x" * 1000,
        }
    )
    assert render_accept(stuffed, f"{ADA}#answers/1", actor=ADA) == render_accept(FOLLOW, f"{ADA}#answers/1", actor=ADA)


def test_an_accepted_quote_request_keeps_its_instrument_and_gets_its_stamp() -> None:
    request = Activity(
        "https://elsewhere.example/q/1", "QuoteRequest", BEN, POST, instrument="https://elsewhere.example/p/1"
    )
    document = render_accept(request, f"{ADA}#answers/2", actor=ADA, result=f"{POST}/stamps/1")
    assert document["object"]["instrument"] == "https://elsewhere.example/p/1"
    assert document["result"] == f"{POST}/stamps/1"


def test_an_undo_embeds_what_is_undone() -> None:
    announce = Activity(f"{POST}/shares/1", "Announce", ADA, BEN, to=(PUBLIC,), cc=(f"{ADA}/followers",))
    document = render_undo(announce, f"{POST}/shares/1#undo")
    assert document["object"] == {"id": announce.id, "type": "Announce", "actor": ADA, "object": BEN}
    assert (document["actor"], document["to"], document["cc"]) == (ADA, [PUBLIC], [f"{ADA}/followers"])


def test_a_report_names_the_account_first() -> None:
    document = render_flag(
        "https://photos.example/1", actor=ADA, reported=BEN, posts=["https://elsewhere.example/p/1"], comment="spam"
    )
    assert document["object"] == [BEN, "https://elsewhere.example/p/1"]
    assert (document["content"], document["to"]) == ("spam", [BEN])


def test_a_report_of_an_account_alone_is_an_array_too() -> None:
    assert render_flag("https://photos.example/1", actor=ADA, reported=BEN)["object"] == [BEN]


def test_moving_and_pinning() -> None:
    move = render_move(f"{ADA}#moves/1", actor=ADA, target=BEN, to=[f"{ADA}/followers"])
    assert (move["object"], move["target"]) == (ADA, BEN)
    for render, key, kind in ((render_add, "added", "Add"), (render_remove, "removed", "Remove")):
        pin: Any = render
        document = pin(f"{ADA}#pins/1", actor=ADA, target=f"{ADA}/featured", to=[PUBLIC], **{key: POST})
        assert (document["type"], document["object"], document["target"]) == (kind, POST, f"{ADA}/featured")


def test_a_tombstone_answers_for_a_deleted_post() -> None:
    assert render_tombstone(Tombstone(POST, NOON, "Note")) == {
        "@context": ACTIVITYSTREAMS,
        "id": POST,
        "type": "Tombstone",
        "deleted": "2026-11-22T12:00:00Z",
        "formerType": "Note",
    }


def test_a_hidden_list_shows_its_count_alone() -> None:
    assert render_ordered_collection(f"{ADA}/followers", total_items=12) == {
        "@context": ACTIVITYSTREAMS,
        "id": f"{ADA}/followers",
        "type": "OrderedCollection",
        "totalItems": 12,
    }


def test_an_empty_page_still_has_its_items() -> None:
    page = Collection(f"{ADA}/outbox?page=1", "OrderedCollectionPage", part_of=f"{ADA}/outbox")
    document = render_collection_page(page)
    assert document["orderedItems"] == []
    assert document["partOf"] == f"{ADA}/outbox"
    with pytest.raises(ValueError, match="part of"):
        render_collection_page(replace(page, part_of=None))
