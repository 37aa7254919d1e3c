"""Tokens and how they are kept: high-entropy values are shown once and stored as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from node import db

TOKEN_BYTES = 32


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
