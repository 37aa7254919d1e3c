"""Lists of domains as Mastodon exports and imports them: read, compared with the rules here, written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from node import db
from node.errors import Invalid
from node.models.domain_lists import (
    ADD,
    ALLOWS,
    BLOCKS,
    CHANGE,
    KINDS,
    REJECTED,
    REMOVE,
    WAITING,
    DraftEntry,
    ListDraft,
)
from node.models.moderation import DomainAllow, DomainRule
from node.runtime import runtime
from node.services import domains
from node.services.domains import SEVERITIES, SUSPEND
from node.text import clean

HEADINGS: Final = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
MAX_BYTES: Final = 900_000
MAX_LINES: Final = 20_000
MAX_COMMENT: Final = 2_000
_TRUE: Final = frozenset(("true", "t", "1", "yes"))
_COMPARED: Final = ("severity", "reject_media", "reject_reports", "public_comment", "obfuscate")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list."""

    domain: str
    severity: str = SUSPEND
    reject_media: bool = False
    reject_reports: bool = False
    public_comment: str = ""
    obfuscate: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a list says: an entry a domain, and how many lines name no domain (hidden names, for example)."""

    entries: tuple[Entry, ...]
    unreadable: int


def read(text: str) -> Reading:
    """Read a list: a CSV with Mastodon's headings (with or without `#`), or a domain a line.

    Raises `Invalid` (data) for one that is too long, names no column of domains or no domain at all.
    """
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Invalid("data", f"is too long (maximum is {MAX_BYTES} bytes)", code="ERR_TOO_LONG")
    try:
        lines = [line for line in csv.reader(io.StringIO(text.removeprefix("\ufeff").replace("\0", ""))) if line]
    except csv.Error:
        raise Invalid("data", "is not a CSV file") from None
    if len(lines) > MAX_LINES:
        raise Invalid("data", f"is too long (maximum is {MAX_LINES} lines)", code="ERR_TOO_LONG")
    places = _columns(lines[0]) if lines else {}
    entries: dict[str, Entry] = {}
    unreadable = 0
    for line in lines[1:] if places else lines:
        if line[0].startswith("#"):
            continue
        entry = _entry(line, places or {"domain": 0})
        if entry is None:
            unreadable += 1
        else:
            entries.setdefault(entry.domain, entry)
    if not entries:
        raise Invalid("data", "names no domains")
    return Reading(tuple(entries.values()), unreadable)


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Which column is where; empty when the first line is no heading."""
    names = [name.strip().removeprefix("#").lower() for name in heading]
    return {name: place for place, name in enumerate(names)} if "domain" in names else {}


def _entry(line: Sequence[str], places: dict[str, int]) -> Entry | None:
    def cell(name: str) -> str:
        place = places.get(name)
        return line[place].strip() if place is not None and place < len(line) else ""

    severity = cell("severity").lower() or SUSPEND
    try:
        domain = domains.normalise(cell("domain"))
    except Invalid:
        return None
    if "*" in domain or "." not in domain or severity not in SEVERITIES or runtime().settings.is_own_domain(domain):
        return None
    return Entry(
        domain,
        severity,
        cell("reject_media").lower() in _TRUE,
        cell("reject_reports").lower() in _TRUE,
        clean(cell("public_comment"))[:MAX_COMMENT],
        cell("obfuscate").lower() in _TRUE,
    )


async def written(kind: str) -> list[tuple[str, ...]]:
    """The rules of this node (or its permissions) as lines of a list, the headings first. Raises `Invalid` (kind)."""
    check_kind(kind)
    if kind == ALLOWS:
        return [("#domain",), *((allow.domain,) for allow in await DomainAllow.all().order_by("domain"))]
    return [
        HEADINGS,
        *(
            (
                *(rule.domain, rule.severity, _word(rule.reject_media), _word(rule.reject_reports)),
                *(rule.public_comment, _word(rule.obfuscate)),
            )
            for rule in await DomainRule.all().order_by("domain")
        ),
    ]


def _word(value: bool) -> str:
    return "true" if value else "false"


def check_kind(kind: str) -> None:
    """Raises `Invalid` (kind)."""
    if kind not in KINDS:
        raise Invalid("kind", "is not included in the list", code="ERR_INCLUSION")


async def draft(kind: str, reading: Reading, *, source: str, subscription_id: int | None = None) -> ListDraft | None:
    """What a list would change here, for an admin to decide on; `None` when it would change nothing.

    A domain with a rule that is as strict is left alone. A list that is subscribed to replaces its former draft, may
    also loosen or propose to take back the rules that came from it, and does not ask again what was rejected.
    Raises `Invalid` (kind).
    """
    check_kind(kind)
    differences = (
        await _new_permissions(reading.entries)
        if kind == ALLOWS
        else await _differences(reading.entries, subscription_id)
    )
    async with db.transaction():
        if subscription_id is not None:
            await ListDraft.filter(subscription_id=subscription_id, state=WAITING).delete()
            known = await _rejected(subscription_id)
            differences = [entry for entry in differences if _signature(entry) not in known]
        if not differences:
            return None
        made = await ListDraft.create(
            kind=kind, source=source[:2048], subscription_id=subscription_id, unreadable=reading.unreadable
        )
        for entry in differences:
            entry.draft_id = made.id
        await DraftEntry.bulk_create(differences, batch_size=500)
    return made


async def _new_permissions(entries: Iterable[Entry]) -> list[DraftEntry]:
    known = {allow.domain for allow in await DomainAllow.all()}
    return [DraftEntry(action=ADD, domain=entry.domain) for entry in entries if entry.domain not in known]


async def _differences(entries: Sequence[Entry], subscription_id: int | None) -> list[DraftEntry]:
    rules = {rule.domain: rule for rule in await DomainRule.all()}
    found = [_difference(entry, rules.get(entry.domain), subscription_id) for entry in entries]
    named = {entry.domain for entry in entries}
    gone = [
        DraftEntry(action=REMOVE, domain=rule.domain, **{name: getattr(rule, name) for name in _COMPARED})
        for rule in rules.values()
        if subscription_id is not None and rule.subscription_id == subscription_id and rule.domain not in named
    ]
    return [*(entry for entry in found if entry is not None), *gone]


def _difference(entry: Entry, rule: DomainRule | None, subscription_id: int | None) -> DraftEntry | None:
    wanted = {name: getattr(entry, name) for name in _COMPARED}
    if rule is None:
        return DraftEntry(action=ADD, domain=entry.domain, **wanted)
    is_from_the_list = subscription_id is not None and rule.subscription_id == subscription_id
    if not is_from_the_list:
        severity = max(entry.severity, rule.severity, key=SEVERITIES.index)
        wanted |= {
            "severity": severity,
            "reject_media": entry.reject_media or rule.reject_media,
            "reject_reports": entry.reject_reports or rule.reject_reports,
            "public_comment": rule.public_comment or entry.public_comment,
            "obfuscate": rule.obfuscate,
        }
    effects = ("severity", "reject_media", "reject_reports")
    if all(wanted[name] == getattr(rule, name) for name in effects):
        return None
    return DraftEntry(action=CHANGE, domain=entry.domain, **wanted)


async def _rejected(subscription_id: int) -> set[tuple[object, ...]]:
    entries = await DraftEntry.filter(draft__subscription_id=subscription_id, draft__state=REJECTED)
    return {_signature(entry) for entry in entries}


def _signature(entry: DraftEntry) -> tuple[object, ...]:
    return (
        entry.action,
        entry.domain,
        *(getattr(entry, name) for name in ("severity", "reject_media", "reject_reports")),
    )


__all__ = ["BLOCKS", "Entry", "Reading", "check_kind", "draft", "read", "written"]
