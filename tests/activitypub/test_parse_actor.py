"""Actors: what is refused, and what is tolerated."""

from __future__ import annotations

from typing import Any

import pytest

from activitypub.parse import ParseError, parse_actor, parse_object, parse_public_key
from activitypub.types import Actor, Image, ProfileField, PublicKey
from activitypub.vocabulary import PUBLIC
from tests.activitypub.strategies import person

ADA = "https://photos.example/users/ada"


def test_the_least_an_actor_needs() -> None:
    actor = parse_actor(person())
    assert (actor.id, actor.type, actor.username, actor.inbox) == (ADA, "Person", "ada", f"{ADA}/inbox")
    assert actor.host == "photos.example"
    assert actor.public_key(f"{ADA}#main-key") == PublicKey(f"{ADA}#main-key", ADA, "PEM")
    assert actor.public_key(f"{ADA}#other") is None
    assert not (actor.manually_approves_followers or actor.discoverable or actor.indexable or actor.suspended)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"id": None}, "id"),
        ({"id": "acct:ada@photos.example"}, "id"),
        ({"type": "Note"}, "type"),
        ({"type": None}, "type"),
        ({"inbox": None}, "inbox"),
        ({"inbox": "mailto:ada@photos.example"}, "inbox"),
        ({"preferredUsername": None}, "preferredUsername"),
        ({"preferredUsername": ""}, "preferredUsername"),
        ({"preferredUsername": "ada@photos.example"}, "preferredUsername"),
        ({"preferredUsername": "ada lovelace"}, "preferredUsername"),
        ({"preferredUsername": "<b>"}, "preferredUsername"),
        ({"preferredUsername": "../ada"}, "preferredUsername"),
        ({"publicKey": {"id": f"{ADA}#k", "owner": f"{ADA}2", "publicKeyPem": "x"}}, "publicKey.owner"),
        ({"publicKey": {"id": f"{ADA}#k", "publicKeyPem": "x"}}, "publicKey.owner"),
        ({"publicKey": {"id": "https://evil.example/k", "owner": ADA, "publicKeyPem": "x"}}, "publicKey.id"),
        ({"publicKey": {"id": f"{ADA}#k", "owner": ADA}}, "publicKey.publicKeyPem"),
    ],
)
def test_a_bad_actor_is_refused_by_the_name_of_what_is_wrong(changes: dict[str, Any], path: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_actor(person(**changes))
    assert caught.value.path == path


def test_properties_may_be_strings_objects_or_arrays() -> None:
    actor = parse_actor(
        person(
            type=["Person", "https://schema.org/Thing"],
            inbox={"id": f"{ADA}/inbox", "type": "OrderedCollection"},
            outbox={"id": f"{ADA}/outbox"},
            url=[
                {"type": "Link", "href": "https://photos.example/feed", "mediaType": "application/rss+xml"},
                {"type": "Link", "href": "https://photos.example/@ada", "mediaType": "text/html"},
            ],
            icon=[
                {
                    "type": "Image",
                    "url": {"type": "Link", "href": "https://cdn.example/a.png", "mediaType": "image/png"},
                }
            ],
            image="https://cdn.example/header",
            alsoKnownAs="https://old.example/users/ada",
            endpoints={"sharedInbox": "https://photos.example/inbox"},
            publicKey=[{"id": f"{ADA}#1", "owner": ADA, "publicKeyPem": "one"}, f"{ADA}#2"],
        )
    )
    assert actor.type == "Person"
    assert actor.outbox == f"{ADA}/outbox"
    assert actor.url == "https://photos.example/@ada"
    assert actor.icon == Image("https://cdn.example/a.png", "image/png")
    assert actor.image == Image("https://cdn.example/header")
    assert actor.also_known_as == ("https://old.example/users/ada",)
    assert actor.shared_inbox == "https://photos.example/inbox"
    assert [key.id for key in actor.public_keys] == [f"{ADA}#1"]
    assert actor.public_key_ids == (f"{ADA}#2",)


def test_unreadable_optional_properties_read_as_absent() -> None:
    actor = parse_actor(
        person(
            name=7,
            summary={"html": 1},
            icon={"type": "Image"},
            published="yesterday",
            endpoints="https://photos.example/inbox",
            followers=PUBLIC,
            tag="tags",
            attachment=[None, 1, {"type": "PropertyValue"}, {"type": "IdentityProof", "name": "x"}],
            manuallyApprovesFollowers="yes",
            movedTo="nowhere",
            webfinger="not a handle",
        )
    )
    assert actor == parse_actor(person())


def test_profile_fields_are_read_in_all_their_forms() -> None:
    actor = parse_actor(
        person(
            attachment=[
                {"type": "PropertyValue", "name": "Web", "value": '<a href="https://a.example">a</a>'},
                {"type": "Note", "name": "Pronouns", "content": "she"},
                {"type": "Link", "name": "Shop", "href": "https://shop.example/"},
                {"type": "PropertyValue", "name": "Empty", "value": ""},
            ]
        )
    )
    assert actor.fields == (
        ProfileField("Web", '<a href="https://a.example">a</a>'),
        ProfileField("Pronouns", "she"),
        ProfileField("Shop", "https://shop.example/"),
        ProfileField("Empty", ""),
    )


def test_lists_are_cut_at_their_limits() -> None:
    actor = parse_actor(
        person(
            attachment=[{"type": "PropertyValue", "name": str(i), "value": "x"} for i in range(1000)],
            alsoKnownAs=[f"https://a.example/{i}" for i in range(1000)],
            summary="x" * 100_000,
        )
    )
    assert len(actor.fields) == 50
    assert len(actor.also_known_as) == 256
    assert actor.summary is not None
    assert len(actor.summary) == 20_000


def test_multikeys_of_others_are_skipped() -> None:
    def key(**changes: Any) -> dict[str, Any]:
        return {"id": f"{ADA}#k", "type": "Multikey", "controller": ADA, "publicKeyMultibase": "z6Mk", **changes}

    keys = [
        key(id="https://evil.example/k"),
        key(controller="https://photos.example/users/eve"),
        key(type="JsonWebKey"),
        key(publicKeyMultibase="u0O"),
        key(id=f"{ADA}#good"),
    ]
    assert [key.id for key in parse_actor(person(assertionMethod=keys)).assertion_methods] == [f"{ADA}#good"]


def test_an_instance_actor_without_a_name_goes_by_its_host() -> None:
    actor = parse_actor(person(type="Application", preferredUsername=None))
    assert actor.username == "photos.example"


@pytest.mark.parametrize("written", ["ada@photos.example", "@ada@photos.example", "acct:ada@photos.example"])
def test_the_stated_handle_is_read_in_its_usual_spellings(written: str) -> None:
    assert parse_actor(person(webfinger=written)).webfinger == "ada@photos.example"


def test_a_key_document_is_read_bare_or_inside_its_actor() -> None:
    key = {"id": f"{ADA}/main-key", "owner": ADA, "publicKeyPem": "PEM"}
    expected = PublicKey(f"{ADA}/main-key", ADA, "PEM")
    assert parse_public_key(key) == expected
    assert parse_public_key({"id": ADA, "type": "Person", "publicKey": key}) == expected


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "id"),
        ({"id": "https://evil.example/k", "owner": ADA, "publicKeyPem": "PEM"}, "id"),
        ({"id": f"{ADA}#k", "owner": ADA, "publicKeyPem": ""}, "publicKeyPem"),
        ({"id": ADA, "publicKey": f"{ADA}#k"}, "publicKey"),
        ({"id": f"{ADA}2", "publicKey": {"id": f"{ADA}#k", "owner": ADA, "publicKeyPem": "P"}}, "publicKey.owner"),
    ],
)
def test_a_bad_key_document_is_refused(document: dict[str, Any], path: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_public_key(document)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "name",
    ["ad\u202emin", "ann\u200b", "ann\u00ad", "a\u2066b", "ann\ufeff", "x\U000e0041", "ann\u3164", "\u2800", "a\ue000"],
)
def test_a_handle_shows_every_letter_it_has(name: str) -> None:
    with pytest.raises(ParseError, match="preferredUsername"):
        parse_actor(person(preferredUsername=name))
    for seen in ("ann", "日本", "ánn", "a.b-c_d", "אבג"):
        assert parse_actor(person(preferredUsername=seen)).username == seen


def test_what_has_the_boxes_of_an_actor_is_one_whatever_it_calls_itself() -> None:
    """FEP-2277: the core type of an object is told from what it has."""
    for kind in ("Robot", ["https://example.org/ns#Robot", "Thing"]):
        document = person(type=kind, outbox=f"{ADA}/outbox")
        assert parse_actor(document).type == "Service"
        assert isinstance(parse_object(document), Actor)
    for document in (
        person(type="Robot") | {"outbox": None},
        person(type="Note"),
        person(type="Create"),
        person(type=None),
    ):
        document = {key: value for key, value in document.items() if value is not None}
        with pytest.raises(ParseError, match="type"):
            parse_actor(document)
