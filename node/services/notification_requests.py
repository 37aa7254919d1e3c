"""Accounts whose notifications were filtered ask to be heard: accepted, or dismissed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from node import clock, db, events, jobs
from node.errors import NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.notifications import NotificationRequest

MERGE: Final = "merge_notifications"
FORGET: Final = "forget_filtered_notifications"
BATCH: Final = 500
MAX_AT_ONCE: Final = 100
LAST: Final = 2**63 - 1


async def accept(account: Account, request_ids: Sequence[int], *, all_of_them: bool = False) -> None:
    """Hear from the accounts behind these requests from now on, and show what was filtered.

    Requests that are not there are passed over, or with `all_of_them` refused: raises `NotFound`. Showing happens in
    the background; `NotificationsMerged` is recorded when it is done.
    """
    async with db.transaction():
        for request in await _take(account, request_ids, all_of_them):
            await db.execute(
                "INSERT INTO notification_permissions (id, account_id, from_account_id, created_at)"
                " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (new_id(), account.id, request.from_account_id, to_milliseconds(clock.now())),
            )
            await jobs.enqueue(MERGE, _pair(request))


async def dismiss(account: Account, request_ids: Sequence[int], *, all_of_them: bool = False) -> None:
    """Forget these requests and what was filtered of their accounts until now; their next mention asks anew.

    Requests that are not there are passed over, or with `all_of_them` refused: raises `NotFound`.
    """
    async with db.transaction():
        for request in await _take(account, request_ids, all_of_them):
            await jobs.enqueue(FORGET, {**_pair(request), "before": new_id()})


async def all_merged(account_id: int) -> bool:
    """Whether nothing that was accepted is still filtered."""
    row = await db.fetch_one(
        "SELECT 1 FROM notification_permissions x JOIN notifications n ON n.account_id = x.account_id"
        " AND n.from_account_id = x.from_account_id WHERE x.account_id = ? AND n.filtered = TRUE LIMIT 1",
        (account_id,),
    )
    return row is None


async def _take(account: Account, request_ids: Sequence[int], all_of_them: bool) -> list[NotificationRequest]:
    """Remove the account's requests with these ids, and return them."""
    wanted = list(dict.fromkeys(request_ids))[:MAX_AT_ONCE]
    requests = await NotificationRequest.filter(account_id=account.id, id__in=wanted) if wanted else []
    if all_of_them and len(requests) < len(wanted):
        raise NotFound()
    await db.execute_many("DELETE FROM notification_requests WHERE id = ?", [(request.id,) for request in requests])
    return requests


def _pair(request: NotificationRequest) -> dict[str, Any]:
    return {"account_id": request.account_id, "from_account_id": request.from_account_id}


async def _merge(payload: dict[str, Any]) -> None:
    """Show what was filtered of an account that has been accepted."""
    account_id: int = payload["account_id"]
    while ids := await _filtered(payload):
        await db.execute(f"UPDATE notifications SET filtered = FALSE WHERE id IN ({db.marks(ids)})", ids)
    async with db.transaction():
        if await all_merged(account_id):
            await events.record(events.NotificationsMerged(account_id=account_id))


async def _forget(payload: dict[str, Any]) -> None:
    """Delete what was filtered of an account before it was dismissed, and leave what came since."""
    while ids := await _filtered(payload, before=payload.get("before", LAST)):
        await db.execute(f"DELETE FROM notifications WHERE id IN ({db.marks(ids)})", ids)


async def _filtered(pair: dict[str, Any], before: int = LAST) -> list[int]:
    rows = await db.fetch_all(
        "SELECT id FROM notifications WHERE account_id = ? AND from_account_id = ? AND filtered = TRUE AND id < ?"
        " ORDER BY id LIMIT ?",
        (pair["account_id"], pair["from_account_id"], before, BATCH),
    )
    return [int(row[0]) for row in rows]


jobs.register(MERGE, _merge)
jobs.register(FORGET, _forget)
