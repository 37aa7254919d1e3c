"""The first thing done with a stranger's bytes."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub.parse import ParseError, load_json
from activitypub.parse.json_limits import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_STRING_BYTES
from tests.activitypub.strategies import json_values


def nested(levels: int) -> bytes:
    """An object of so many levels, itself counted."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


def test_an_ordinary_document_is_decoded() -> None:
    assert load_json(b' {"id": "https://a.example/1", "to": ["x", null, 1.5, true]}\n') == {
        "id": "https://a.example/1",
        "to": ["x", None, 1.5, True],
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a":1} {"b":2}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b"{'a':1}",
        b'{"a":1,}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\\ud800"}',
        '{"a":1}'.encode("utf-16"),
    ],
)
def test_what_is_not_one_json_object_in_utf8_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        load_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":1}',
        b'{"id":"https://a.example/1","id":"https://b.example/2"}',
        b'{"a":{"b":1,"b":2}}',
        b'{"a":[{"b":[1]},{"b":1,"c":2,"b":3}]}',
        b'{"a" :1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"a":1,"a":2,"c":"\\u003a"}',
        b'{"a":1,"a":2,"c":"\\u003A"}',
        b'{"a":1,"a":2,"c":"\\\\u003a"}',
        b'{"a":1,"a":2,"c\\u003a":1}',
        b'{"":1,"":2}',
        b'{"a":":","a":""}',
        b'{"a":1,"a":' + b"[" * 500 + b"]" * 500 + b"}",
        b'{"a":' + b"[" * 500 + b"]" * 500 + b',"c":"\\u003a","a":1}',
        b'{"a":' + b'{"b":' * 900 + b"1" + b"}" * 900 + b',"c":"\\u003a","a":1}',
    ],
)
def test_a_repeated_key_is_refused_wherever_it_hides(body: bytes) -> None:
    with pytest.raises(ParseError):
        load_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":":","b":": :","c d":"\\":"}',
        b'{"a":"\\u003a","b\\u003a":{"a":1},"c":[{"a":1},{"a":2}]}',
        b'{"a":"\\\\u003a"}',
        b'{\r\n\t"a"\t:\n1 , "b" : { "a" : 2 } }',
    ],
)
def test_colons_and_equal_keys_of_different_objects_are_no_repetition(body: bytes) -> None:
    assert load_json(body) == json.loads(body)


@given(st.dictionaries(st.text(max_size=6), json_values, max_size=6), st.booleans(), st.sampled_from([None, 1]))
def test_unique_keys_are_never_taken_for_repeated(document: dict, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(document, ensure_ascii=ascii_only, indent=indent, allow_nan=False).encode()
    assert load_json(body) == orjson.loads(body)


@given(st.dictionaries(st.text(max_size=6), json_values, min_size=1, max_size=6), st.booleans(), st.data())
def test_a_repeated_key_is_always_found(document: dict, ascii_only: bool, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(document)))
    body = json.dumps(document, ensure_ascii=ascii_only)
    again = f"{body[:-1]}, {json.dumps(key, ensure_ascii=data.draw(st.booleans()))}: 1}}"
    with pytest.raises(ParseError, match="twice"):
        load_json(again.encode())


def test_depth_is_bounded() -> None:
    assert load_json(nested(MAX_DEPTH))
    with pytest.raises(ParseError, match="deeper"):
        load_json(nested(MAX_DEPTH + 1))
    with pytest.raises(ParseError):
        load_json(nested(100_000))


def test_many_shallow_objects_are_not_deep() -> None:
    assert load_json(orjson.dumps({"tag": [{"icon": {"url": "x"}}] * 100}))


def test_the_number_of_values_is_bounded() -> None:
    # The object, the array and its members.
    assert load_json(orjson.dumps({"a": [1] * (MAX_NODES - 2)}))
    with pytest.raises(ParseError, match="values"):
        load_json(orjson.dumps({"a": [1] * (MAX_NODES - 1)}))
    with pytest.raises(ParseError, match="values"):
        load_json(orjson.dumps({"a": [[]] * MAX_NODES}))


def test_commas_and_brackets_in_text_do_not_count() -> None:
    assert load_json(orjson.dumps({"content": ",[{" * MAX_NODES}))


def test_the_size_is_bounded() -> None:
    string = "x" * (MAX_BYTES // 3)
    with pytest.raises(ParseError, match="larger"):
        load_json(orjson.dumps({"a": string, "b": string, "c": string}))


@pytest.mark.parametrize("character", ["x", "é"])
def test_the_length_of_a_string_is_bounded_in_bytes(character: str) -> None:
    fits = character * (MAX_STRING_BYTES // len(character.encode()))
    assert load_json(orjson.dumps({"a": fits}))
    with pytest.raises(ParseError, match="string"):
        load_json(orjson.dumps({"a": [fits + character]}))
    with pytest.raises(ParseError, match="string"):
        load_json(orjson.dumps({fits + character: 1}))


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    try:
        assert isinstance(load_json(body), dict)
    except ParseError as error:
        assert error.reason
