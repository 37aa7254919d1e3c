"""What rules about domains do to the accounts known from there, and how it is undone.

Each account a rule hits carries the rule's moment as that of its suspension or silencing, which tells it from those
that a moderator treated one by one. The nearest rule of a domain counts: its own before its parents'. An account is of
a domain by its handle, and also by the host its id lies on where handles have another domain than the server.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from node import db, jobs
from node.models.fields import to_milliseconds
from node.models.moderation import DomainRule
from node.models.severances import DOMAIN_BLOCK
from node.services import severances

SUSPEND, SILENCE = "suspend", "silence"
SEVER: Final = "sever_domain"
SHOW_ANEW: Final = "show_posts_of_domain_anew"
FORGET_FILES: Final = "forget_files_of_domain"
"""The job that removes what is kept of a domain's files (`services.domain_files`)."""
BATCH: Final = 200
_AT_ONCE: Final = 500
COLUMNS: Final = {SUSPEND: "suspended_at", SILENCE: "silenced_at"}
"""By severity, the column of an account that says since when."""


async def treat(name: str, *, besides: DomainRule | None = None) -> None:
    """Treat the accounts of a domain and its subdomains as the rules now say, in the caller's transaction.

    `besides` is a rule that was there before and is gone, or was another.
    """
    place = await _place(name)
    if place.is_empty:
        return
    rules = await DomainRule.all()
    above = sorted((rule for rule in rules if _is_at_or_above(rule.domain, name)), key=_depth)
    below = sorted((rule for rule in rules if rule.domain != name and is_at_or_below(rule.domain, name)), key=_depth)
    hit = [rule for rule in (*above, *below, besides) if rule is not None]
    await _free(place, hit)
    if above:
        await _mark(place, above[-1])
    for rule in below:
        place = await _place(rule.domain)
        await _free(place, hit)
        await _mark(place, rule)


def _is_at_or_above(domain: str, name: str) -> bool:
    return domain in (name, name.partition(":")[0]) or name.partition(":")[0].endswith(f".{domain}")


def _depth(rule: DomainRule) -> tuple[int, bool]:
    return rule.domain.count("."), ":" in rule.domain


async def _mark(place: _Place, rule: DomainRule) -> None:
    column = COLUMNS.get(rule.severity)
    if column is not None:
        moment = (to_milliseconds(rule.created_at),)
        await _change(place, f"{column} = ?, version = version + 1", moment, f"{column} IS NULL")


async def _free(place: _Place, rules: Sequence[DomainRule]) -> None:
    moments = sorted({to_milliseconds(rule.created_at) for rule in rules})
    for start in range(0, len(moments), _AT_ONCE):
        part = tuple(moments[start : start + _AT_ONCE])
        for column in COLUMNS.values():
            await _change(place, f"{column} = NULL, version = version + 1", (), f"{column} IN ({db.marks(part)})", part)


async def forget_pictures(name: str) -> None:
    """No pictures are taken from a domain any more: those of profiles go at once."""
    await _change(
        await _place(name),
        "avatar_remote_url = NULL, header_remote_url = NULL, version = version + 1",
        (),
        "(avatar_remote_url IS NOT NULL OR header_remote_url IS NOT NULL)",
    )
    await jobs.enqueue(SHOW_ANEW, {"domain": name})
    await jobs.enqueue(FORGET_FILES, {"domain": name})


async def read_anew(name: str) -> None:
    """Pictures are taken from a domain again: its profiles count as not read for long, so that they are fetched anew."""
    await _change(await _place(name), "fetched_at = NULL", (), "fetched_at IS NOT NULL")
    await jobs.enqueue(SHOW_ANEW, {"domain": name})


class _Place(NamedTuple):
    """A domain with its subdomains, and the accounts of it that have handles of another domain."""

    name: str
    others: list[int]
    is_empty: bool


async def _place(name: str) -> _Place:
    others = await _by_host(name)
    known = others or await db.fetch_one(f"SELECT 1 FROM accounts WHERE {UNDER} LIMIT 1", under(name))
    return _Place(name, others, not known)


async def _change(
    place: _Place, assignments: str, new: Sequence[object], where: str, values: Sequence[object] = ()
) -> None:
    """Change those accounts of a domain for which `where` holds."""
    if place.is_empty:
        return
    await db.execute(
        f"UPDATE accounts SET {assignments} WHERE {UNDER} AND {where}", (*new, *under(place.name), *values)
    )
    for start in range(0, len(place.others), _AT_ONCE):
        part = place.others[start : start + _AT_ONCE]
        await db.execute(
            f"UPDATE accounts SET {assignments} WHERE id IN ({db.marks(part)}) AND {where}", (*new, *part, *values)
        )


UNDER: Final = (
    "domain <> '' AND (domain = ? OR domain LIKE ? ESCAPE '~' OR domain LIKE ? ESCAPE '~' OR domain LIKE ? ESCAPE '~')"
)


def under(name: str) -> tuple[str, str, str, str]:
    """The values for `UNDER`: the domain itself and its subdomains, on any port."""
    literal = name.replace("~", "~~").replace("_", "~_").replace("%", "~%")
    return name, f"{literal}:%", f"%.{literal}", f"%.{literal}:%"


async def _by_host(name: str) -> list[int]:
    """Accounts whose handles have another domain, but whose ids lie on a host of this one."""
    literal = under(name)[1].removesuffix(":%")
    rows = await db.fetch_all(
        f"SELECT id, uri FROM accounts WHERE domain <> '' AND NOT ({UNDER}) AND uri LIKE ? ESCAPE '~'",
        (*under(name), f"%{literal}%"),
    )
    return [int(row[0]) for row in rows if is_at_or_below(urlsplit(row[1]).netloc, name)]


def is_at_or_below(host: str, name: str) -> bool:
    """Whether a host is a domain or one of its subdomains, on any port unless the domain names one."""
    plain = host if ":" in name else host.partition(":")[0]
    return plain == name or plain.endswith(f".{name}")


async def accounts_of(name: str, size: int) -> AsyncIterator[list[int]]:
    """The accounts of a domain in the order of their ids, so many at a time."""
    others, last = await _by_host(name), 0
    while True:
        rows = await db.fetch_all(
            f"SELECT id FROM accounts WHERE id > ? AND {UNDER} ORDER BY id LIMIT ?", (last, *under(name), size)
        )
        numbers = sorted({*(int(row[0]) for row in rows), *(other for other in others if other > last)})[:size]
        if not numbers:
            return
        last = numbers[-1]
        yield numbers


async def _sever(payload: dict[str, Any]) -> None:
    """End the follows between here and what is suspended of a domain, which is told so."""
    name: str = payload["domain"]
    severance_id = payload.get("severance_id") or (await severances.begin(DOMAIN_BLOCK, name)).id
    async for numbers in accounts_of(name, BATCH):
        if not await _is_suspended(name):
            break
        suspended = await db.fetch_all(
            f"SELECT id FROM accounts WHERE id IN ({db.marks(numbers)}) AND suspended_at IS NOT NULL", tuple(numbers)
        )
        for row in suspended:
            while await severances.sever_some(severance_id, int(row[0]), BATCH):
                pass
    await severances.finish(severance_id)


async def _is_suspended(name: str) -> bool:
    return await DomainRule.exists(domain=name, severity=SUSPEND)


async def sever(name: str) -> None:
    """Have the follows between here and a domain ended and its files let go, in the transaction of its suspension."""
    severance = await severances.begin(DOMAIN_BLOCK, name)
    await jobs.enqueue(SEVER, {"domain": name, "severance_id": severance.id})
    await jobs.enqueue(FORGET_FILES, {"domain": name})


async def _show_anew(payload: dict[str, Any]) -> None:
    """Whether pictures are taken from a domain is seen in its posts."""
    async for numbers in accounts_of(payload["domain"], BATCH):
        await db.execute(
            f"UPDATE posts SET version = version + 1 WHERE has_media = TRUE AND account_id IN ({db.marks(numbers)})",
            tuple(numbers),
        )


jobs.register(SEVER, _sever)
jobs.register(SHOW_ANEW, _show_anew)
