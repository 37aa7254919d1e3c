"""Private keys as the database keeps them: sealed, when the node's secret key is in its settings.

A copy of the database alone then lets nobody speak for the people here. Without a secret key in the settings one is made
and kept in the database: sealing with that would hide nothing, so keys stay as they are.
"""

from __future__ import annotations

from typing import Any, Final

from node import db, jobs
from node.runtime import runtime
from node.secrecy import open_sealed, seal

SEAL: Final = "seal_private_keys"
"""The job that seals the keys written before there was a secret key in the settings."""
BATCH: Final = 200
_MARK: Final = "sealed:"


def sealed(private_pem: str, account_id: int) -> str:
    """A private key of an account as it is to be kept."""
    if runtime().settings.secret_key is None or private_pem.startswith(_MARK):
        return private_pem
    return _MARK + seal(private_pem, _purpose(account_id))


def opened(kept: str, account_id: int) -> str | None:
    """The private key (PEM) that is kept so; `None` when it was sealed with another secret key or for another account."""
    if not kept.startswith(_MARK):
        return kept
    return open_sealed(kept.removeprefix(_MARK), _purpose(account_id))


async def seal_older() -> None:
    """Have the keys sealed that are not, if they are to be: once is enough, new ones are written so."""
    if runtime().settings.secret_key is not None:
        await jobs.enqueue(SEAL, {}, key=SEAL)


async def _seal(_: dict[str, Any]) -> None:
    last = 0
    while rows := await db.fetch_all(
        "SELECT k.id, k.account_id, k.private_pem FROM accounts a JOIN actor_keys k ON k.account_id = a.id"
        " WHERE a.domain = '' AND k.private_pem IS NOT NULL AND k.id > ? ORDER BY k.id LIMIT ?",
        (last, BATCH),
    ):
        async with db.transaction():
            for number, account_id, kept in rows:
                # An exchange meanwhile counts.
                await db.execute(
                    "UPDATE actor_keys SET private_pem = ? WHERE id = ? AND private_pem = ?",
                    (sealed(kept, account_id), number, kept),
                )
        last = rows[-1][0]


def _purpose(account_id: int) -> str:
    return f"private key of account {account_id}"


jobs.register(SEAL, _seal)
