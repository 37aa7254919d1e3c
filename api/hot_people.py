"""Notifications, and how one stands to others, answered before the framework."""

from __future__ import annotations

from api.entities import relationship
from api.entities.encoding import encode
from api.hot import Answer, Scope, answer_ready
from api.hot_calls import call_of, number
from api.pagination import NOTIFICATIONS, links
from api.params import InvalidParameter
from api.v1.accounts import MAX_RELATIONSHIPS
from api.v1.notifications import ListParameters, shown_page
from api.v2.notifications import GroupParameters, shown_groups


def connect() -> None:
    """Have these answered from now on."""
    answer_ready("/api/v1/notifications", _notifications)
    answer_ready("/api/v2/notifications", _groups)
    answer_ready("/api/v1/accounts/relationships", _relationships)


async def _notifications(scope: Scope) -> Answer | None:
    call = call_of(scope, "read:notifications", in_person=True)
    if call is None or call.viewer_id is None:
        return None
    try:
        page = call.page(NOTIFICATIONS)
        wanted = call.parameters(ListParameters)
    except InvalidParameter:
        return None
    shown, cursors = await shown_page(call.viewer_id, page, wanted)
    return await call.answer_page(shown, cursors, page)


async def _groups(scope: Scope) -> Answer | None:
    call = call_of(scope, "read:notifications", in_person=True)
    if call is None or call.viewer_id is None:
        return None
    try:
        page = call.page(NOTIFICATIONS)
        body, cursors = await shown_groups(call.viewer_id, page, call.parameters(GroupParameters))
    except InvalidParameter:
        return None
    return await call.answer(body, links(call.path, call.query, cursors, page))


async def _relationships(scope: Scope) -> Answer | None:
    """Of a request that names nothing but ids."""
    call = call_of(scope, "read:follows", in_person=True)
    if call is None or call.viewer_id is None or len(call.query) > MAX_RELATIONSHIPS:
        return None
    ids = [number(value) if name == "id[]" else None for name, value in call.query]
    wanted = [account_id for account_id in ids if account_id is not None]
    if len(wanted) < len(ids):
        return None
    return await call.answer(encode(await relationship.with_accounts(call.viewer_id, wanted, with_suspended=False)))
