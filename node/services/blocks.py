"""Blocking: neither side sees or reaches the other any more."""

from __future__ import annotations

from node import db, events, urls
from node.errors import Conflict, Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Block, Follow
from node.services import audiences, follows, notifications, timelines


async def block(account: Account, target: Account, uri: str | None = None) -> Block:
    """Let `account` block `target`: follows both ways, home entries and notifications of each other go.

    Blocking twice changes nothing. `uri` is the Block activity of a remote account. Records `AccountBlocked` when a
    local account blocks a remote one. Raises `Invalid` for oneself, `Conflict` when `uri` is another block's.
    """
    if account.id == target.id:
        raise Invalid("account", "can't block itself")
    async with db.transaction():
        known = await Block.get_or_none(account_id=account.id, target_id=target.id)
        if known is not None:
            return known
        number = new_id()
        made = Block(
            id=number,
            account_id=account.id,
            target_id=target.id,
            uri=uri or urls.activity(account.uri, "blocks", number),
        )
        if not await _insert(made):
            raise Conflict("this block is another's or was just made", uri=made.uri)
        await _part(account, target)
        if account.is_local and not target.is_local:
            await events.record(events.AccountBlocked(block_id=made.id))
    return made


async def unblock(account: Account, target: Account) -> None:
    """Take a block back; nothing happens when there is none. What it ended does not come back."""
    async with db.transaction():
        rows = await db.fetch_all(
            "DELETE FROM blocks WHERE account_id = ? AND target_id = ? RETURNING uri", (account.id, target.id)
        )
        if rows and account.is_local and not target.is_local:
            await events.record(
                events.AccountUnblocked(account_id=account.id, target_id=target.id, uri=str(rows[0][0]))
            )


async def _insert(made: Block) -> bool:
    added = await db.execute(
        "INSERT INTO blocks (id, account_id, target_id, uri, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (made.id, made.account_id, made.target_id, made.uri, to_milliseconds(made.created_at)),
    )
    made._saved_in_db = added > 0
    return made._saved_in_db


async def _part(account: Account, target: Account) -> None:
    for follower, followed in ((account, target), (target, account)):
        existing = await Follow.get_or_none(account_id=follower.id, target_id=followed.id)
        if existing is not None:
            await follows.end(existing, follower, followed, by=account)
        await timelines.forget(follower.id, followed.id, shares_too=True)
    await audiences.part(account.id, target.id)
    await notifications.forget_between(account.id, target.id)
