"""Structured Fields (RFC 8941), as much as signatures need, read strictly and in one pass.

Dictionaries of items and inner lists with integers, strings, tokens, byte sequences and booleans. Decimals, dates
and repeated keys (which the RFC lets the last win) do not occur in honest signature headers and are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from activitypub.signatures.encodings import decode_base64, encode_base64
from activitypub.signatures.errors import SignatureError

_LONGEST: Final = 16_384
_MOST_MEMBERS: Final = 16
_MOST_ITEMS: Final = 32
_MOST_PARAMETERS: Final = 16

_KEY: Final = re.compile(r"[a-z*][a-z0-9_.*-]*")
_TOKEN: Final = re.compile(r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*")
_INTEGER: Final = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING: Final = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_ESCAPE: Final = re.compile(r'\\(["\\])')
_BYTES: Final = re.compile(r":([A-Za-z0-9+/=]*):")
_BOOLEAN: Final = re.compile(r"\?([01])")
_SPACES: Final = re.compile(r" *")
_BLANKS: Final = re.compile(r"[ \t]*")


@dataclass(frozen=True, slots=True)
class Token:
    """A bare word, told apart from a quoted string."""

    text: str


BareItem: TypeAlias = int | str | bool | bytes | Token
Parameters: TypeAlias = Mapping[str, BareItem]


@dataclass(frozen=True, slots=True)
class Item:
    """A bare item and its parameters."""

    value: BareItem
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InnerList:
    """Items in parentheses, with parameters of the whole list."""

    items: tuple[Item, ...]
    parameters: Parameters = field(default_factory=dict)


def parse_dictionary(text: str) -> dict[str, Item | InnerList]:
    """The members of a dictionary field in order. Raises `SignatureError` for anything malformed or oversized.

    Bounds: 16 KiB, 16 members, 32 items in a list, 16 parameters each.
    """
    if len(text) > _LONGEST:
        raise SignatureError("a structured header is too long")
    return _Reader(text).dictionary()


def serialize_inner_list(items: InnerList) -> str:
    """The canonical text of an inner list with its parameters (RFC 8941 §4.1.1.1)."""
    listed = " ".join(_serialize_bare(item.value) + _serialize_parameters(item.parameters) for item in items.items)
    return f"({listed}){_serialize_parameters(items.parameters)}"


def _serialize_parameters(parameters: Parameters) -> str:
    return "".join(
        f";{key}" if value is True else f";{key}={_serialize_bare(value)}" for key, value in parameters.items()
    )


def _serialize_bare(value: BareItem) -> str:
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        if not value.isascii() or not value.isprintable():
            raise SignatureError("a structured string holds forbidden characters")
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, bytes):
        return f":{encode_base64(value)}:"
    return value.text


class _Reader:
    """A cursor over one field value. Every step moves forward; nothing is read twice."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def dictionary(self) -> dict[str, Item | InnerList]:
        members: dict[str, Item | InnerList] = {}
        self._skip(_SPACES)
        while self._at < len(self._text):
            key = self._key()
            if key in members or len(members) == _MOST_MEMBERS:
                raise _malformed()
            if self._take("="):
                members[key] = self._inner_list() if self._peek() == "(" else self._item()
            else:
                members[key] = Item(True, self._parameters())
            self._skip(_BLANKS)
            if self._at == len(self._text):
                return members
            self._expect(",")
            self._skip(_BLANKS)
            if self._at == len(self._text):
                raise _malformed()
        return members

    def _inner_list(self) -> InnerList:
        self._expect("(")
        items: list[Item] = []
        self._skip(_SPACES)
        while not self._take(")"):
            if len(items) == _MOST_ITEMS:
                raise _malformed()
            items.append(self._item())
            if self._peek() not in (" ", ")"):
                raise _malformed()
            self._skip(_SPACES)
        return InnerList(tuple(items), self._parameters())

    def _item(self) -> Item:
        return Item(self._bare_item(), self._parameters())

    def _parameters(self) -> dict[str, BareItem]:
        parameters: dict[str, BareItem] = {}
        while self._take(";"):
            self._skip(_SPACES)
            key = self._key()
            if key in parameters or len(parameters) == _MOST_PARAMETERS:
                raise _malformed()
            parameters[key] = self._bare_item() if self._take("=") else True
        return parameters

    def _bare_item(self) -> BareItem:
        first = self._peek()
        if first == '"':
            return _ESCAPE.sub(r"\1", self._read(_STRING)[1])
        if first == ":":
            return decode_base64(self._read(_BYTES)[1])
        if first == "?":
            return self._read(_BOOLEAN)[1] == "1"
        if first == "-" or first.isdecimal():
            return int(self._read(_INTEGER)[0])
        return Token(self._read(_TOKEN)[0])

    def _key(self) -> str:
        return self._read(_KEY)[0]

    def _read(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _malformed()
        self._at = match.end()
        return match

    def _skip(self, pattern: re.Pattern[str]) -> None:
        self._read(pattern)

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self._at += 1
        return True

    def _expect(self, character: str) -> None:
        if not self._take(character):
            raise _malformed()


def _malformed() -> SignatureError:
    return SignatureError("a structured header is malformed")
