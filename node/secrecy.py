"""Tokens and how they are kept: high-entropy values are shown once and stored as a hash."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from node import db
from node.runtime import runtime

TOKEN_BYTES = 32
_NONCE_BYTES = 12


def new_token() -> str:
    """A fresh 256-bit secret, safe in URLs."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code() -> str:
    """Six digits to type from a letter; only ever accepted together with few attempts and little time."""
    return f"{secrets.randbelow(1_000_000):06d}"


def hash_token(token: str) -> str:
    """What is stored of a token. Plain SHA-256 is enough, since nobody can guess 256 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


async def kept_secret(name: str, make: Callable[[], str] = new_token) -> str:
    """The node's own secret called `name`: made on first use, the same for every process ever after."""
    known = "SELECT value FROM kept_secrets WHERE name = ?"
    row = await db.fetch_one(known, (name,))
    if row is None:
        await db.execute(
            "INSERT INTO kept_secrets (name, value, created_at) VALUES (?, ?, 0) ON CONFLICT (name) DO NOTHING",
            (name, make()),
        )
        row = await db.fetch_one(known, (name,))
    assert row is not None
    return str(row[0])


def fingerprint(text: str, purpose: str) -> str:
    """A short token that only this node can make of `text`: 96 bits, safe in URLs."""
    digest = hmac.digest(runtime().secret_key, f"heliograph: {purpose}: {text}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:12]).decode()


def seal(text: str, purpose: str) -> str:
    """`text` encrypted with the node's secret key, for what must be known again later; opens for the same purpose."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + _cipher(purpose).encrypt(nonce, text.encode(), None)
    return base64.urlsafe_b64encode(sealed).decode()


def open_sealed(sealed: str, purpose: str) -> str | None:
    """What `seal` hid; `None` when the secret key or the purpose was another, or it was tampered with."""
    try:
        data = base64.urlsafe_b64decode(sealed)
        return _cipher(purpose).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], None).decode()
    except (InvalidTag, binascii.Error, ValueError):
        return None


def _cipher(purpose: str) -> AESGCM:
    """Each purpose has a key of its own."""
    return AESGCM(HKDF(SHA256(), 32, None, b"heliograph: " + purpose.encode()).derive(runtime().secret_key))
