"""Following: asked for, accepted, rejected, ended; the same for people here and elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Final

from tortoise.expressions import Q

from node import db, events, jobs, urls
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import LOCAL, Account
from node.models.graph import Block, DomainBlock, Follow
from node.services import domain_effects, domains, follow_rows, newcomer_rules, notifications

ACCEPT_WAITING: Final = "accept_waiting_followers"
BATCH: Final = 100


async def follow(
    account: Account,
    target: Account,
    *,
    uri: str | None = None,
    show_shares: bool | None = None,
    notify: bool | None = None,
    languages: Sequence[str] | None = None,
) -> Follow:
    """Let `account` follow `target`, or ask to. `uri` is the remote Follow activity; ours gets one of its own.

    Real at once only when `target` is local and not private; a remote target's server decides, and until its Accept
    the follow is a request (`accepted` false). Repeating it returns the follow there is, with the new `uri` and options
    (`None` leaves them; a new follow shows shares, does not notify and brings posts of all languages, as does an empty
    `languages`), and tells a remote follower again.

    Raises `Invalid` for oneself and for what is no language, `NotFound` when the target is suspended, `Forbidden` when
    either blocks the other or the other's domain or the target has moved, `Conflict` when `uri` belongs to another follow.
    """
    await _check(account, target)
    wanted = follow_rows.written_languages(languages) if languages is not None else None
    async with db.transaction():
        known = await Follow.get_or_none(account_id=account.id, target_id=target.id)
        if known is not None:
            await _set_options(known, show_shares, notify, wanted)
            return await _repeat(known, account, uri)
        number = new_id()
        request = Follow(
            id=number,
            account_id=account.id,
            target_id=target.id,
            accepted=target.is_local and not target.is_private and not await _must_be_let_in(account),
            uri=uri or urls.activity(account.uri, "follows", number),
            show_shares=True if show_shares is None else show_shares,
            notify=bool(notify),
            languages=wanted or None,
        )
        if not await follow_rows.insert(request):
            raise Conflict("this follow is another's or was just made", uri=request.uri)
        if account.is_local and not target.is_local:
            await events.record(events.FollowRequested(follow_id=request.id))
        if request.accepted:
            await _tell_accepted(request, account)
        await notifications.notify(
            notifications.FOLLOW if request.accepted else notifications.FOLLOW_REQUEST, target.id, account.id
        )
    return request


async def accept(target: Account, account_id: int) -> Follow:
    """Accept the request of `account_id` to follow the local `target`. Accepting twice changes nothing.

    Raises `NotFound` when there is no request.
    """
    async with db.transaction():
        request = await Follow.get_or_none(account_id=account_id, target_id=target.id).select_related("account")
        if request is None or not target.is_local:
            raise NotFound()
        if await follow_rows.accept(request):
            await _tell_accepted(request, request.account)
            await notifications.forget(notifications.FOLLOW_REQUEST, target.id, account_id)
            await notifications.notify(notifications.FOLLOW, target.id, account_id)
    return request


async def _accept_waiting(payload: dict[str, Any]) -> None:
    """Accept everybody who waits for an account that is not private any more."""
    last = 0
    target = await Account.get_or_none(id=payload["account_id"])
    while target is not None and not target.is_private:
        waiting = (
            await Follow.filter(target_id=target.id, accepted=False, id__gt=last)
            .order_by("id")
            .limit(BATCH)
            .select_related("account")
        )
        if not waiting:
            return
        last = waiting[-1].id
        for request in waiting:
            if not await _must_be_let_in(request.account):
                await _accept_quietly(target, request.account_id)
        target = await Account.get_or_none(id=target.id)


async def _accept_quietly(target: Account, account_id: int) -> None:
    with contextlib.suppress(NotFound):
        await accept(target, account_id)


async def _must_be_let_in(account: Account) -> bool:
    """Whether the admins want somebody's follows accepted by hand, whomever they follow."""
    if account.is_local:
        return False
    rule = await domains.rule_for_account(account.domain, account.uri)
    return (rule is not None and rule.approve_follows) or await newcomer_rules.holds(account.domain)


async def _let_in(payload: dict[str, Any]) -> None:
    """Accept who waits at a public account here only because of a rule about their domain that is over."""
    async for numbers in domain_effects.accounts_of(payload["domain"], BATCH):
        waiting = await Follow.filter(account_id__in=numbers, accepted=False, target__domain=LOCAL).select_related(
            "account", "target"
        )
        for request in waiting:
            if not request.target.is_private and not await _must_be_let_in(request.account):
                await _accept_quietly(request.target, request.account_id)


async def reject(target: Account, account_id: int) -> None:
    """Turn away a request to follow the local `target`, or end an accepted follow. Raises `NotFound`."""
    async with db.transaction():
        request = await Follow.get_or_none(account_id=account_id, target_id=target.id).select_related("account")
        if request is None or not target.is_local:
            raise NotFound()
        await end(request, request.account, target, by=target)


async def remove_follower(account: Account, follower: Account) -> None:
    """Let `follower` no longer follow the local `account`; nothing happens when it does not."""
    async with db.transaction():
        existing = await Follow.get_or_none(account_id=follower.id, target_id=account.id)
        if existing is not None:
            await end(existing, follower, account, by=account)


async def unfollow(account: Account, target: Account) -> None:
    """End a follow, or take a request back, of `account` (local or remote); nothing happens when there is none."""
    async with db.transaction():
        existing = await Follow.get_or_none(account_id=account.id, target_id=target.id)
        if existing is not None:
            await end(existing, account, target, by=account)


async def accepted_by_remote(target: Account, account: Account, uri: str | None = None) -> Follow:
    """The server of the remote `target` accepted the follow of the local `account`. Twice changes nothing.

    The caller has verified that it is `target` who says so. `uri`, the Follow it names, need not be the one we sent:
    some servers make their own. Raises `NotFound` when `account` has not asked, `Forbidden` for a local target.
    """
    if target.is_local or not account.is_local:
        raise Forbidden("only a remote account accepts from afar", uri=uri)
    async with db.transaction():
        request = await Follow.get_or_none(account_id=account.id, target_id=target.id)
        if request is None:
            raise NotFound(uri=uri)
        await follow_rows.accept(request)
    return request


async def rejected_by_remote(target: Account, account: Account, uri: str | None = None) -> None:
    """The server of the remote `target` turned the local `account` away, or removed it from the followers.

    Nothing happens when there is no follow. Raises `Forbidden` for a local target.
    """
    if target.is_local or not account.is_local:
        raise Forbidden("only a remote account rejects from afar", uri=uri)
    async with db.transaction():
        existing = await Follow.get_or_none(account_id=account.id, target_id=target.id)
        if existing is not None:
            await follow_rows.remove(existing)


async def end(existing: Follow, follower: Account, target: Account, *, by: Account) -> None:
    """End a follow in the caller's transaction, and record what the other side's server must be told.

    `by` is the one of the two who ends it; a remote one has no need to be told.
    """
    if not await follow_rows.remove(existing):
        return
    await notifications.forget(notifications.FOLLOW_REQUEST, target.id, follower.id)
    await notifications.forget(notifications.FOLLOW, target.id, follower.id)
    if not by.is_local:
        return
    fact = {"account_id": follower.id, "target_id": target.id, "uri": existing.uri}
    if by.id == follower.id and not target.is_local:
        await events.record(events.Unfollowed(**fact))
    if by.id == target.id and not follower.is_local:
        await events.record(events.FollowRejected(**fact))


async def _check(account: Account, target: Account) -> None:
    if account.id == target.id:
        raise Invalid("account", "can't follow itself")
    if not account.is_local and not target.is_local:
        raise Forbidden("neither account is of this node")
    if target.suspended_at is not None or account.suspended_at is not None:
        raise NotFound()
    if target.moved_to_uri is not None:
        raise Forbidden("the account has moved")
    pair = (account.id, target.id)
    if await Block.filter(account_id__in=pair, target_id__in=pair).exists():
        raise Forbidden()
    pairs = Q(account_id=account.id, domain=target.domain) | Q(account_id=target.id, domain=account.domain)
    if not (account.is_local and target.is_local) and await DomainBlock.filter(pairs).exists():
        raise Forbidden()


async def _repeat(known: Follow, account: Account, uri: str | None) -> Follow:
    if uri is not None and uri != known.uri:
        if await Follow.filter(uri=uri).exists():
            raise Conflict("this uri is another follow's", uri=uri)
        await db.execute("UPDATE follows SET uri = ? WHERE id = ?", (uri, known.id))
        known.uri = uri
    if known.accepted:
        await _tell_accepted(known, account)
    return known


async def _set_options(existing: Follow, show_shares: bool | None, notify: bool | None, languages: str | None) -> None:
    if show_shares is None and notify is None and languages is None:
        return
    existing.show_shares = existing.show_shares if show_shares is None else show_shares
    existing.notify = existing.notify if notify is None else notify
    existing.languages = existing.languages if languages is None else languages or None
    await db.execute(
        "UPDATE follows SET show_shares = ?, notify = ?, languages = ? WHERE id = ?",
        (existing.show_shares, existing.notify, existing.languages, existing.id),
    )


async def _tell_accepted(accepted: Follow, follower: Account) -> None:
    if follower.is_local:
        return
    await events.record(
        events.FollowAccepted(account_id=accepted.account_id, target_id=accepted.target_id, uri=accepted.uri)
    )


jobs.register(ACCEPT_WAITING, _accept_waiting)
jobs.register(domains.LET_IN, _let_in)
