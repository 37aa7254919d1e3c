"""What people note for themselves about others."""

from __future__ import annotations

from typing import Final

from node import clock, db
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import AccountNote
from node.text import clean

MAX_COMMENT: Final = 2_000


async def note(account: Account, target: Account, comment: str) -> None:
    """Write down (or, with nothing in `comment`, forget) what `account` thinks of `target`. Raises `Invalid` (comment)."""
    text = clean(comment)
    if not text:
        await AccountNote.filter(account_id=account.id, target_id=target.id).delete()
        return
    if len(text) > MAX_COMMENT:
        raise Invalid("comment", f"is too long (maximum is {MAX_COMMENT} characters)", code="ERR_TOO_LONG")
    await db.execute(
        "INSERT INTO account_notes (id, account_id, target_id, comment, created_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account_id, target_id) DO UPDATE SET comment = excluded.comment",
        (new_id(), account.id, target.id, text, to_milliseconds(clock.now())),
    )
