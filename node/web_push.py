"""Messages for push services: encrypted so that only the app reads them, signed so that the service knows the node.

Pure functions: RFC 8291 (Message Encryption for Web Push) over RFC 8188 (`aes128gcm`), what browsers understood before
it (`aesgcm`, draft-ietf-webpush-encryption-04 and draft-ietf-httpbis-encryption-encoding-03), and VAPID (RFC 8292).
"""

from __future__ import annotations

import binascii
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

RECORD_SIZE: Final = 4096
MAX_PLAINTEXT: Final = 3993
"""What one record of 4096 bytes holds besides header, delimiter and tag (RFC 8291 §4); push services take no more."""

_SALT_LENGTH: Final = 16
_AUTH_LENGTH: Final = 16
_POINT_LENGTH: Final = 65
_CURVE: Final = ec.SECP256R1()


class UnusableKey(ValueError):
    """`name` (`key_p256dh` or `key_auth`) is not what a browser hands out."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not a key")
        self.name = name


@dataclass(frozen=True, slots=True)
class LegacyMessage:
    """An `aesgcm` body and what its headers must say: `Encryption: salt=…`, `Crypto-Key: dh=…`, in base64url."""

    body: bytes
    salt: str
    sender_key: str


def check_keys(p256dh: str, auth: str) -> None:
    """Raises `UnusableKey` when a message could not be encrypted for these."""
    _receiver(p256dh)
    _secret(auth)


def encrypt(
    plaintext: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """`plaintext` (at most `MAX_PLAINTEXT` bytes) for `Content-Encoding: aes128gcm`; the header is part of the body.

    `salt` and `sender` are drawn anew for each message unless a test wants those of a known example.
    """
    salt, sender = salt or os.urandom(_SALT_LENGTH), sender or ec.generate_private_key(_CURVE)
    receiver, own_point = _receiver(p256dh), _point(sender.public_key())
    shared = sender.exchange(ec.ECDH(), receiver)
    key_material = _derive(shared, _secret(auth), b"WebPush: info\0" + _point(receiver) + own_point, 32)
    key = _derive(key_material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(key_material, salt, b"Content-Encoding: nonce\0", 12)
    header = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(own_point)]) + own_point
    return header + AESGCM(key).encrypt(nonce, plaintext + b"\x02", None)


def encrypt_legacy(
    plaintext: bytes,
    p256dh: str,
    auth: str,
    *,
    salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> LegacyMessage:
    """`plaintext` for `Content-Encoding: aesgcm`."""
    salt, sender = salt or os.urandom(_SALT_LENGTH), sender or ec.generate_private_key(_CURVE)
    receiver, own_point = _receiver(p256dh), _point(sender.public_key())
    shared = sender.exchange(ec.ECDH(), receiver)
    key_material = _derive(shared, _secret(auth), b"Content-Encoding: auth\0", 32)
    context = b"P-256\0" + b"".join(len(point).to_bytes(2, "big") + point for point in (_point(receiver), own_point))
    key = _derive(key_material, salt, b"Content-Encoding: aesgcm\0" + context, 16)
    nonce = _derive(key_material, salt, b"Content-Encoding: nonce\0" + context, 12)
    body = AESGCM(key).encrypt(nonce, b"\0\0" + plaintext, None)
    return LegacyMessage(body, to_base64(salt), to_base64(own_point))


def vapid_token(private_pem: str, endpoint: str, subject: str, expires_at: int) -> str:
    """The signed statement of who sends to the push service behind `endpoint` (RFC 8292 §2), a JWT of ES256.

    `subject` is how the sender can be reached: `mailto:` or `https:`; `expires_at` in seconds, within a day.
    """
    key = cast(ec.EllipticCurvePrivateKey, load_pem_private_key(private_pem.encode(), None))
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": expires_at, "sub": subject}
    signed = ".".join(to_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (_JWT_HEADER, claims))
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    return f"{signed}.{to_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


_JWT_HEADER: Final = {"typ": "JWT", "alg": "ES256"}


def to_base64(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64(text: str) -> bytes:
    """base64, of the alphabet for URLs or the other one, padded or not. Raises `ValueError`."""
    normal = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    if not normal.isascii() or not normal.replace("-", "").replace("_", "").isalnum():
        raise ValueError("not base64")
    try:
        return urlsafe_b64decode(normal + "=" * (-len(normal) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _receiver(p256dh: str) -> ec.EllipticCurvePublicKey:
    try:
        point = from_base64(p256dh)
        if len(point) != _POINT_LENGTH:
            raise ValueError("not an uncompressed point")
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError as error:
        raise UnusableKey("key_p256dh") from error


def _secret(auth: str) -> bytes:
    try:
        secret = from_base64(auth)
    except ValueError as error:
        raise UnusableKey("key_auth") from error
    if len(secret) != _AUTH_LENGTH:
        raise UnusableKey("key_auth")
    return secret


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
