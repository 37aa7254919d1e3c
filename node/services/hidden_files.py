"""The files of suspended accounts: nobody reads them at their addresses for as long as the suspension lasts."""

from __future__ import annotations

from typing import Any, Final

from node import db, jobs
from node.models.accounts import Account
from node.runtime import runtime
from node.services import media

ARRANGE: Final = "arrange_files_of_account"
_BATCH: Final = 100


async def arrange_soon(account_id: int) -> None:
    """Have the files of a local account hidden if it is suspended and shown if it is not, in the caller's transaction."""
    await jobs.enqueue(ARRANGE, {"account_id": account_id}, lane=f"files:{account_id}")


async def _arrange(payload: dict[str, Any]) -> None:
    """The job; what it did already it may do again."""
    account = await Account.get_or_none(id=payload["account_id"])
    if account is None:
        return
    move = runtime().storage.show if account.suspended_at is None else runtime().storage.hide
    for key in (account.avatar_key, account.header_key):
        if key is not None:
            await move(key)
    last = 0
    while rows := await db.fetch_all(
        "SELECT id, variants FROM media_files WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?",
        (account.id, last, _BATCH),
    ):
        for row in rows:
            for key in media.served_keys(row[1]):
                await move(key)
        last = int(rows[-1][0])


jobs.register(ARRANGE, _arrange)
