"""What is rendered is read back as it was, through JSON and within the limits of the strictest peer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import orjson
from hypothesis import given, settings

from activitypub.nodeinfo import parse_nodeinfo, render_nodeinfo
from activitypub.parse import (
    load_json,
    parse_activity,
    parse_actor,
    parse_collection,
    parse_note,
    parse_object,
    parse_tombstone,
)
from activitypub.render import (
    render_activity,
    render_actor,
    render_collection,
    render_create,
    render_note,
    render_tombstone,
    render_update,
)
from activitypub.types import Activity, Actor, Collection, NodeInfo, Note, Tombstone, WebFinger
from activitypub.webfinger import parse_webfinger, render_webfinger
from tests.activitypub import strategies


def over_the_wire(document: dict[str, Any]) -> dict[str, Any]:
    return load_json(orjson.dumps(document))


def depth(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    children = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth, children), default=0)


@given(strategies.actors())
def test_an_actor_is_read_back_as_it_was(actor: Actor) -> None:
    document = over_the_wire(render_actor(actor))
    assert parse_actor(document) == actor
    assert parse_object(document) == actor


@settings(max_examples=60)
@given(strategies.notes())
def test_a_post_is_read_back_as_it_was(note: Note) -> None:
    # A vote does not speak about comments and shares.
    expected = replace(note, comments_enabled=True, shares_enabled=True) if note.is_poll_vote else note
    assert parse_note(over_the_wire(render_note(note))) == expected


@given(strategies.notes())
def test_a_create_carries_the_post_and_its_audience_and_nests_no_deeper_than_pixelfed_reads(note: Note) -> None:
    document = over_the_wire(render_create(note, "https://photos.example/creates/1"))
    activity = parse_activity(document)
    assert (activity.actor, activity.to, activity.cc) == (note.attributed_to, note.to, note.cc)
    assert activity.object is not None
    assert parse_note(activity.object).id == note.id
    assert depth(document) <= 8


@given(strategies.actors())
def test_an_update_carries_the_actor_and_nests_no_deeper_than_pixelfed_reads(actor: Actor) -> None:
    document = over_the_wire(render_update(actor, "https://photos.example/updates/1"))
    activity = parse_activity(document)
    assert activity.object is not None
    assert parse_actor(activity.object) == actor
    assert depth(document) <= 8


@given(strategies.activities())
def test_an_activity_is_read_back_as_it_was(activity: Activity) -> None:
    assert parse_activity(over_the_wire(render_activity(activity))) == activity


@given(strategies.tombstones)
def test_a_tombstone_is_read_back_as_it_was(tombstone: Tombstone) -> None:
    assert parse_tombstone(over_the_wire(render_tombstone(tombstone))) == tombstone


@given(strategies.collections())
def test_a_collection_is_read_back_as_it_was(collection: Collection) -> None:
    assert parse_collection(over_the_wire(render_collection(collection))) == collection


@given(strategies.webfingers)
def test_a_webfinger_document_is_read_back_as_it_was(webfinger: WebFinger) -> None:
    assert parse_webfinger(over_the_wire(render_webfinger(webfinger))) == webfinger


@given(strategies.nodeinfos)
def test_a_nodeinfo_document_is_read_back_as_it_was(nodeinfo: NodeInfo) -> None:
    assert parse_nodeinfo(over_the_wire(render_nodeinfo(nodeinfo))) == nodeinfo
