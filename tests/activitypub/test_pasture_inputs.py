"""The Fediverse pasture's collection of odd but well-meant posts."""

from __future__ import annotations

from typing import Any

import pytest

from activitypub.parse import ParseError, parse_note
from activitypub.vocabulary import NOTE_TYPES
from tests.activitypub.strategies import photo

inputs = pytest.importorskip(
    "fediverse_pasture_inputs", reason="its dependencies do not go with ours: install it by hand"
)

CASES = [(name, example) for name, data in sorted(inputs.available.items()) for example in data.examples]


def as_post(example: dict[str, Any]) -> dict[str, Any]:
    """The example laid over a post of the host its authors are on."""
    actor = "http://pasture-one-actor/actor"
    return {**photo(id="http://pasture-one-actor/notes/1", attributedTo=actor), **example}


@pytest.mark.parametrize(("name", "example"), CASES)
def test_every_input_is_read_or_refused_with_a_reason(name: str, example: dict[str, Any]) -> None:
    try:
        note = parse_note(as_post(example))
    except ParseError as error:
        assert error.path in ("id", "type", "attributedTo"), name
        return
    assert note.id == "http://pasture-one-actor/notes/1"


def test_of_the_kinds_of_objects_exactly_the_posts_are_read() -> None:
    for example in inputs.available["object_types"].examples:
        kinds = example["type"] if isinstance(example["type"], list) else [example["type"]]
        if NOTE_TYPES.isdisjoint(kinds):
            with pytest.raises(ParseError):
                parse_note(as_post(example))
        else:
            assert parse_note(as_post(example)).name == "name"


def test_every_hashtag_is_read_as_written() -> None:
    names = [parse_note(as_post(example)).hashtags[0].name for example in inputs.available["hashtags"].examples]
    assert {"test", "CamelCase", "ümläütß", "牛", "with white space"} <= set(names)


def test_every_quote_is_read_in_whatever_dialect() -> None:
    for example in inputs.available["quotes"].examples:
        assert parse_note(as_post(example)).quote == "http://pasture-one-actor/assets/note1.jsonap"


def test_every_way_to_say_public_is_understood() -> None:
    for example in inputs.available["public_addressing"].examples:
        assert parse_note(as_post(example)).to == ("https://www.w3.org/ns/activitystreams#Public",)


def test_pictures_without_a_media_type_are_known_by_their_ending() -> None:
    (first, *_) = inputs.available["image_attachments"].examples
    assert [attachment.kind for attachment in parse_note(as_post(first)).attachments] == ["image"]


def test_of_several_renditions_the_best_is_taken() -> None:
    examples = inputs.available["recommended_attachments"].examples
    (attachment,) = parse_note(as_post(examples[3])).attachments
    assert (attachment.url.rpartition("/")[2], attachment.width, attachment.height) == ("cow_eating_hd.mp4", 1920, 1080)


def test_a_sensitive_picture_makes_a_sensitive_post() -> None:
    for example in inputs.available["content_warnings"].examples:
        says_so = example.get("sensitive") or example.get("attachment", {}).get("sensitive")
        assert parse_note(as_post(example)).sensitive is bool(says_so)
