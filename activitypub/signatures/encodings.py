"""Strict base64 and base58btc: one text for each byte string, anything else is refused."""

from __future__ import annotations

import base64
import binascii
from typing import Final

from activitypub.signatures.errors import SignatureError

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUES: Final = {character: value for value, character in enumerate(_BASE58)}
_BASE58_LIMIT: Final = 4096
"""Decoding is quadratic. An ML-DSA-44 signature has 3,312 characters, an RSA-4096 Multikey about 720."""


def encode_base64(data: bytes) -> str:
    """Standard alphabet, padded, no line breaks (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """The bytes of padded standard base64. Raises `SignatureError` for any other alphabet, spaces, or bad padding."""
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError:
        raise SignatureError("not valid base64") from None
    if encode_base64(data) != text:  # the strict mode lets surplus padding and stray last bits pass
        raise SignatureError("not valid base64")
    return data


def encode_base58btc(data: bytes) -> str:
    """Multibase base58btc: ``z`` and the Bitcoin alphabet, leading zero bytes as leading ``1``."""
    number = int.from_bytes(data, "big")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(_BASE58[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(digits))


def sha256_multihash(digest: str) -> str:
    """A SHA-256 digest in hexadecimal as a multihash in multibase base58btc (``zQm…``)."""
    return encode_base58btc(b"\x12\x20" + bytes.fromhex(digest))


def decode_base58btc(text: str) -> bytes:
    """The bytes of a multibase base58btc string (``z…``), at most 4,096 characters. Raises `SignatureError`."""
    if not text.startswith("z") or not 1 < len(text) <= _BASE58_LIMIT:
        raise SignatureError("not a base58btc multibase value")
    digits = text[1:]
    number = 0
    for character in digits:
        value = _BASE58_VALUES.get(character)
        if value is None:
            raise SignatureError("not a base58btc multibase value")
        number = number * 58 + value
    zeros = len(digits) - len(digits.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
