"""How servers are treated that this node has known for a few days only.

`hold`: who from there follows somebody here asks to, and what they mention people in waits as a request. `limit`: they
are shown only to those who follow them. Since when a server is known tells the oldest of its accounts here.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from node import clock, db
from node.cache import BoundedCache
from node.errors import Invalid
from node.ids import first_id_at
from node.models.accounts import LOCAL
from node.models.fields import to_milliseconds
from node.models.received_rules import HOLD, LIMIT, NEWCOMER_ACTIONS, NewcomerRule
from node.services import audit
from node.services.kept_rules import KeptRules

CHANNEL: Final = "newcomer-rule"
MAX_DAYS: Final = 90
_AT_ONCE: Final = 500


async def _load() -> tuple[NewcomerRule | None]:
    return (await NewcomerRule.all().first(),)


_rule: Final = KeptRules(CHANNEL, _load)
_settled: BoundedCache[str, int] = BoundedCache(20_000)
"""Domains that were known for so many days when it was last asked: that never changes back."""


async def rule() -> NewcomerRule | None:
    """The rule, if there is one."""
    return (await _rule.all())[0]


async def holds(domain: str) -> bool:
    """Whether what people of a domain do towards people here waits for these to accept it."""
    found = await rule()
    return found is not None and found.action == HOLD and domain != LOCAL and await _is_new(domain, found.days)


async def limited_since(domain: str) -> datetime | None:
    """Since when a newly met account of a domain counts as silenced; `None` when it does not."""
    found = await rule()
    if found is None or found.action != LIMIT or not await _is_new(domain, found.days):
        return None
    moment: datetime = found.created_at
    return moment


async def _is_new(domain: str, days: int) -> bool:
    if (_settled.get(domain) or 0) >= days:
        return False
    row = await db.fetch_one("SELECT 1 FROM accounts WHERE domain = ? AND id < ? LIMIT 1", (domain, _before(days)))
    if row is not None:
        _settled.put(domain, days)
    return row is None


def _before(days: int) -> int:
    return first_id_at(clock.now() - timedelta(days=days))


async def lay_down(moderator_id: int, days: int, action: str) -> NewcomerRule:
    """Treat servers so that are known for fewer than `days`; replaces the rule there was. Raises `Invalid` (days, action)."""
    if not 1 <= days <= MAX_DAYS:
        raise Invalid("days", f"must be between 1 and {MAX_DAYS}", code="ERR_INCLUSION")
    if action not in NEWCOMER_ACTIONS:
        raise Invalid("action", "is not included in the list", code="ERR_INCLUSION")
    async with audit.decision(moderator_id, "update") as made:
        await _take_back()
        found = await NewcomerRule.create(days=days, action=action)
        made.about("NewcomerRule", found.id, f"{action} {days}")
        if action == LIMIT:
            await _limit(found)
        _rule.announce_change()
    return found


async def remove(moderator_id: int) -> None:
    """Treat new servers like all others, also those the rule has limited; nothing happens when there is no rule."""
    found = await NewcomerRule.all().first()
    if found is None:
        return
    async with audit.decision(moderator_id, "destroy", "NewcomerRule", found.id, f"{found.action} {found.days}"):
        await _take_back()
        _rule.announce_change()


async def _take_back() -> None:
    for found in await NewcomerRule.all():
        await db.execute(
            "UPDATE accounts SET silenced_at = NULL, version = version + 1 WHERE silenced_at = ? AND domain <> ''",
            (to_milliseconds(found.created_at),),
        )
        await found.delete()


async def _limit(found: NewcomerRule) -> None:
    rows = await db.fetch_all(
        "SELECT domain FROM accounts WHERE domain <> '' GROUP BY domain HAVING MIN(id) >= ?", (_before(found.days),)
    )
    names = [str(row[0]) for row in rows]
    for start in range(0, len(names), _AT_ONCE):
        part = names[start : start + _AT_ONCE]
        await db.execute(
            "UPDATE accounts SET silenced_at = ?, version = version + 1 WHERE silenced_at IS NULL"
            f" AND domain IN ({db.marks(part)})",
            (to_milliseconds(found.created_at), *part),
        )


async def free_settled() -> None:
    """Show those to everybody again whose server is not new any more; periodic."""
    found = await NewcomerRule.all().first()
    if found is None or found.action != LIMIT:
        return
    moment = to_milliseconds(found.created_at)
    rows = await db.fetch_all("SELECT DISTINCT domain FROM accounts WHERE silenced_at = ?", (moment,))
    for row in rows:
        if not await _is_new(row[0], found.days):
            await db.execute(
                "UPDATE accounts SET silenced_at = NULL, version = version + 1 WHERE silenced_at = ? AND domain = ?",
                (moment, row[0]),
            )


def forget_everything() -> None:
    """Empty the memory of this process."""
    _settled.clear()
