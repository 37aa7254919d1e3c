"""Inputs made from good ones: bytes flipped, cut, doubled and grown; JSON with its values moved, nested and blown up."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from typing import Any

LONGEST = 300_000
MOST_COPIES = 300
SHORT = 1_000
"""What is longer is not copied many times: what the inputs take must not be mistaken for what reading them takes."""
WORDS = [
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"\0", b"\n", b"\r\n", b"<", b">", b"&", b"=", b"(", b";"),
    *(b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2\x80\xae", b"\\ud800", b"1e999", b"-0", b"NaN", b"9" * 400),
    *(b"null", b"true", b"@context", b"@graph", b"https://", b"javascript:", b"file:///etc/passwd", b"http://[::1]/"),
    *(b"<script>", b"<!--", b"]]>", b"<a href=", b"</p>", b"<" * 2000, b"[" * 2000, b"&#x" * 500, b"@a" * 500),
    *(b"\x00\x00\x00\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00"),
]
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**53, -(2**63), 10**40, "", " ", "\ud7ff", "\u202e", "a" * 5000, [], {}, [[]]),
    *([None], [{}], {"id": {}}, {"type": []}, {"@id": "x"}, "https://", "http://a:99999/", "https://[::1]:80:80/"),
    *(
        "https://xn--a.example/",
        "//a.example",
        "data:text/html,x",
        "9999-99-99T99:99:99Z",
        "P1Y",
        "0001-01-01T00:00:00Z",
    ),
    *("2026-01-01T00:00:00+99:99", "as:Public", "image/jpeg", "Note", ["Note", "Person"], {"en": 5}, [1] * 500),
]


def inputs(seeds: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    """Without end: each made from one seed, or two."""
    while True:
        data = chance.choice(seeds)
        if chance.random() < 0.5 and (document := _loaded(data)) is not None:
            for _ in range(chance.randint(1, 4)):
                document = _changed(document, chance, chance.choice(seeds))
                try:
                    data = json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
                except RecursionError:
                    break
                if len(data) > LONGEST:
                    break
        else:
            for _ in range(chance.randint(1, 6)):
                data = _damaged(data, chance, chance.choice(seeds))
        yield data[:LONGEST]


def _damaged(data: bytes, chance: random.Random, other: bytes) -> bytes:
    at = chance.randint(0, len(data))
    upto = min(len(data), at + int(chance.paretovariate(0.5)))
    match chance.randrange(7):
        case 0:
            return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[upto:]
        case 2:
            return data[:at] + data[at:upto] * chance.randint(2, 50) + data[upto:]
        case 3:
            return data[:at] + chance.choice(WORDS) + data[at:]
        case 4:
            return data[:at] + chance.choice(WORDS) + data[upto:]
        case 5:
            return data[:at]
        case _:
            start = chance.randint(0, len(other))
            return data[:at] + other[start : start + 2000] + data[upto:]


def _loaded(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _changed(document: Any, chance: random.Random, other: bytes) -> Any:
    """The document with one value somewhere in it replaced, moved, nested, repeated or left out."""
    if not isinstance(document, dict | list) or not document or chance.random() < 0.2:
        return _instead(document, chance, other)
    if isinstance(document, list):
        at = chance.randrange(len(document))
        return [*document[:at], _changed(document[at], chance, other), *document[at + 1 :]]
    key = chance.choice(list(document))
    match chance.randrange(6):
        case 0:
            return {name: value for name, value in document.items() if name != key}
        case 1:
            return {**document, key: document[chance.choice(list(document))]}
        case _:
            return {**document, key: _changed(document[key], chance, other)}


def _instead(value: Any, chance: random.Random, other: bytes) -> Any:
    match chance.randrange(6):
        case 0:
            return [value] * chance.choice([0, 1, 2, MOST_COPIES if len(str(value)) < SHORT else 3])
        case 1:
            return {"id": value, "type": "Note", "content": value}
        case 2:
            nested = value
            for _ in range(chance.choice([2, 20, 60])):
                nested = [nested] if chance.random() < 0.5 else {"object": nested}
            return nested
        case 3:
            return _loaded(other)
        case _:
            return chance.choice(VALUES)
