"""Whatever a stranger sends, the answer is a value or a ParseError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.parse import ParseError
from activitypub.types import Activity, Actor, Note
from tests.activitypub.parsers import PARSERS, read_again
from tests.activitypub.strategies import json_values, like, person, photo

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
    again = read_again(read)
    if isinstance(read, Actor):
        assert again.id == read.id
    if isinstance(read, Note):
        assert again.attributed_to == read.attributed_to
    if isinstance(read, Activity):
        assert again == read
