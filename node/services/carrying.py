"""What people here have to do with somebody who moved goes along: follows with their lists, notes, blocks, mutes.

Done in the background, a person at a time, each in a transaction of their own; may be run again from anywhere within.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from node import db, jobs
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import LOCAL, Account
from node.models.graph import AccountNote, Block, Follow, Mute
from node.services import account_notes, blocks, follows, list_timelines, mutes, timelines

CARRY: Final = "carry_along_after_move"
BATCH: Final = 100


async def _carry(payload: dict[str, Any]) -> None:
    """Have everybody here go along, unless the move has been taken back meanwhile."""
    for carry_some in (_carry_follows, _carry_notes, _carry_blocks, _carry_mutes):
        last: int | None = 0
        while last is not None:
            origin = await Account.get_or_none(id=payload["origin_id"])
            target = await Account.get_or_none(id=payload["target_id"])
            if origin is None or target is None or target.suspended_at is not None:
                return
            if origin.moved_to_uri != target.uri:
                return
            last = await carry_some(origin, target, last)


async def _carry_follows(origin: Account, target: Account, after: int) -> int | None:
    found = (
        await Follow.filter(target_id=origin.id, accepted=True, account__domain=LOCAL, id__gt=after)
        .order_by("id")
        .limit(BATCH)
        .select_related("account")
    )
    return await _each(found, lambda follow: _carry_follow(follow, origin, target))


async def _carry_follow(follow: Follow, origin: Account, target: Account) -> None:
    """Follow the new account as the old one was, put it on the same lists, and follow the old one no longer.

    A private account of this node has its followers back without being asked: they were its own.
    """
    follower = follow.account
    if follower.id == target.id:
        return
    async with db.transaction():
        if not await Follow.filter(account_id=follower.id, target_id=target.id).exists():
            made = await follows.follow(
                follower,
                target,
                show_shares=follow.show_shares,
                notify=follow.notify,
                languages=(follow.languages or "").split(),
            )
            if target.is_local and not made.accepted:
                await follows.accept(target, follower.id)
        await _carry_lists(follower, origin, target)
        await follows.unfollow(follower, origin)


async def _carry_lists(follower: Account, origin: Account, target: Account) -> None:
    rows = await db.fetch_all(
        "SELECT m.list_id, l.exclusive FROM list_members m JOIN lists l ON l.id = m.list_id"
        " WHERE m.owner_id = ? AND m.account_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM list_members k WHERE k.list_id = m.list_id AND k.account_id = ?)",
        (follower.id, origin.id, target.id),
    )
    if not rows:
        return
    await db.execute_many(
        "INSERT INTO list_members (id, list_id, owner_id, account_id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [(new_id(), row[0], follower.id, target.id) for row in rows],
    )
    await list_timelines.fill_from(follower.id, target.id, timelines.FILL)
    for list_id in [row[0] for row in rows if row[1]]:
        await timelines.forget_listed(follower.id, list_id)


async def _carry_notes(origin: Account, target: Account, after: int) -> int | None:
    found = await AccountNote.filter(target_id=origin.id, id__gt=after).order_by("id").limit(BATCH)
    return await _each(found, lambda note: _note(note.account_id, origin, target, note.comment))


async def _carry_blocks(origin: Account, target: Account, after: int) -> int | None:
    found = (
        await Block.filter(target_id=origin.id, account__domain=LOCAL, id__gt=after)
        .order_by("id")
        .limit(BATCH)
        .select_related("account")
    )

    async def carry(block: Block) -> None:
        if await _has_chosen(block.account_id, target, Block):
            return
        await blocks.block(block.account, target)
        await _note(block.account_id, origin, target, "You had blocked that account.")

    return await _each(found, carry)


async def _carry_mutes(origin: Account, target: Account, after: int) -> int | None:
    found = await Mute.filter(target_id=origin.id, id__gt=after).order_by("id").limit(BATCH).select_related("account")

    async def carry(mute: Mute) -> None:
        if mute.expires_at is not None or await _has_chosen(mute.account_id, target, Mute):
            return
        await mutes.mute(mute.account, target, hide_notifications=mute.hide_notifications)
        await _note(mute.account_id, origin, target, "You had muted that account.")

    return await _each(found, carry)


async def _has_chosen(account_id: int, target: Account, kind: type[Block] | type[Mute]) -> bool:
    """Whether somebody has an opinion of the new account already, be it the same or that they follow it."""
    if await kind.filter(account_id=account_id, target_id=target.id).exists():
        return True
    return await Follow.filter(account_id=account_id, target_id=target.id).exists()


async def _note(account_id: int, origin: Account, target: Account, words: str) -> None:
    """Write where the account comes from above what is noted of it already; once."""
    known = await AccountNote.get_or_none(account_id=account_id, target_id=target.id)
    added = f"Moved here from @{origin.acct}. {words}"
    former = known.comment if known is not None else ""
    if added in former:
        return
    text = f"{added}\n\n{former}".strip()[: account_notes.MAX_COMMENT]
    await account_notes.note(await Account.get(id=account_id), target, text)


async def _each(found: list[Any], carry: Callable[[Any], Awaitable[None]]) -> int | None:
    """Carry each; returns the last one's id, `None` when nothing was left. Who cannot go along stays behind."""
    for row in found:
        with contextlib.suppress(NotFound, Forbidden, Invalid, Conflict):
            await carry(row)
    return found[-1].id if found else None


jobs.register(CARRY, _carry)
