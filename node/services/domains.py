"""With which domains this node exchanges nothing, no pictures, or shows only to those who follow somebody there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from node import db, jobs
from node.errors import Conflict, Invalid, NotFound
from node.models.moderation import DomainRule
from node.models.severances import DOMAIN_BLOCK
from node.runtime import runtime
from node.services import domain_effects, severances
from node.services.kept_rules import KeptRules
from node.text import clean

SUSPEND: Final = "suspend"
SILENCE: Final = "silence"
NOOP: Final = "noop"
SEVERITIES: Final = (NOOP, SILENCE, SUSPEND)
"""From mildest to hardest."""
CHANNEL: Final = "domain-rules"
LET_IN: Final = "let_in_from_domain"
"""The job that accepts, at public accounts, who waits because of a rule that is over (`services.follows`)."""


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


async def _load() -> Mapping[str, DomainRule]:
    """All of them; there are thousands at most."""
    return {rule.domain: rule for rule in await DomainRule.all()}


_rules: Final = KeptRules(CHANNEL, _load)


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


async def rule_for_account(domain: str, uri: str) -> DomainRule | None:
    """The rule for an account: that of its handle's domain, else that of the host its id lies on."""
    return await rule_for(domain) or await rule_for(urlsplit(uri).netloc)


async def is_suspended(host: str) -> bool:
    """Whether nothing may come from or go to `host`."""
    rule = await rule_for(host)
    return rule is not None and rule.severity == SUSPEND


async def rejects_media(host: str) -> bool:
    """Whether no pictures are taken from `host`."""
    rule = await rule_for(host)
    return rule is not None and (rule.reject_media or rule.severity == SUSPEND)


async def rejects_reports(host: str) -> bool:
    """Whether reports that come from `host` are dropped."""
    rule = await rule_for(host)
    return rule is not None and (rule.reject_reports or rule.severity == SUSPEND)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a domain. `None`: what held before, or else `silence`, nothing and no words."""

    severity: str | None = None
    reject_media: bool | None = None
    reject_reports: bool | None = None
    approve_follows: bool | None = None
    private_comment: str | None = None
    public_comment: str | None = None
    obfuscate: bool | None = None


class Stricter(Conflict):
    """There is a rule already that is as strict."""

    def __init__(self, rule: DomainRule) -> None:
        super().__init__(f"You have already imposed stricter limits on {rule.domain}.")
        self.rule = rule


async def block(
    domain: str,
    *,
    severity: str = SUSPEND,
    public_comment: str = "",
    private_comment: str = "",
    reject_media: bool = False,
    reject_reports: bool = False,
    approve_follows: bool = False,
    obfuscate: bool = False,
) -> DomainRule:
    """Lay down a rule for a domain and its subdomains, in place of the one it had.

    Known accounts there are suspended or silenced at once; a suspension also ends, in the background, what holds
    people here and there together: the last that the domain hears of this node. Raises `Invalid` (domain, severity).
    """
    terms = Terms(
        severity=severity,
        reject_media=reject_media,
        reject_reports=reject_reports,
        approve_follows=approve_follows,
        private_comment=private_comment,
        public_comment=public_comment,
        obfuscate=obfuscate,
    )
    return await lay_down(domain, terms)


async def lay_down(domain: str, terms: Terms) -> DomainRule:
    """`block` on these terms. Raises `Invalid` (domain, severity)."""
    name = _checked(domain)
    async with db.transaction():
        known = await DomainRule.get_or_none(domain=name)
        return await _lay_down(known or DomainRule(domain=name), terms)


async def impose(domain: str, terms: Terms) -> DomainRule:
    """`block`, unless the domain has a rule, or one of its parents one that is as strict (`Stricter`)."""
    name = _checked(domain)
    async with db.transaction():
        known = await rule_for(name)
        wanted = _with(DomainRule(domain=name, severity=SILENCE), terms)
        if known is not None and (known.domain == name or not _is_stricter(wanted, known)):
            raise Stricter(known)
        return await _lay_down(wanted, terms)


async def change(rule: DomainRule, terms: Terms) -> DomainRule:
    """Change what a rule says; its accounts are treated accordingly. Raises `Invalid` (severity)."""
    async with db.transaction():
        return await _lay_down(rule, terms)


async def one(rule_id: int) -> DomainRule:
    """The rule of that number. Raises `NotFound`."""
    rule = await DomainRule.get_or_none(id=rule_id)
    if rule is None:
        raise NotFound()
    return rule


def _checked(domain: str) -> str:
    if not domain.strip():
        raise Invalid("domain", "can't be blank", code="ERR_BLANK")
    name = normalise(domain)
    if runtime().settings.is_own_domain(name):
        raise Invalid("domain", "is this node's own")
    return name


def _with(rule: DomainRule, terms: Terms) -> DomainRule:
    """The rule as `terms` change it, not written yet. Raises `Invalid` (severity)."""
    if terms.severity is not None and terms.severity not in SEVERITIES:
        raise Invalid("severity", "is not included in the list", code="ERR_INCLUSION")
    for name in ("severity", "reject_media", "reject_reports", "approve_follows", "obfuscate"):
        value = getattr(terms, name)
        setattr(rule, name, getattr(rule, name) if value is None else value)
    for name in ("public_comment", "private_comment"):
        text = getattr(terms, name)
        setattr(rule, name, getattr(rule, name) if text is None else clean(text))
    return rule


def _is_stricter(wanted: DomainRule, known: DomainRule) -> bool:
    if wanted.severity == SUSPEND:
        return True
    if SEVERITIES.index(wanted.severity) < SEVERITIES.index(known.severity):
        return False
    flags = ("reject_media", "reject_reports", "approve_follows")
    return all(getattr(wanted, flag) or not getattr(known, flag) for flag in flags)


async def _lay_down(rule: DomainRule, terms: Terms) -> DomainRule:
    """Write a rule as `terms` have it and treat the accounts it hits."""
    before = await DomainRule.get_or_none(id=rule.id)
    await _with(rule, terms).save()
    await domain_effects.treat(rule.domain)
    if rule.reject_media and not (before is not None and before.reject_media):
        await domain_effects.forget_pictures(rule.domain)
    if before is not None and before.reject_media and not rule.reject_media:
        await domain_effects.read_anew(rule.domain)
    if before is not None and before.approve_follows and not rule.approve_follows:
        await jobs.enqueue(LET_IN, {"domain": rule.domain})
    if rule.severity == SUSPEND and not (before is not None and before.severity == SUSPEND):
        await domain_effects.sever(rule.domain)
    if before is not None and before.severity == SUSPEND and rule.severity != SUSPEND:
        await severances.lift(DOMAIN_BLOCK, rule.domain)
    _rules.announce_change()
    return rule


async def unblock(domain: str) -> None:
    """Take a rule back with all that it brought, save the follows it ended: who lost some is told that it is over.

    Raises `NotFound`, `Invalid`.
    """
    async with db.transaction():
        if not await _lift(normalise(domain)):
            raise NotFound()
        _rules.announce_change()


async def _lift(name: str) -> bool:
    rule = await DomainRule.get_or_none(domain=name)
    if rule is None:
        return False
    await rule.delete()
    await domain_effects.treat(name, besides=rule)
    if rule.reject_media:
        await domain_effects.read_anew(name)
    if rule.approve_follows:
        await jobs.enqueue(LET_IN, {"domain": name})
    if rule.severity == SUSPEND:
        await severances.lift(DOMAIN_BLOCK, name)
    return True
