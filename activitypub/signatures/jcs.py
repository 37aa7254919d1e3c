"""JSON Canonicalization Scheme, RFC 8785: one byte string for each JSON value."""

from __future__ import annotations

import math
from json.encoder import encode_basestring
from typing import Any, Final

from activitypub.signatures.errors import SignatureError

_DEEPEST: Final = 64


def canonicalize(value: Any) -> bytes:
    """The canonical UTF-8 of a JSON value (dict, list, str, int, float, bool, None).

    Numbers are IEEE doubles as in ECMAScript, integers beyond 2^53 included. Raises `SignatureError` for NaN,
    infinities, lone surrogates, keys that are no strings, other types, and nesting beyond 64.
    """
    parts: list[str] = []
    _write(value, parts, 0)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError:
        raise SignatureError("a string is not valid Unicode") from None


def _write(value: Any, parts: list[str], depth: int) -> None:
    if depth > _DEEPEST:
        raise SignatureError("the document is nested too deeply")
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, int | float):
        parts.append(format_number(value))
    elif isinstance(value, dict):
        _write_object(value, parts, depth)
    elif isinstance(value, list | tuple):
        parts.append("[")
        for position, item in enumerate(value):
            if position:
                parts.append(",")
            _write(item, parts, depth + 1)
        parts.append("]")
    else:
        raise SignatureError("the document holds something that is not JSON")


def _write_object(value: dict[Any, Any], parts: list[str], depth: int) -> None:
    if not all(isinstance(key, str) for key in value):
        raise SignatureError("the document holds something that is not JSON")
    parts.append("{")
    for position, key in enumerate(sorted(value, key=_utf16_order)):
        if position:
            parts.append(",")
        parts.append(encode_basestring(key))
        parts.append(":")
        _write(value[key], parts, depth + 1)
    parts.append("}")


def _utf16_order(key: str) -> bytes:
    """Keys are ordered by UTF-16 code units (§3.2.3), which differs from code points above the basic plane."""
    return key.encode("utf-16-be", "surrogatepass")


def format_number(number: int | float) -> str:
    """ECMAScript's Number::toString, radix 10 (§3.2.2.3). Raises `SignatureError` for NaN and infinities.

    Python's ``repr`` finds the same shortest digits; only their layout differs.
    """
    try:
        double = float(number)
    except OverflowError:
        raise SignatureError("a number is out of range") from None
    if not math.isfinite(double):
        raise SignatureError("a number is out of range")
    if double == 0:
        return "0"
    sign = "-" if double < 0 else ""
    digits, point = _shortest_digits(abs(double))
    count = len(digits)
    if count <= point <= 21:
        return f"{sign}{digits}{'0' * (point - count)}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    exponent = f"e{point - 1:+d}"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}{exponent}"


def _shortest_digits(double: float) -> tuple[str, int]:
    """Significant digits and the place of the decimal point: 0.digits × 10^point."""
    mantissa, _, exponent = repr(double).partition("e")
    whole, _, fraction = mantissa.partition(".")
    point = len(whole) + int(exponent or 0)
    digits = whole + fraction
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    return stripped.rstrip("0"), point
