"""Whom somebody could follow: gathered now and then, and looked at anew each time they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from node import clock, db
from node.cache import BoundedCache
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.queries import suggestions
from node.queries.accounts import AccountRow
from node.runtime import runtime

FEATURED, FRIENDS_OF_FRIENDS, MOST_FOLLOWED = "featured", "friends_of_friends", "most_followed"
MOST_OF_A_KIND: Final = 40
GATHERED_EVERY: Final = 900.0

_gathered: BoundedCache[int, tuple[tuple[int, tuple[str, ...]], ...]] = BoundedCache(5_000, GATHERED_EVERY)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account, and why it is suggested."""

    account: AccountRow
    sources: tuple[str, ...]


def forget_all() -> None:
    """Gather anew."""
    _gathered.clear()


async def of_account(viewer_id: int, *, limit: int, offset: int) -> list[Suggestion]:
    """Whom the viewer could follow: those this node features, friends of friends, the most followed.

    Who has become unwelcome since they were gathered (followed, dismissed, muted …) is left out at once.
    """
    gathered = _gathered.get(viewer_id)
    if gathered is None:
        gathered = await _gather(viewer_id)
        _gathered.put(viewer_id, gathered)
    welcome = await suggestions.still_welcome(viewer_id, [account_id for account_id, _ in gathered])
    shown = [Suggestion(welcome[account_id], why) for account_id, why in gathered if account_id in welcome]
    return shown[offset : offset + limit]


async def _gather(viewer_id: int) -> tuple[tuple[int, tuple[str, ...]], ...]:
    names = [name.lower() for name in runtime().settings.instance.suggested_accounts]
    found: dict[int, tuple[str, ...]] = {}
    for source, account_ids in (
        (FEATURED, await suggestions.named(viewer_id, names, MOST_OF_A_KIND)),
        (FRIENDS_OF_FRIENDS, await suggestions.friends_of_friends(viewer_id, MOST_OF_A_KIND)),
        (MOST_FOLLOWED, await suggestions.most_followed(viewer_id, MOST_OF_A_KIND)),
    ):
        for account_id in account_ids:
            found[account_id] = (*found.get(account_id, ()), source)
    return tuple(found.items())


async def dismiss(account: Account, target_id: int) -> None:
    """Never suggest this account to `account` again. Nothing happens when there is no such account."""
    await db.execute(
        "INSERT INTO dismissed_suggestions (id, account_id, target_id, created_at)"
        " SELECT CAST(? AS BIGINT), CAST(? AS BIGINT), a.id, CAST(? AS BIGINT) FROM accounts a WHERE a.id = ?"
        " ON CONFLICT DO NOTHING",
        (new_id(), account.id, to_milliseconds(clock.now()), target_id),
    )
