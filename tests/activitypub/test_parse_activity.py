"""Activities, collections and objects of any kind."""

from __future__ import annotations

from typing import Any

import pytest

from activitypub.parse import ParseError, parse_activity, parse_collection, parse_object, parse_tombstone
from activitypub.types import Activity, Actor, Collection, Note, Tombstone
from activitypub.vocabulary import ACTIVITIES_WITHOUT_ID, PUBLIC
from tests.activitypub.strategies import like, person, photo

ADA = "https://photos.example/users/ada"
POST = "https://elsewhere.example/posts/9"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"type": None}, "type"),
        ({"type": "Note"}, "type"),
        ({"type": "Person"}, "type"),
        ({"type": "x" * 101}, "type"),
        ({"actor": None}, "actor"),
        ({"actor": {"type": "Person"}}, "actor"),
        ({"actor": "acct:ada@photos.example"}, "actor"),
        ({"id": None}, "id"),
        ({"id": "https://elsewhere.example/likes/1"}, "id"),
        ({"id": "urn:uuid:1"}, "id"),
        ({"object": None}, "object"),
        ({"object": []}, "object"),
        ({"object": 7}, "object"),
        ({"object": "acct:ada@photos.example"}, "object"),
        ({"object": {"id": "ap://did:key:z6Mk/x", "type": "Note"}}, "object.id"),
        ({"object": [POST, {"id": 1}]}, "object.id"),
    ],
)
def test_a_bad_activity_is_refused_by_the_name_of_what_is_wrong(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_activity(like(**changes))
    assert caught.value.path == path


def test_the_actor_and_object_may_be_embedded() -> None:
    embedded = {"id": POST, "type": "Note"}
    activity = parse_activity(like(actor={"id": ADA, "type": "Person"}, object=embedded))
    assert (activity.actor, activity.object_id, activity.object) == (ADA, POST, embedded)


def test_an_array_of_one_object_is_that_object() -> None:
    activity = parse_activity(like(object=[POST]))
    assert (activity.object_id, activity.object_ids) == (POST, ())
    assert activity.every_object_id == (POST,)


def test_several_objects_are_kept_apart_from_a_single_one() -> None:
    vote = {"id": "https://photos.example/votes/1", "type": "Note", "name": "Sea"}
    anonymous = {"type": "Note", "name": "Hills"}
    activity = parse_activity(like(object=[POST, vote, anonymous]))
    assert (activity.object_id, activity.object) == (None, None)
    assert activity.object_ids == (POST, vote["id"]) == activity.every_object_id
    assert activity.objects == (vote, anonymous)


def test_a_report_keeps_its_first_hundred_objects_and_cuts_its_comment() -> None:
    objects = [f"https://elsewhere.example/posts/{i}" for i in range(300)]
    activity = parse_activity(like(type="Flag", object=objects, content="x" * 9000))
    assert len(activity.object_ids) == 100
    assert activity.content is not None
    assert len(activity.content) == 5000


@pytest.mark.parametrize("kind", sorted(ACTIVITIES_WITHOUT_ID))
def test_repeatable_activities_may_lack_an_id(kind: str) -> None:
    assert parse_activity(like(type=kind, id=None)).id is None


def test_a_follow_of_a_relay_names_public() -> None:
    assert parse_activity(like(type="Follow", object="as:Public")).object_id == PUBLIC


def test_an_emoji_reaction_keeps_its_emoji() -> None:
    assert parse_activity(like(_misskey_reaction=":wave:")).content == ":wave:"
    assert parse_activity(like(type="EmojiReact", content="👌")).content == "👌"


def test_a_story_answer_has_no_object_but_what_it_answers() -> None:
    story = "https://elsewhere.example/stories/ben/1"
    activity = parse_activity(like(type="Story:Reply", object=None, inReplyTo=story, content="Lovely"))
    assert (activity.object_id, activity.in_reply_to, activity.content) == (None, story, "Lovely")


def test_a_type_unknown_here_is_read_all_the_same() -> None:
    assert parse_activity(like(type="Levitate")).type == "Levitate"
    assert parse_activity(like(type=["https://x.example/Kudos", "Like"])).type == "Like"


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (person(), Actor),
        (photo(), Note),
        (photo(type=["as:Note"]), Note),
        (photo(type="https://www.w3.org/ns/activitystreams#Note"), Note),
        (like(), Activity),
        ({"id": POST, "type": "Tombstone"}, Tombstone),
        ({"id": POST, "type": "OrderedCollection"}, Collection),
    ],
)
def test_an_object_is_read_by_its_type(document: dict[str, Any], kind: type) -> None:
    assert isinstance(parse_object(document), kind)


@pytest.mark.parametrize("kind", ["Story", "ChatMessage", "Object", "", None, 7, {}, [[]]])
def test_an_object_of_a_kind_unknown_here_is_refused(kind: object) -> None:
    with pytest.raises(ParseError) as caught:
        parse_object(photo(type=kind))
    assert caught.value.path == "type"


def test_a_tombstone() -> None:
    document = {"id": POST, "type": "Tombstone", "formerType": ["Note"], "deleted": "never"}
    assert parse_tombstone(document) == Tombstone(POST, None, "Note")
    with pytest.raises(ParseError):
        parse_tombstone({"type": "Tombstone"})
    with pytest.raises(ParseError):
        parse_tombstone({"type": "Note", "id": POST})


FEATURED = "https://photos.example/users/ada/featured"


def test_a_collection_with_items_of_every_form() -> None:
    note = {"type": "Note", "id": POST}
    collection = parse_collection(
        {
            "id": FEATURED,
            "type": "OrderedCollection",
            "totalItems": 3,
            "orderedItems": [POST, note, None, 7, "x", [POST]],
        }
    )
    assert collection.items == (POST, note)
    assert collection.item_ids == (POST, POST)


def test_the_first_page_may_come_along() -> None:
    page = {"type": "CollectionPage", "partOf": FEATURED, "items": [POST], "first": {"type": "CollectionPage"}}
    collection = parse_collection({"id": FEATURED, "type": "Collection", "first": page})
    assert collection.first == Collection(None, "CollectionPage", items=(POST,), part_of=FEATURED)


def test_a_hidden_list_has_only_its_count() -> None:
    collection = parse_collection({"id": FEATURED, "type": "Collection", "totalItems": 437})
    assert (collection.total_items, collection.first, collection.items) == (437, None, ())


def test_a_page_is_read_no_further_than_its_limit() -> None:
    items = [f"https://photos.example/posts/{i}" for i in range(2000)]
    assert len(parse_collection({"id": FEATURED, "type": "Collection", "items": items}).items) == 500


@pytest.mark.parametrize("document", [{"type": "Collection"}, {"id": FEATURED, "type": "Note"}, {"id": FEATURED}])
def test_a_bad_collection_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ParseError):
        parse_collection(document)
