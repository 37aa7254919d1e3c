"""How many bytes of photographs and films an account may keep here."""

from __future__ import annotations

from dataclasses import dataclass

from node import db
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.runtime import runtime


@dataclass(frozen=True, slots=True)
class Quota:
    """Bytes an account keeps, and may keep; `limit` is `None` when it is without end."""

    used: int
    limit: int | None

    @property
    def left(self) -> int | None:
        """What there is room for."""
        return None if self.limit is None else max(self.limit - self.used, 0)


async def of(account_id: int) -> Quota:
    """What the account keeps: what it sent and has begun to send, each file as large as it was sent; what is made of it
    here, and failed uploads, do not count."""
    row = await db.fetch_one(
        "SELECT (SELECT COALESCE(SUM(size), 0) FROM media_files WHERE account_id = ? AND state <> 'failed'),"
        " (SELECT COALESCE(SUM(length), 0) FROM resumable_uploads WHERE account_id = ? AND media_id IS NULL),"
        " (SELECT bytes FROM media_quotas WHERE account_id = ?)",
        (account_id, account_id, account_id),
    )
    assert row is not None
    limit = runtime().settings.media.account_quota_bytes if row[2] is None else int(row[2])
    return Quota(int(row[0]) + int(row[1]), limit or None)


async def check(account: Account, size: int) -> None:
    """Raises `Invalid` (file) unless there is room for `size` bytes more."""
    quota = await of(account.id)
    if quota.left is not None and size > quota.left:
        raise Invalid(
            "file", f"does not fit: {quota.left} of {quota.limit} bytes are left to this account", code="ERR_QUOTA"
        )


async def claim(account: Account, size: int) -> None:
    """`check`, in the transaction that writes the row which takes the room: of two at the same time, one waits for the
    other's row and counts it."""
    await db.execute("UPDATE accounts SET id = id WHERE id = ?", (account.id,))
    await check(account, size)


async def allow(account_id: int, limit: int | None) -> None:
    """Give one account a limit of its own, 0 for none at all; `None` takes that back."""
    if limit is None:
        await db.execute("DELETE FROM media_quotas WHERE account_id = ?", (account_id,))
        return
    await db.execute(
        "INSERT INTO media_quotas (id, account_id, bytes) VALUES (?, ?, ?)"
        " ON CONFLICT (account_id) DO UPDATE SET bytes = excluded.bytes",
        (new_id(), account_id, limit),
    )
