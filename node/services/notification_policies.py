"""What a person wants to become of notifications from whom they hardly know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node import db
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.notifications import ACCEPT, DROP, FILTER, NotificationPolicy

WISHES: Final = (ACCEPT, FILTER, DROP)
RULES: Final = (
    "for_not_following",
    "for_not_followers",
    "for_new_accounts",
    "for_private_mentions",
    "for_limited_accounts",
    "for_bots",
)


async def policy_of(account_id: int) -> NotificationPolicy:
    """The policy of an account: its own, or the one everybody begins with."""
    return await NotificationPolicy.get_or_none(account_id=account_id) or NotificationPolicy(account_id=account_id)


async def change(account: Account, wishes: Mapping[str, str]) -> NotificationPolicy:
    """Change some rules of an account's policy; what came before stays as it is. Raises `Invalid` for an unknown wish."""
    for rule, wish in wishes.items():
        if rule not in RULES or wish not in WISHES:
            raise Invalid(rule, "is not included in the list", code="ERR_INCLUSION")
    if not wishes:
        return await policy_of(account.id)
    policy = await policy_of(account.id)
    policy.update_from_dict(dict(wishes))
    changed = ", ".join(f"{rule} = excluded.{rule}" for rule in wishes)
    await db.execute(
        f"INSERT INTO notification_policies (id, account_id, {', '.join(RULES)}) VALUES ({db.marks(len(RULES) + 2)})"
        f" ON CONFLICT (account_id) DO UPDATE SET {changed}",
        (new_id(), account.id, *(getattr(policy, rule) for rule in RULES)),
    )
    return policy
