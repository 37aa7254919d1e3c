"""Untrusted JSON to frozen types, or a ParseError that says what is wrong."""

from __future__ import annotations

from activitypub.parse.activity import parse_activity
from activitypub.parse.actor import parse_actor, parse_public_key
from activitypub.parse.collection import collection_of, parse_collection, parse_page
from activitypub.parse.errors import ParseError
from activitypub.parse.interaction import parse_quote_authorization
from activitypub.parse.json_limits import load_json
from activitypub.parse.note import parse_note
from activitypub.parse.objects import AnyObject, parse_object
from activitypub.parse.tags import read_hashtag
from activitypub.parse.tombstone import parse_tombstone
from activitypub.parse.urls import absolute_url, origin_host, url_or_none

__all__ = [
    "AnyObject",
    "ParseError",
    "absolute_url",
    "collection_of",
    "load_json",
    "origin_host",
    "parse_activity",
    "parse_actor",
    "parse_collection",
    "parse_note",
    "parse_object",
    "parse_page",
    "parse_public_key",
    "parse_quote_authorization",
    "parse_tombstone",
    "read_hashtag",
    "url_or_none",
]
