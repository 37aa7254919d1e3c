"""Whom a text names."""

from __future__ import annotations

from tortoise.expressions import Q

from node.errors import Invalid
from node.models.accounts import LOCAL, Account
from node.runtime import runtime
from node.services import domains
from node.text import find_mentions


async def known_accounts(text: str) -> dict[str, Account]:
    """The accounts known here that a text names, by the handle in lower case as it stands in the text."""
    handles = {_written(username, domain): (username, _domain(domain)) for username, domain in find_mentions(text)}
    wanted = {place for place in handles.values() if place[1] is not None}
    if not wanted:
        return {}
    named = Q(*(Q(username_key=username, domain=domain) for username, domain in wanted), join_type="OR")
    accounts = await Account.filter(named, suspended_at__isnull=True)
    found = {(account.username_key, account.domain): account for account in accounts}
    return {handle: found[place] for handle, place in handles.items() if place in found}


def _written(username: str, domain: str) -> str:
    return f"{username}@{domain}" if domain else username


def _domain(written: str) -> str | None:
    """The domain as accounts carry it, `LOCAL` for our own; `None` for what is no domain."""
    if not written:
        return LOCAL
    try:
        domain = domains.normalise(written)
    except Invalid:
        return None
    return LOCAL if runtime().settings.is_own_domain(domain) else domain
