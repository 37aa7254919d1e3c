"""An app that is woken in tests: it has a push service on loopback, and decrypts what it gets as a browser would.

Written from the specifications with HMAC alone, so that it shares no code with what encrypts.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.federation.peers import Asked, Peer, peer, response

CURVE = ec.SECP256R1()


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes behind base64url."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class App:
    """Holds the keys of a subscription."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    secret: bytes = b"0123456789abcdef"

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        """What it tells the node."""
        return {"p256dh": encoded(self.point), "auth": encoded(self.secret)}

    def read(self, body: bytes, headers: dict[str, str]) -> bytes:
        """The plaintext of a message, by its `Content-Encoding`."""
        if headers["content-encoding"] == "aes128gcm":
            return self.read_standard(body)
        salt = decoded(headers["encryption"].removeprefix("salt="))
        sender = decoded(headers["crypto-key"].split(";")[0].removeprefix("dh="))
        return self.read_legacy(body, salt, sender)

    def read_standard(self, body: bytes) -> bytes:
        """RFC 8291 §3.4 and RFC 8188 §2."""
        salt, length = body[:16], body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(record) <= int.from_bytes(body[16:20], "big")
        shared = self._shared(sender)
        material = _expand(_extract(self.secret, shared), b"WebPush: info\x00" + self.point + sender, 32)
        pseudo_random = _extract(salt, material)
        key = _expand(pseudo_random, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _expand(pseudo_random, b"Content-Encoding: nonce\x00", 12)
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\x00")
        assert padded[-1:] == b"\x02"
        return padded[:-1]

    def read_legacy(self, body: bytes, salt: bytes, sender: bytes) -> bytes:
        """draft-ietf-webpush-encryption-04 §3 and draft-ietf-httpbis-encryption-encoding-03 §3."""
        context = b"P-256\x00\x00\x41" + self.point + b"\x00\x41" + sender
        material = _expand(_extract(self.secret, self._shared(sender)), b"Content-Encoding: auth\x00", 32)
        pseudo_random = _extract(salt, material)
        key = _expand(pseudo_random, b"Content-Encoding: aesgcm\x00" + context, 16)
        nonce = _expand(pseudo_random, b"Content-Encoding: nonce\x00" + context, 12)
        padded = AESGCM(key).decrypt(nonce, body, None)
        return padded[2 + int.from_bytes(padded[:2], "big") :]

    def _shared(self, sender: bytes) -> bytes:
        return self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVE, sender))


def _extract(salt: bytes, material: bytes) -> bytes:
    return hmac.new(salt, material, hashlib.sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return hmac.new(key, info + b"\x01", hashlib.sha256).digest()[:length]


def claims_of(token: str, public_key: str) -> dict[str, Any]:
    """What a VAPID token says, its signature checked with the key in base64url."""
    signed, _, signature = token.rpartition(".")
    raw = decoded(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(public_key))
    key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(SHA256()))
    header, claims = (json.loads(decoded(part)) for part in signed.split("."))
    assert header == {"typ": "JWT", "alg": "ES256"}
    return dict(claims)


@dataclass
class PushService:
    """Where messages for apps arrive. It answers `status` with `headers`."""

    peer: Peer
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)

    def endpoint(self, name: str = "app") -> str:
        return self.peer.url(f"/send/{name}")

    @property
    def received(self) -> list[Asked]:
        return self.peer.asked


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """A push service while the `async with` lasts."""
    holder: list[PushService] = []

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(response(holder[0].status, b"", "text/plain", **holder[0].headers))

    async with peer(answer) as server:
        holder.append(PushService(server))
        yield holder[0]
