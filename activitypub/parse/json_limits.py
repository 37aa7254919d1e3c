"""Bytes from a stranger to one JSON object, within limits, at nearly the price of ``orjson.loads``.

The cheap bounds come first: counting bytes never underestimates depth, nodes or string length, so most documents are
cleared without being walked.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

import orjson

from activitypub.parse.errors import ParseError
from activitypub.types import Document

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 10_000
MAX_STRING_BYTES = 500_000

_ESCAPED_COLON = re.compile(rb"\\u003[aA]")


def load_json(body: bytes) -> Document:
    """Decode one JSON object of at most 1 MiB of UTF-8, 32 levels, 10,000 values and 500 kB a string.

    NaN, lone surrogates, a byte order mark and repeated keys are refused. Raises ParseError.
    """
    if len(body) > MAX_BYTES:
        raise ParseError("", f"larger than {MAX_BYTES} bytes")
    containers = body.count(b"{") + body.count(b"[")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ParseError("", f"not JSON: {error.msg}") from None
    if not isinstance(document, dict):
        raise ParseError("", "not a JSON object")
    if containers > MAX_DEPTH:
        _check_depth(document)
    if containers + body.count(b",") >= MAX_NODES:
        _check_nodes(document)
    if len(body) > MAX_STRING_BYTES:
        _check_strings(document)
    if not _keys_are_surely_unique(body, document):
        _check_keys_one_by_one(body)
    return document


def _keys_are_surely_unique(body: bytes, document: Document) -> bool:
    """Whether nothing was lost in decoding: as many colons in the body as in the document written out again.

    Each pair has its colon, so a repeated key leaves one more in the body. Only a colon written as an escape could make up
    for it; then the answer is "not sure".
    """
    if b"\\u003" in body and _ESCAPED_COLON.search(body):
        return False
    return body.count(b":") == orjson.dumps(document).count(b":")


def _check_keys_one_by_one(body: bytes) -> None:
    def refuse_repetition(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) != len(pairs):
            raise ParseError("", "a key appears twice in one object")

    try:
        json.loads(body, object_pairs_hook=refuse_repetition, parse_int=len, parse_float=len)
    except RecursionError:
        # Only the value of a repeated key can still be this deep: the depth of what was decoded is known.
        raise ParseError("", f"nested deeper than {MAX_DEPTH} levels") from None


def _check_depth(document: Document) -> None:
    level: list[Any] = [document]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for container in level
            for child in (container.values() if type(container) is dict else container)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return
    raise ParseError("", f"nested deeper than {MAX_DEPTH} levels")


def _check_nodes(document: Document) -> None:
    count = 0
    pending: list[Any] = [document]
    while pending:
        container = pending.pop()
        count += len(container)
        if count >= MAX_NODES:
            _refuse_nodes()
        children = container.values() if type(container) is dict else container
        pending.extend(child for child in children if type(child) is dict or type(child) is list)


def _check_strings(document: Document) -> None:
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        if type(value) is dict:
            pending.extend(value.values())
            pending.extend(value.keys())
        elif type(value) is list:
            pending.extend(value)
        elif type(value) is str and len(value.encode()) > MAX_STRING_BYTES:
            raise ParseError("", f"a string is longer than {MAX_STRING_BYTES} bytes")


def _refuse_nodes() -> NoReturn:
    raise ParseError("", f"more than {MAX_NODES} values")
