"""With which domains this node exchanges nothing, or shows only to those who follow somebody there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from node import db, jobs
from node.bus import Bus
from node.errors import Invalid, NotFound
from node.models.fields import to_milliseconds
from node.models.moderation import DomainRule
from node.runtime import runtime
from node.services import follow_rows, notifications, timelines
from node.text import clean

SUSPEND: Final = "suspend"
SILENCE: Final = "silence"
CHANNEL: Final = "domain-rules"
SEVER: Final = "sever_domain"
BATCH: Final = 200


def normalise(domain: str) -> str:
    """A domain in the one spelling that is stored and compared: lower case, IDNA, no dot at the end, port kept.

    Raises `Invalid` for what cannot be a domain.
    """
    name, colon, port = domain.strip().lower().rstrip(".").partition(":")
    name = name.rstrip(".")
    if not name.isascii():
        # Imported here: its tables are large and domains outside ASCII are rare.
        import idna

        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except idna.IDNAError:
            raise Invalid("domain", "is not a valid domain") from None
    is_a_name = name and len(name) <= 253 and not any(character in name for character in "/@ \t\n\x00?#")
    if not is_a_name or (colon and not port.isdigit()):
        raise Invalid("domain", "is not a valid domain")
    return name + colon + port


class _Rules:
    """All rules, read once and again after each change in any process. There are thousands at most."""

    def __init__(self) -> None:
        self._bus: Bus | None = None
        self._rules: Mapping[str, DomainRule] | None = None
        self._changes = 0

    async def all(self) -> Mapping[str, DomainRule]:
        bus = runtime().bus
        if self._bus is not bus:
            bus.subscribe(CHANNEL, lambda _: self.forget())
            self._bus = bus
            self.forget()
        while self._rules is None:
            changes = self._changes
            rules = {rule.domain: rule for rule in await DomainRule.all()}
            if changes == self._changes:
                self._rules = rules
        return self._rules

    def forget(self) -> None:
        self._rules = None
        self._changes += 1


_rules = _Rules()


async def rule_for(domain: str) -> DomainRule | None:
    """The rule for a domain (a port is allowed): its own, or that of the nearest parent domain that has one.

    A name that cannot be a domain has no rule.
    """
    rules = await _rules.all()
    if not rules:
        return None
    try:
        name = normalise(domain)
    except Invalid:
        return None
    if name in rules:
        return rules[name]
    labels = name.partition(":")[0].split(".")
    parents = (".".join(labels[start:]) for start in range(len(labels)))
    return next((rules[parent] for parent in parents if parent in rules), None)


async def is_suspended(host: str) -> bool:
    """Whether nothing may come from or go to `host`."""
    rule = await rule_for(host)
    return rule is not None and rule.severity == SUSPEND


async def block(
    domain: str, *, severity: str = SUSPEND, public_comment: str = "", private_comment: str = ""
) -> DomainRule:
    """Lay down a rule for a domain and its subdomains, in place of the one it had.

    Known accounts there are suspended or silenced at once; a suspension also ends, in the background, what holds
    people here and there together: the last that the domain hears of this node. Raises `Invalid` (domain, severity).
    """
    name = normalise(domain)
    if severity not in (SUSPEND, SILENCE):
        raise Invalid("severity", "is not included in the list", code="ERR_INCLUSION")
    if name == runtime().settings.domain:
        raise Invalid("domain", "is this node's own")
    async with db.transaction():
        await _lift(name)
        rule = await DomainRule.create(
            domain=name,
            severity=severity,
            public_comment=clean(public_comment),
            private_comment=clean(private_comment),
        )
        column = "suspended_at" if severity == SUSPEND else "silenced_at"
        await db.execute(
            f"UPDATE accounts SET {column} = ?, version = version + 1 WHERE {_UNDER} AND {column} IS NULL",
            (to_milliseconds(rule.created_at), *_under(name)),
        )
        if severity == SUSPEND:
            await jobs.enqueue(SEVER, {"domain": name})
        db.after_commit(_announce)
    return rule


async def unblock(domain: str) -> None:
    """Take a rule back, and with it the suspensions and silencings it brought. Raises `NotFound`, `Invalid`."""
    async with db.transaction():
        if not await _lift(normalise(domain)):
            raise NotFound()
        db.after_commit(_announce)


async def _lift(name: str) -> bool:
    """Accounts a rule hit carry its moment, which tells them from those that were suspended one by one."""
    rule = await DomainRule.get_or_none(domain=name)
    if rule is None:
        return False
    moment = to_milliseconds(rule.created_at)
    for column in ("suspended_at", "silenced_at"):
        await db.execute(
            f"UPDATE accounts SET {column} = NULL, version = version + 1 WHERE {_UNDER} AND {column} = ?",
            (*_under(name), moment),
        )
    await rule.delete()
    return True


_UNDER: Final = "domain <> '' AND (domain = ? OR domain LIKE ? ESCAPE '~' OR domain LIKE ? ESCAPE '~')"


def _under(name: str) -> tuple[str, str, str]:
    """The values for `_UNDER`: the domain itself, on any port, and its subdomains."""
    literal = name.replace("~", "~~").replace("_", "~_").replace("%", "~%")
    return name, f"{literal}:%", f"%.{literal}"


async def _sever(payload: dict[str, Any]) -> None:
    """End the follows between here and a suspended domain, which is told so, and forget what it told people here."""
    name: str = payload["domain"]
    rule = await DomainRule.get_or_none(domain=name)
    if rule is None or rule.severity != SUSPEND:
        return
    last = 0
    while rows := await db.fetch_all(
        f"SELECT id FROM accounts WHERE id > ? AND {_UNDER} ORDER BY id LIMIT ?", (last, *_under(name), BATCH)
    ):
        for row in rows:
            last = int(row[0])
            await sever_account(last)


async def sever_account(account_id: int) -> None:
    """End every follow from and to a remote account and tell its server, take its posts out of home timelines and its notifications away."""
    while await follow_rows.sever_some(account_id, BATCH):
        pass
    async with db.transaction():
        await timelines.forget_everywhere(account_id)
        await notifications.forget_from(account_id)


def _announce() -> None:
    _rules.forget()
    runtime().bus.publish(CHANNEL, {})


jobs.register(SEVER, _sever)
