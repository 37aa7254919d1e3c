"""Lists of domains that the admins subscribed to: read once a day by the guarded client, turned into drafts.

Nothing of a list ever holds before an admin has approved the draft.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from federation import fetching
from federation.fetch_errors import FetchError
from node import clock
from node.errors import Invalid
from node.models.domain_lists import ListDraft, ListSubscription
from node.services import domain_lists

log = structlog.get_logger()

EVERY: Final = timedelta(hours=24)
ACCEPT: Final = "text/csv, text/plain"


async def check_due() -> None:
    """Read those that were read longest ago, or never; periodic."""
    due = clock.now() - EVERY
    for subscription in await ListSubscription.all().order_by("id"):
        if subscription.checked_at is None or subscription.checked_at <= due:
            await check(subscription)


async def check(subscription: ListSubscription) -> ListDraft | None:
    """Read a list now. Returns the draft of what it would change; `None` for nothing, or when it could not be read."""
    try:
        answer = await fetching.client().get(subscription.url, accept=ACCEPT, max_bytes=domain_lists.MAX_BYTES)
        if answer.status != 200:
            raise Invalid("url", f"was answered with {answer.status}")
        reading = domain_lists.read(answer.body.decode("utf-8", "replace"))
        draft = await domain_lists.draft(
            subscription.kind, reading, source=subscription.url, subscription_id=subscription.id
        )
    except (FetchError, Invalid) as error:
        await _note(subscription, str(getattr(error, "message", error)))
        return None
    await _note(subscription, "")
    return draft


async def _note(subscription: ListSubscription, error: str) -> None:
    if error:
        log.info("domain_list_not_read", subscription=subscription.id, reason=error)
    await ListSubscription.filter(id=subscription.id).update(checked_at=clock.now(), error=error[:500])
