"""Do the pages a profile leads to lead back? Each is fetched once, after the profile changed, by the guarded client."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import structlog

from activitypub.parse import origin_host
from federation import fetching, policy
from federation.fetch_errors import FetchError
from federation.markup import links
from federation.resolve_errors import ResolveError
from node.events import ProfileLinksChanged
from node.models.accounts import Account
from node.services import profile_links

log = structlog.get_logger()

MAX_BYTES: Final = 1024 * 1024


async def verify(event: ProfileLinksChanged) -> None:
    """Fetch the pages of a profile that are not verified yet, and note which of them lead back."""
    account = await Account.get_or_none(id=event.account_id)
    if account is None or account.suspended_at is not None:
        return
    goals = {goal.lower() for goal in (account.url, account.uri) if goal}
    found = {page for page in profile_links.to_verify(account.fields_) if await _leads_to(page, goals)}
    await profile_links.mark_verified(account.id, found)


async def _leads_to(page: str, goals: set[str]) -> bool:
    try:
        await policy.require_allowed(page)
        answer = await fetching.client().get(page, accept="text/html", max_bytes=MAX_BYTES)
    except (FetchError, ResolveError) as error:
        log.info("profile_link_not_fetched", host=origin_host(page), reason=str(error))
        return False
    if answer.status != 200:
        return False
    return any(address.lower() in goals for address in identity_links(answer.body.decode("utf-8", "replace")))


def identity_links(markup: str) -> Iterator[str]:
    """Where the `rel=me` links of a page lead; takes time linear in its length, whatever it contains."""
    for values in links(markup):
        if "me" in values.get("rel", "").lower().split() and values.get("href"):
            yield values["href"].strip()
