"""Whatever a stranger sends, the answer is a value or a ParseError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.nodeinfo import parse_nodeinfo, parse_nodeinfo_links
from activitypub.parse import (
    ParseError,
    parse_activity,
    parse_actor,
    parse_collection,
    parse_note,
    parse_object,
    parse_public_key,
    parse_quote_authorization,
    parse_tombstone,
)
from activitypub.parse.featuring import parse_feature_authorization, parse_featured_collection
from activitypub.render import render_activity, render_actor, render_note
from activitypub.types import Activity, Actor, Note
from activitypub.webfinger import parse_webfinger
from tests.activitypub.strategies import json_values, like, person, photo

PARSERS: list[Callable[[dict[str, Any]], Any]] = [
    parse_activity,
    parse_actor,
    parse_collection,
    parse_nodeinfo,
    parse_nodeinfo_links,
    parse_note,
    parse_feature_authorization,
    parse_featured_collection,
    parse_object,
    parse_public_key,
    parse_quote_authorization,
    parse_tombstone,
    parse_webfinger,
]
NAMES = """
    id type actor object attributedTo content contentMap summary summaryMap name nameMap to cc tag attachment url href
    icon image preview location address latitude inReplyTo published updated endTime closed oneOf anyOf replies
    totalItems quote quoteUrl audience context conversation capabilities commentsEnabled mediaType blurhash focalPoint
    width height duration size publicKey owner publicKeyPem assertionMethod endpoints sharedInbox inbox outbox followers
    preferredUsername alsoKnownAs movedTo webfinger first items orderedItems next partOf links rel template aliases
    subject software usage users metadata protocols target instrument result deleted formerType
"""
KEYS = st.sampled_from(NAMES.split())
CHANGES = st.dictionaries(
    KEYS,
    json_values | st.dictionaries(KEYS, json_values, max_size=4) | st.lists(st.dictionaries(KEYS, json_values)),
    max_size=6,
)


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=50, deadline=None)
@given(base=st.sampled_from([dict, person, photo, like]), changes=CHANGES)
def test_garbage_is_read_or_refused(
    parse: Callable[[dict[str, Any]], Any], base: Callable[[], dict[str, Any]], changes: dict[str, Any]
) -> None:
    try:
        read = parse({**base(), **changes})
    except ParseError as error:
        assert error.reason
        return
    # What was read once is safe to write and reads the same again.
    if isinstance(read, Actor):
        assert parse_actor(render_actor(read)).id == read.id
    if isinstance(read, Note):
        assert parse_note(render_note(read)).attributed_to == read.attributed_to
    if isinstance(read, Activity):
        assert parse_activity(render_activity(read)) == read
