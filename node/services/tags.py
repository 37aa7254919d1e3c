"""Following hashtags, and showing them on one's profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node import clock, db, events
from node.errors import Conflict, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.hashtags import FeaturedTag, TagFollow
from node.services import hashtags, timelines
from node.text import clean_line, hashtag_name, is_hashtag

MAX_FEATURED: Final = 10


async def follow(account: Account, name: str) -> None:
    """Have public posts with a hashtag come into the account's home timeline; twice changes nothing.

    Raises `NotFound` for what is no hashtag.
    """
    async with db.transaction():
        await db.execute(
            "INSERT INTO tag_follows (id, account_id, hashtag_id, created_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (account_id, hashtag_id) DO NOTHING",
            (new_id(), account.id, await _made(name), to_milliseconds(clock.now())),
        )


async def unfollow(account: Account, name: str) -> None:
    """End that, and take out of home what came by it alone; nothing happens when there is nothing to end."""
    known = await hashtags.by_name(name)
    if known is None:
        return
    async with db.transaction():
        if await TagFollow.filter(account_id=account.id, hashtag_id=known.id).delete():
            await timelines.forget_hashtag(account.id, known.id)


async def feature(account: Account, written: str, *, again: bool = True) -> int:
    """Show a hashtag on the account's profile; returns the id of the entry.

    Raises `Invalid` (name) for what is no hashtag and, unless `again`, for one that is shown already; `Conflict` when
    `MAX_FEATURED` are.
    """
    name = clean_line(written).removeprefix("#")
    if not name:
        raise Invalid("name", "can't be blank", code="ERR_BLANK")
    if not is_hashtag(name):
        raise Invalid("name", "is invalid")
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM users WHERE account_id = ?{db.for_update()}", (account.id,))
        hashtag_id = await _made(name)
        known = await FeaturedTag.get_or_none(account_id=account.id, hashtag_id=hashtag_id)
        if known is not None:
            if not again:
                raise Invalid("name", "has already been taken", code="ERR_TAKEN")
            return int(known.id)
        if await FeaturedTag.filter(account_id=account.id).count() >= MAX_FEATURED:
            raise Conflict("Validation failed: You have already featured the maximum number of hashtags")
        made = await FeaturedTag.create(account_id=account.id, hashtag_id=hashtag_id, name=name)
        await _tell(account, name, made.id, is_featured=True)
    return int(made.id)


async def unfeature(account: Account, name: str) -> None:
    """Show a hashtag no longer; nothing happens when it is not shown."""
    known = await hashtags.by_name(name)
    if known is not None:
        await _remove(account, hashtag_id=known.id)


async def remove_featured(account: Account, featured_id: int) -> None:
    """Show one of the account's hashtags no longer. Raises `NotFound`."""
    if not await _remove(account, id=featured_id):
        raise NotFound


async def _remove(account: Account, **which: int) -> bool:
    async with db.transaction():
        found = await FeaturedTag.filter(account_id=account.id, **which).first()
        if found is None:
            return False
        await found.delete()
        if account.is_local:
            await _tell(account, found.name, found.id, is_featured=False)
    return True


async def _tell(account: Account, name: str, featured_id: int, *, is_featured: bool) -> None:
    await events.record(
        events.TagFeatured(account_id=account.id, name=name, featured_id=featured_id, is_featured=is_featured)
    )


async def receive_featured(account: Account, names: Sequence[str], *, all_of_them: bool) -> None:
    """The server of a remote account says that it shows these hashtags; with `all_of_them` no others.

    What is no hashtag, and more than `MAX_FEATURED`, is left out.
    """
    written = {hashtag_name(name): name.removeprefix("#") for name in names if is_hashtag(name.removeprefix("#"))}
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        known = {hashtag_name(tag.name): tag for tag in await FeaturedTag.filter(account_id=account.id)}
        if all_of_them:
            for name in known.keys() - written.keys():
                await known.pop(name).delete()
        for name in [name for name in written if name not in known][: MAX_FEATURED - len(known)]:
            await FeaturedTag.create(account_id=account.id, hashtag_id=await _made(name), name=written[name])


async def _made(name: str) -> int:
    """The id of a hashtag, made if there was none yet."""
    if not is_hashtag(name):
        raise NotFound
    (hashtag_id,) = await hashtags.ensure([name])
    return hashtag_id
