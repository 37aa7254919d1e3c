"""What moderators do about accounts: warn, cover, limit, shut out, suspend; and take it back.

Everything can be taken back until the data of a suspended account are removed. Who does it is given as a user; that
they may do such things at all is for the caller to know, over whom is checked here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from node import clock, db, events, jobs, mail
from node.errors import Forbidden, Invalid, NotFound
from node.models.accounts import Account, User
from node.models.fields import to_milliseconds
from node.models.moderation import AccountWarning
from node.models.reports import Report
from node.models.severances import ACCOUNT_SUSPENSION
from node.services import (
    account_removal,
    accounts,
    approvals,
    audit,
    domain_effects,
    domains,
    email_blocks,
    hidden_files,
    letters,
    members,
    notifications,
    reports,
    severances,
)
from node.services.access import announce_change
from node.services.roles import check_rank
from node.text import clean

NONE, DISABLE, SENSITIVE, SILENCE, SUSPEND = "none", "disable", "sensitive", "silence", "suspend"
MAX_TEXT: Final = 10_000
COVER: Final = "show_posts_of_account_anew"
PART: Final = "end_follows_of_suspended_account"
BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class Measure:
    """What is done about an account. `tells`: its owner is told, here and by letter."""

    kind: str
    text: str = ""
    report_id: int | None = None
    preset_id: int | None = None
    tells: bool = True


async def take(moderator: User, account_id: int, measure: Measure) -> None:
    """Do something about an account, close the reports of it, and tell its owner.

    A mere warning closes the report it names, anything else every open one. Raises `NotFound` for an account, report
    or preset that is not there, `Invalid` (type, text), `Forbidden` for somebody who does not stand below the moderator
    and for what cannot be done to an account elsewhere.
    """
    account = await accounts.get(account_id)
    text = _checked(measure)
    report = await reports.one(measure.report_id) if measure.report_id is not None else None
    if measure.preset_id is not None:
        raise NotFound()
    user = await _user_of(account)
    check_rank(moderator, user)
    if user is None and (account.is_local or measure.kind == DISABLE):
        raise Forbidden()
    action = "warn" if measure.kind == NONE else measure.kind
    async with audit.decision(moderator.account_id, action, "Account", account.id, account.acct):
        await _MEASURES[measure.kind](account, user)
        warning = await AccountWarning.create(
            target_id=account.id,
            moderator_id=moderator.account_id,
            action=measure.kind,
            text=text,
            report_id=report.id if report is not None else None,
            post_ids=report.post_ids if report is not None else [],
        )
        await _close_reports(moderator, account, measure.kind, report)
        if measure.tells and user is not None:
            await notifications.notify(notifications.WARNING, account.id, account.id, subject_id=warning.id)
            if user.email:
                await mail.post(letters.warning(user, account.username, measure.kind, text))


def _checked(measure: Measure) -> str:
    """The text of the warning. Raises `Invalid`."""
    if not measure.kind:
        raise Invalid(
            "type",
            "can't be blank",
            code="ERR_BLANK",
            sentence="Validation failed: Type can't be blank, Type is not included in the list",
        )
    if measure.kind not in _MEASURES:
        raise Invalid("type", "is not included in the list", code="ERR_INCLUSION")
    text = clean(measure.text)
    if len(text) > MAX_TEXT:
        raise Invalid("text", f"is too long (maximum is {MAX_TEXT} characters)", code="ERR_TOO_LONG")
    return text


async def _close_reports(moderator: User, account: Account, kind: str, named: Report | None) -> None:
    me = moderator.account
    if kind != NONE:
        await reports.resolve_all_of(account.id, me)
    elif named is not None:
        await reports.resolve(named.id, me)


async def _user_of(account: Account) -> User | None:
    return await User.get_or_none(account_id=account.id).select_related("account") if account.is_local else None


async def _warn(account: Account, user: User | None) -> None:
    """Nothing but what is told."""


async def _disable(account: Account, user: User | None) -> None:
    if user is not None:
        await members.disable(user)


async def _cover(account: Account, user: User | None) -> None:
    await _mark(account, "sensitized_at")
    await jobs.enqueue(COVER, {"account_id": account.id})


async def _limit(account: Account, user: User | None) -> None:
    await _mark(account, "silenced_at")


async def _suspend(account: Account, user: User | None) -> None:
    await _mark(account, "suspended_at")
    await Account.filter(id=account.id).update(suspended_by_origin=False)
    if user is None:
        severance = await severances.begin(ACCOUNT_SUSPENSION, account.acct)
        await jobs.enqueue(PART, {"account_id": account.id, "severance_id": severance.id})
        return
    if user.email:
        await email_blocks.block_with_account(user.email, account.id)
    announce_change(user.id)
    await hidden_files.arrange_soon(account.id)
    await events.record(events.AccountUpdated(account_id=account.id))


_MEASURES: Final[dict[str, Callable[[Account, User | None], Awaitable[None]]]] = {
    NONE: _warn,
    DISABLE: _disable,
    SENSITIVE: _cover,
    SILENCE: _limit,
    SUSPEND: _suspend,
}


async def _mark(account: Account, column: str, *, ended: bool = False) -> None:
    """Note since when; when it is ended, a rule about the account's whole domain may still hold."""
    moment = await _moment_of_rule(account, column) if ended else to_milliseconds(clock.now())
    await db.execute(f"UPDATE accounts SET {column} = ?, version = version + 1 WHERE id = ?", (moment, account.id))


async def _moment_of_rule(account: Account, column: str) -> int | None:
    rule = None if account.is_local else await domains.rule_for_account(account.domain, account.uri)
    if rule is None or domain_effects.COLUMNS.get(rule.severity) != column:
        return None
    return to_milliseconds(rule.created_at)


async def approve(moderator: User, account_id: int) -> None:
    """Let somebody in who waits for it. Raises `NotFound`, and `Forbidden` for anybody else."""
    account, user = await _waiting(account_id)
    async with audit.decision(moderator.account_id, "approve", "User", account.id, account.acct):
        await approvals.approve(moderator, user.id)


async def reject(moderator: User, account_id: int) -> None:
    """Turn somebody away who waits to be let in: the account is gone. Raises `NotFound`, `Forbidden`."""
    account, user = await _waiting(account_id)
    async with audit.decision(moderator.account_id, "reject", "User", account.id, account.acct):
        await approvals.reject(moderator, user.id)


async def _waiting(account_id: int) -> tuple[Account, User]:
    account = await accounts.get(account_id)
    user = await _user_of(account)
    if user is None or user.approved_at is not None:
        raise Forbidden()
    return account, user


async def enable(moderator: User, account_id: int) -> None:
    """Let somebody in again who was shut out. Raises `NotFound`, `Forbidden` for accounts elsewhere."""
    account = await accounts.get(account_id)
    user = await _user_of(account)
    if user is None:
        raise Forbidden()
    async with audit.decision(moderator.account_id, "enable", "User", account.id, account.acct):
        await members.enable(user)


async def unsilence(moderator: User, account_id: int) -> None:
    """Show an account to everybody again. Raises `NotFound`."""
    account = await accounts.get(account_id)
    async with audit.decision(moderator.account_id, "unsilence", "Account", account.id, account.acct):
        await _mark(account, "silenced_at", ended=True)


async def uncover(moderator: User, account_id: int) -> None:
    """Take an account's own word again for what of its posts is sensitive. Raises `NotFound`."""
    account = await accounts.get(account_id)
    async with audit.decision(moderator.account_id, "unsensitive", "Account", account.id, account.acct):
        await _mark(account, "sensitized_at", ended=True)
        await jobs.enqueue(COVER, {"account_id": account.id})


async def unsuspend(moderator: User, account_id: int) -> None:
    """Take a suspension back. Raises `NotFound`, `Forbidden` for an account not suspended, or not by this node."""
    account = await accounts.get(account_id)
    if account.suspended_at is None or account.suspended_by_origin:
        raise Forbidden()
    async with audit.decision(moderator.account_id, "unsuspend", "Account", account.id, account.acct):
        await _mark(account, "suspended_at", ended=True)
        await email_blocks.unblock_with_account(account.id)
        await severances.lift(ACCOUNT_SUSPENSION, account.acct)
        user = await _user_of(account)
        if user is not None:
            announce_change(user.id)
            await hidden_files.arrange_soon(account.id)
            await events.record(events.AccountUpdated(account_id=account.id))


async def remove_data(moderator: User, account_id: int) -> None:
    """Delete, for good, what a suspended account made. Raises `NotFound`, `Forbidden` for an account not suspended."""
    account = await accounts.get(account_id)
    if account.suspended_at is None or (account.is_local and account.suspended_by_origin):
        raise Forbidden()
    async with audit.decision(moderator.account_id, "destroy", "Account", account.id, account.acct):
        if not account.is_local:
            await jobs.enqueue(account_removal.PURGE, {"account_id": account.id})
            return
        user = await _user_of(account)
        await accounts.delete_local(account)
        if user is not None:
            announce_change(user.id)


async def _show_posts_anew(payload: dict[str, Any]) -> None:
    """What the posts of an account look like has changed with the account."""
    last = 0
    while True:
        async with db.transaction():
            rows = await db.fetch_all(
                "SELECT id FROM posts WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?",
                (payload["account_id"], last, BATCH),
            )
            numbers = [int(row[0]) for row in rows]
            if numbers:
                await db.execute(
                    f"UPDATE posts SET version = version + 1 WHERE id IN ({db.marks(numbers)})", tuple(numbers)
                )
        if len(numbers) < BATCH:
            return
        last = numbers[-1]


async def _part(payload: dict[str, Any]) -> None:
    """A suspended account elsewhere still reads there what people here send to its server: its follows end."""
    account = await Account.get_or_none(id=payload["account_id"])
    if account is None or account.suspended_at is None:
        return
    severance_id = payload.get("severance_id") or (await severances.begin(ACCOUNT_SUSPENSION, account.acct)).id
    while await severances.sever_some(severance_id, account.id, BATCH, only_followers=True):
        pass
    await severances.finish(severance_id)


jobs.register(COVER, _show_posts_anew)
jobs.register(PART, _part)
