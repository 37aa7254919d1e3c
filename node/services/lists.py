"""Lists: made, changed and filled by their owner. What stands in their timelines: `list_timelines`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node import db
from node.errors import Conflict, Invalid, NotFound
from node.models.accounts import Account
from node.models.lists import LIST, REPLIES_POLICIES, List, ListMember
from node.services import audiences, list_timelines, timelines
from node.text import clean_line

MAX_LISTS: Final = 50
MAX_TITLE: Final = 256
MAX_MEMBERS: Final = 5_000
MAX_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Terms:
    """What a list is; `None` leaves as it is."""

    title: str | None = None
    replies_policy: str | None = None
    exclusive: bool | None = None


async def create(owner: Account, terms: Terms) -> List:
    """Make a list. Raises `Invalid` (title, replies_policy), `Conflict` when the owner has `MAX_LISTS` already."""
    made = List(
        account_id=owner.id,
        title=_title(terms.title or ""),
        replies_policy=_policy(terms.replies_policy or LIST),
        exclusive=bool(terms.exclusive),
    )
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM users WHERE account_id = ?{db.for_update()}", (owner.id,))
        if await List.filter(account_id=owner.id).count() >= MAX_LISTS:
            raise Conflict("Validation failed: You have reached the maximum number of lists")
        await made.save(force_create=True)
    return made


async def change(owner: Account, list_id: int, terms: Terms) -> List:
    """Change one of the owner's lists. Raises `NotFound`, `Invalid` (title, replies_policy)."""
    async with db.transaction():
        known = await own(owner.id, list_id)
        before = (known.replies_policy, known.exclusive)
        known.title = known.title if terms.title is None else _title(terms.title)
        known.replies_policy = known.replies_policy if terms.replies_policy is None else _policy(terms.replies_policy)
        known.exclusive = known.exclusive if terms.exclusive is None else terms.exclusive
        await known.save()
        if known.replies_policy != before[0]:
            await list_timelines.empty(list_id)
            await list_timelines.fill_list(list_id, timelines.MAX_ENTRIES)
        if known.exclusive != before[1]:
            await _move_members(known)
    return known


async def remove(owner: Account, list_id: int) -> None:
    """Remove one of the owner's lists. Raises `NotFound`."""
    async with db.transaction():
        known = await own(owner.id, list_id)
        if known.exclusive:
            known.exclusive = False
            await known.save()
            await _move_members(known)
        await known.delete()


async def own(owner_id: int, list_id: int) -> List:
    """One of the owner's lists. Raises `NotFound`."""
    known = await List.get_or_none(id=list_id, account_id=owner_id)
    if known is None:
        raise NotFound
    return known


async def of_owner(owner_id: int, member_id: int | None = None) -> list[List]:
    """The owner's lists, oldest first; only those `member_id` is on, if one is named."""
    mine = List.filter(account_id=owner_id)
    chosen = mine if member_id is None else mine.filter(members__account_id=member_id)
    return await chosen.order_by("id").limit(MAX_LISTS)


async def add(owner: Account, list_id: int, account_ids: Sequence[int]) -> None:
    """Put accounts that the owner follows, or asked to follow, on a list; the owner may be among them. All or none.

    Raises `NotFound` when one is neither followed nor there, `Invalid` (account) when one is on the list already.
    """
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return
    if len(wanted) > MAX_AT_ONCE:
        raise Invalid("account_ids", f"can't be more than {MAX_AT_ONCE}", code="ERR_TOO_MANY")
    async with db.transaction():
        known = await own(owner.id, list_id)
        await _check_followed(owner.id, wanted)
        if await ListMember.filter(list_id=list_id).count() + len(wanted) > MAX_MEMBERS:
            raise Conflict(f"Validation failed: A list can't have more than {MAX_MEMBERS} members")
        if await ListMember.filter(list_id=list_id, account_id__in=wanted).exists():
            raise Invalid("account", "has already been taken", code="ERR_TAKEN")
        await ListMember.bulk_create(
            [ListMember(list_id=list_id, owner_id=owner.id, account_id=account_id) for account_id in wanted]
        )
        for account_id in wanted:
            await list_timelines.fill_from(owner.id, account_id, timelines.FILL)
        if known.exclusive:
            await timelines.forget_listed(owner.id, list_id)


async def take_off(owner: Account, list_id: int, account_ids: Sequence[int]) -> None:
    """Take accounts off a list; those not on it are passed over. Raises `NotFound` when the owner has no such list."""
    async with db.transaction():
        known = await own(owner.id, list_id)
        for account_id in dict.fromkeys(account_ids[:MAX_AT_ONCE]):
            if not await ListMember.filter(list_id=list_id, account_id=account_id).delete():
                continue
            await list_timelines.forget_member(list_id, account_id)
            await audiences.taken_off(owner.id, account_id, list_id)
            if known.exclusive:
                await timelines.fill_from(owner.id, account_id)


async def _check_followed(owner_id: int, account_ids: Sequence[int]) -> None:
    others = [account_id for account_id in account_ids if account_id != owner_id]
    if not others:
        return
    row = await db.fetch_one(
        f"SELECT COUNT(*) FROM follows WHERE account_id = ? AND target_id IN ({db.marks(others)})", (owner_id, *others)
    )
    if row is None or row[0] != len(others):
        raise NotFound


async def _move_members(changed: List) -> None:
    """Take what members post out of the home timeline, or bring it back."""
    if changed.exclusive:
        await timelines.forget_listed(changed.account_id, changed.id)
    else:
        await timelines.fill_listed(changed.account_id, changed.id)


def _title(written: str) -> str:
    title = clean_line(written)
    if not title:
        raise Invalid("title", "can't be blank", code="ERR_BLANK")
    if len(title) > MAX_TITLE:
        raise Invalid("title", f"is too long (maximum is {MAX_TITLE} characters)", code="ERR_TOO_LONG")
    return title


def _policy(wanted: str) -> str:
    if wanted not in REPLIES_POLICIES:
        raise Invalid("replies_policy", "is not included in the list", code="ERR_INCLUSION")
    return wanted
