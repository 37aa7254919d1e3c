"""Drafts made from lists of domains: approved or rejected by an admin, whole or domain by domain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from node import clock, jobs
from node.errors import Conflict, Invalid, NotFound
from node.models.domain_lists import (
    ALLOWS,
    APPLIED,
    APPLYING,
    REJECTED,
    REMOVE,
    WAITING,
    DraftEntry,
    ListDraft,
    ListSubscription,
)
from node.models.moderation import DomainAllow, DomainRule
from node.services import audit, domain_allows, domain_lists, domains
from node.services.domains import SUSPEND, Terms

APPLY: Final = "apply_list_draft"
MAX_SUBSCRIPTIONS: Final = 100
_KINDS: Final = {ALLOWS: "DomainAllow"}


async def one(draft_id: int) -> ListDraft:
    """A draft. Raises `NotFound`."""
    draft = await ListDraft.get_or_none(id=draft_id)
    if draft is None:
        raise NotFound()
    return draft


async def entries(draft_id: int, *, after: int = 0, limit: int = domain_lists.MAX_LINES) -> list[DraftEntry]:
    """Its domains, in the order of the list."""
    return await DraftEntry.filter(draft_id=draft_id, id__gt=after).order_by("id").limit(limit)


async def suspending(draft_id: int) -> list[str]:
    """The domains whose follows its approval would end."""
    found = await DraftEntry.filter(draft_id=draft_id, severity=SUSPEND).exclude(action=REMOVE)
    return [entry.domain for entry in found]


async def approve(moderator_id: int, draft_id: int, entry_ids: Sequence[int] | None = None) -> ListDraft:
    """Have a draft applied in the background, or only some of its domains; the others are dropped.

    Raises `NotFound` (also for an entry of another draft), `Conflict` when it was decided on before.
    """
    async with audit.decision(moderator_id, "approve", "DomainListDraft", draft_id) as made:
        draft = await _decide(draft_id, APPLYING)
        made.label = draft.source
        if entry_ids is not None:
            wanted = set(entry_ids)
            if await DraftEntry.filter(draft_id=draft_id, id__in=list(wanted)).count() != len(wanted):
                raise NotFound()
            await DraftEntry.filter(draft_id=draft_id).exclude(id__in=list(wanted)).delete()
        await jobs.enqueue(APPLY, {"draft_id": draft.id, "moderator_id": moderator_id})
    return draft


async def reject(moderator_id: int, draft_id: int) -> ListDraft:
    """Let nothing of a draft hold; a list that is subscribed to does not propose the same again.

    Raises `NotFound`, `Conflict` when it was decided on before.
    """
    async with audit.decision(moderator_id, "reject", "DomainListDraft", draft_id) as made:
        draft = await _decide(draft_id, REJECTED)
        made.label = draft.source
        draft.decided_at = clock.now()
        await draft.save()
    return draft


async def _decide(draft_id: int, state: str) -> ListDraft:
    draft = await one(draft_id)
    changed = await ListDraft.filter(id=draft_id, state=WAITING).update(state=state)
    if not changed:
        raise Conflict("This draft has been decided on already.")
    draft.state = state
    return draft


async def _apply(payload: dict[str, Any]) -> None:
    """Do it domain by domain, each with its entry in the log; done again it goes on where it was."""
    draft = await ListDraft.get_or_none(id=payload["draft_id"])
    if draft is None or draft.state != APPLYING:
        return
    last = 0
    while found := await entries(draft.id, after=last, limit=100):
        for entry in found:
            last = entry.id
            await _apply_entry(draft, entry, payload["moderator_id"])
    await ListDraft.filter(id=draft.id).update(state=APPLIED, decided_at=clock.now())


async def _apply_entry(draft: ListDraft, entry: DraftEntry, moderator_id: int) -> None:
    if draft.kind == ALLOWS:
        if not await DomainAllow.exists(domain=entry.domain):
            async with audit.decision(moderator_id, "create", "DomainAllow", None, entry.domain):
                await domain_allows.add(entry.domain)
        return
    rule = await DomainRule.get_or_none(domain=entry.domain)
    if entry.action == REMOVE:
        if rule is not None and rule.subscription_id == draft.subscription_id:
            async with audit.decision(moderator_id, "destroy", "DomainBlock", rule.id, rule.domain):
                await domains.unblock(rule.domain)
        return
    if rule is not None and _says_so_already(rule, entry):
        return
    action = "create" if rule is None else "update"
    async with audit.decision(moderator_id, action, "DomainBlock", None, entry.domain) as made:
        written = await _write(rule, entry)
        if rule is None and draft.subscription_id is not None:
            await DomainRule.filter(id=written.id).update(subscription_id=draft.subscription_id)
        made.target_id = written.id


async def _write(rule: DomainRule | None, entry: DraftEntry) -> DomainRule:
    terms = Terms(
        severity=entry.severity,
        reject_media=entry.reject_media,
        reject_reports=entry.reject_reports,
        public_comment=entry.public_comment,
        obfuscate=entry.obfuscate,
    )
    if rule is not None:
        return await domains.change(rule, terms)
    return await domains.lay_down(entry.domain, terms)


def _says_so_already(rule: DomainRule, entry: DraftEntry) -> bool:
    names = ("severity", "reject_media", "reject_reports", "public_comment", "obfuscate")
    return all(getattr(rule, name) == getattr(entry, name) for name in names)


async def subscription(subscription_id: int) -> ListSubscription:
    """A list that is read once a day. Raises `NotFound`."""
    found = await ListSubscription.get_or_none(id=subscription_id)
    if found is None:
        raise NotFound()
    return found


async def subscribe(moderator_id: int, url: str, kind: str) -> ListSubscription:
    """Read a list once a day from now on. Raises `Invalid` (url, kind)."""
    domain_lists.check_kind(kind)
    if not url.startswith(("https://", "http://")) or len(url) > 2048 or any(sign.isspace() for sign in url):
        raise Invalid("url", "is not a valid URL")
    if await ListSubscription.exists(url=url):
        raise Invalid("url", "has already been taken", code="ERR_TAKEN")
    if await ListSubscription.all().count() >= MAX_SUBSCRIPTIONS:
        raise Invalid("url", f"can't be more than {MAX_SUBSCRIPTIONS}", code="ERR_TOO_MANY")
    async with audit.decision(moderator_id, "create") as made:
        found = await ListSubscription.create(url=url, kind=kind)
        made.about("DomainListSubscription", found.id, url)
    return found


async def unsubscribe(moderator_id: int, subscription_id: int) -> None:
    """Read a list no longer; its drafts go, what came from it and was approved stays. Raises `NotFound`."""
    found = await subscription(subscription_id)
    async with audit.decision(moderator_id, "destroy", "DomainListSubscription", found.id, found.url):
        await DomainRule.filter(subscription_id=found.id).update(subscription_id=None)
        await found.delete()


async def import_list(moderator_id: int, kind: str, text: str, *, source: str) -> ListDraft | None:
    """A draft of a list somebody has at hand; `None` when it would change nothing. Raises `Invalid` (kind, data)."""
    reading = await asyncio.to_thread(domain_lists.read, text)
    draft = await domain_lists.draft(kind, reading, source=source)
    if draft is not None:
        async with audit.decision(moderator_id, "create", "DomainListDraft", draft.id, source):
            pass
    return draft


jobs.register(APPLY, _apply)
