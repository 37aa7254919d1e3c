"""Which follows between here and elsewhere a suspension would end: asked before it is decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from node import db

MOST_DOMAINS: Final = 5_000
_FROM_THERE: Final = "follows f JOIN accounts r ON r.id = f.account_id JOIN accounts l ON l.id = f.target_id"
_FROM_HERE: Final = "follows f JOIN accounts r ON r.id = f.target_id JOIN accounts l ON l.id = f.account_id"
_REAL: Final = "f.accepted = TRUE AND r.domain <> '' AND l.domain = ''"


class Loss(NamedTuple):
    """Of one domain of other servers: accounts known, those who follow somebody here, those followed from here."""

    accounts: int
    followers: int
    following: int

    def __add__(self, other: object) -> Loss:
        assert isinstance(other, Loss)
        return Loss(*(one + two for one, two in zip(self, other, strict=True)))


class LostFollow(NamedTuple):
    """A follow that would end: `id` of its row, who here and who there; `is_follower`: it is the one there who follows."""

    id: int
    username: str
    other: str
    is_follower: bool


async def of_domains(names: Iterable[str]) -> dict[str, Loss]:
    """By domain, what its suspension (and its subdomains') would end; three statements. The nearest name gets the count."""
    wanted = set(names)
    found = dict.fromkeys(wanted, Loss(0, 0, 0))
    for domain, loss in (await _known()).items():
        name = nearest(domain, wanted)
        if name is not None:
            found[name] = found[name] + loss
    return found


async def _known() -> dict[str, Loss]:
    counts: dict[str, list[int]] = {}
    for place, sql in enumerate(
        (
            "SELECT domain, COUNT(*) FROM accounts WHERE domain <> '' AND suspended_at IS NULL GROUP BY domain",
            f"SELECT r.domain, COUNT(*) FROM {_FROM_THERE} WHERE {_REAL} GROUP BY r.domain",
            f"SELECT r.domain, COUNT(*) FROM {_FROM_HERE} WHERE {_REAL} GROUP BY r.domain",
        )
    ):
        for row in await db.fetch_all(sql):
            counts.setdefault(str(row[0]), [0, 0, 0])[place] = int(row[1])
    return {domain: Loss(*numbers) for domain, numbers in counts.items()}


def nearest(domain: str, wanted: set[str]) -> str | None:
    """Of the wanted names the one that covers `domain`: itself, or the nearest above."""
    if domain in wanted:
        return domain
    labels = domain.partition(":")[0].split(".")
    above = (".".join(labels[start:]) for start in range(len(labels)))
    return next((name for name in above if name in wanted), None)


async def page_of_follows(names: Iterable[str], *, after: int, limit: int) -> list[LostFollow]:
    """The follows the suspension of these domains would end, by id, those above `after`."""
    wanted = set(names)
    known: Mapping[str, Loss] = await _known()
    hit = [name for name, loss in known.items() if (loss.followers or loss.following) and nearest(name, wanted)]
    hit = sorted(hit)[:MOST_DOMAINS]
    if not hit:
        return []
    found = []
    for source, is_follower in ((_FROM_THERE, True), (_FROM_HERE, False)):
        rows = await db.fetch_all(
            f"SELECT f.id, l.username, r.username, r.domain FROM {source} WHERE {_REAL} AND f.id > ?"
            f" AND r.domain IN ({db.marks(hit)}) ORDER BY f.id LIMIT ?",
            (after, *hit, limit),
        )
        found += [LostFollow(int(row[0]), str(row[1]), f"{row[2]}@{row[3]}", is_follower) for row in rows]
    return sorted(found)[:limit]
