"""Tolerant readers: one property of a stranger's document at a time.

What is optional and unreadable reads as absent; what is required raises ParseError. Members of a list that cannot be read are
skipped, and no list is read past its limit. JSON-LD's freedom (string, object or array for nearly everything) ends here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from activitypub.parse.urls import absolute_url, url_or_none
from activitypub.vocabulary import ACTIVITYSTREAMS, PUBLIC, PUBLIC_FORMS

MAX_NAME = 2048
MAX_SUMMARY = 20_000
MAX_CONTENT = 500_000
MAX_DESCRIPTION = 10_000
MAX_ADDRESSEES = 500

_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+_-]{0,100}")
_DURATION = re.compile(
    r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?", re.IGNORECASE
)
_INTEGER = re.compile(r"[0-9]{1,15}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,9}(?:\.[0-9]{1,30})?")


def members(value: object, limit: int) -> list[Any]:
    """The first ``limit`` members of an array; one value counts as an array of itself, null as none."""
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value[:limit])
    return [value]


def objects(value: object, limit: int) -> Iterator[Mapping[str, Any]]:
    """The JSON objects among `members`."""
    return (member for member in members(value, limit) if isinstance(member, Mapping))


def first_object(value: object) -> Mapping[str, Any] | None:
    return next(objects(value, 10), None)


def types_of(document: Mapping[str, Any]) -> list[str]:
    """The names in ``type`` (a string, or an array of which some may be extensions), without ActivityStreams' prefix."""
    return [
        name.removeprefix("as:").removeprefix(f"{ACTIVITYSTREAMS}#")
        for name in members(document.get("type"), 10)
        if isinstance(name, str)
    ]


def type_among(document: Mapping[str, Any], known: Iterable[str]) -> str | None:
    """The first name in ``type`` that is ``known``."""
    return next((name for name in types_of(document) if name in known), None)


def text(value: object, limit: int) -> str | None:
    """A string that is not empty, without NUL (no database stores it), cut at ``limit`` characters."""
    if not isinstance(value, str) or not value:
        return None
    if "\x00" in value:
        value = value.replace("\x00", "")
    return value[:limit] or None


def natural_text(document: Mapping[str, Any], key: str, limit: int) -> str | None:
    """``key``, or failing that the first entry of ``keyMap`` (AS2 §4.7)."""
    found = text(document.get(key), limit)
    if found is not None:
        return found
    translations = document.get(f"{key}Map")
    if not isinstance(translations, Mapping):
        return None
    return next((t for value in translations.values() if (t := text(value, limit)) is not None), None)


def opaque(value: object) -> str | None:
    """An identifier that is only ever compared (``conversation``, ``context``): a string or the id of an object."""
    if isinstance(value, Mapping):
        value = value.get("id")
    if not isinstance(value, str) or not 0 < len(value) <= 2048 or not value.isprintable() or " " in value:
        return None
    return url_or_none(value) or value


def reference(value: object) -> str | None:
    """The id something is named by: a URL, an object's ``id`` (or a Link's ``href``), or the first of an array that has one."""
    for member in members(value, 10):
        candidate = member
        if isinstance(member, Mapping):
            candidate = member.get("id") if member.get("id") is not None else member.get("href")
        if isinstance(candidate, str) and (url := url_or_none(candidate)) is not None:
            return url
    return None


def required_reference(document: Mapping[str, Any], key: str) -> str:
    """`reference`, or ParseError saying what is wrong with the first candidate."""
    found = reference(document.get(key))
    if found is not None:
        return found
    candidates = members(document.get(key), 1)
    candidate = candidates[0] if candidates else None
    return absolute_url(candidate.get("id") if isinstance(candidate, Mapping) else candidate, key)


def document_id(document: Mapping[str, Any]) -> str:
    """The document's own id. Raises ParseError: nothing anonymous is ever stored."""
    return absolute_url(document.get("id"), "id")


def addressees(value: object) -> tuple[str, ...]:
    """``to`` or ``cc``: ids in their order, each once, every form of Public as its full IRI."""
    found: dict[str, None] = {}
    for member in members(value, MAX_ADDRESSEES):
        named = member.get("id") if isinstance(member, Mapping) else member
        if isinstance(named, str) and named in PUBLIC_FORMS:
            found[PUBLIC] = None
        elif (url := url_or_none(named)) is not None:
            found[url] = None
    return tuple(found)


def references(value: object, limit: int) -> tuple[str, ...]:
    """Every id in an array, in its order, each once."""
    found = (reference(member) for member in members(value, limit))
    return tuple(dict.fromkeys(url for url in found if url is not None))


def flag(value: object, default: bool = False) -> bool:
    """A JSON boolean; anything else is ``default``."""
    return value if isinstance(value, bool) else default


def count(value: object, maximum: int = 2**53 - 1) -> int | None:
    """An integer of 0 … ``maximum``, also when written ``3.0`` or ``"3"``."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = int(value) if _INTEGER.fullmatch(value) else None
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) and value == int(value) else None
    if not isinstance(value, int) or not 0 <= value <= maximum:
        return None
    return value


def number(value: object, minimum: float, maximum: float) -> float | None:
    """A finite number within bounds, also when written as a string (Pixelfed's coordinates)."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if minimum <= value <= maximum else None


def time(value: object) -> datetime | None:
    """An xsd:dateTime (a bare date is midnight, a time without zone is UTC) as an aware datetime in UTC."""
    if not isinstance(value, str) or not 8 <= len(value) <= 64 or not value.isascii():
        return None
    try:
        read = datetime.fromisoformat(value)
        read = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return read if read.year >= 1900 else None


def seconds(value: object) -> float | None:
    """A length of time: an xsd:duration up to days (``PT1M2.5S``), or a number of seconds."""
    if not isinstance(value, str):
        return number(value, 0, 1e9)
    match = _DURATION.fullmatch(value)
    if match is None or not any(match.groups()):
        return None
    days, hours, minutes, rest = (float(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def media_type(value: object) -> str | None:
    """A media type in lower case, without parameters."""
    if not isinstance(value, str) or len(value) > 200:
        return None
    bare = value.partition(";")[0].strip().lower()
    return bare if _MEDIA_TYPE.fullmatch(bare) else None
