"""What lies in the storage, held against what the rows name: how much of what, what is missing, damaged, or nobody's.

Both lists go into a database of their own in a scratch folder, so that they may be longer than memory. The storage is read
first: what is stored is named soon after, so a file that no row names by then, and that is older than `SETTLED`, is one
that no row will name.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from media.storage import FileMissing, Storage, StoreUnavailable
from node import clock
from node.models.fields import to_milliseconds
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services import named_files
from node.services.at_once import Tell, do_at_once
from node.services.named_files import Named

SETTLED: Final = timedelta(days=1)
NOBODYS: Final = "orphans"
MISSING, DAMAGED = "missing", "damaged"
MOST_FAULTS: Final = 1000
_SHELF: Final = "private/"
_BATCH: Final = 500
_TABLES: Final = """
CREATE TABLE stored (name TEXT PRIMARY KEY, place TEXT, size INTEGER, written_at INTEGER) WITHOUT ROWID;
CREATE TABLE named (name TEXT PRIMARY KEY, key TEXT, in_table TEXT, row_id INTEGER, kind TEXT, owner TEXT,
    size INTEGER, sha256 TEXT) WITHOUT ROWID;
"""
_NAMED: Final = "SELECT n.key, n.in_table, n.row_id, n.kind, n.owner, n.size, n.sha256 FROM named n"


@dataclass(frozen=True, slots=True)
class Use:
    """How much there is under a name."""

    name: str
    files: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that is not as its row has it: `MISSING` or `DAMAGED`."""

    what: str
    named: Named


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many files are named, how many of those were read and compared with their checksums, up to `MOST_FAULTS`
    faults of each sort, and what belongs to nobody."""

    named: int
    compared: int
    faults: list[Fault]
    nobodys: Use


class Stock:
    """Both lists; made by `taken`."""

    def __init__(self, connection: sqlite3.Connection, storage: Storage) -> None:
        self._connection = connection
        self._storage = storage

    def by_kind(self) -> list[Use]:
        """What lies here, by what it is."""
        return self._uses(
            f"SELECT COALESCE(n.kind, '{NOBODYS}'), COUNT(*), SUM(s.size) FROM stored s LEFT JOIN named n USING (name)"
            " GROUP BY 1 ORDER BY 3 DESC, 1"
        )

    def by_shelf(self) -> list[Use]:
        """What lies here, by whether it has an address for everybody."""
        return self._uses(
            f"SELECT CASE WHEN place LIKE '{_SHELF}%' THEN 'private' ELSE 'open' END, COUNT(*), SUM(size) FROM stored"
            " GROUP BY 1 ORDER BY 1"
        )

    def by_account(self, limit: int) -> list[Use]:
        """The accounts of which most lies here."""
        return self._uses(
            "SELECT n.owner, COUNT(*), SUM(s.size) FROM stored s JOIN named n USING (name) WHERE n.owner <> ''"
            " GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT ?",
            limit,
        )

    def nobodys(self) -> Use:
        """What has long been stored and no row names."""
        (found,) = self._uses(f"SELECT '{NOBODYS}', COUNT(*), COALESCE(SUM(size), 0) {_nobodys()}")
        return found

    async def verify(self, tell: Tell, *, reads: bool) -> Verdict:
        """Hold every named file against what lies here; with `reads`, also against its checksum."""
        missing = self._named("WHERE NOT EXISTS (SELECT 1 FROM stored s WHERE s.name = n.name)")
        faults = [Fault(MISSING, named) for named in missing]
        faults += [Fault(DAMAGED, named) for named in self._named("JOIN stored s USING (name) WHERE n.size <> s.size")]
        compared = 0
        if reads:
            readable = "JOIN stored s USING (name) WHERE n.sha256 <> '' AND (n.size IS NULL OR n.size = s.size)"
            compared = self._count(f"SELECT COUNT(*) FROM named n {readable}")
            done = 0
            async for named, is_right in do_at_once(self._named(readable, -1), self._is_as_named):
                done += 1
                tell(done, compared)
                if not is_right and len(faults) < 3 * MOST_FAULTS:
                    faults.append(Fault(DAMAGED, named))
        stands = [fault for fault in faults if await self._stands(fault)]
        return Verdict(self._count("SELECT COUNT(*) FROM named"), compared, stands, self.nobodys())

    async def _is_as_named(self, named: Named) -> bool:
        digest = hashlib.sha256()
        try:
            async for chunk in self._storage.stream(await self._storage.place_of(named.key)):
                await asyncio.to_thread(digest.update, chunk)
        except FileMissing:
            return True  # It was deleted since it was listed.
        except StoreUnavailable:
            raise
        except OSError:
            return False
        return digest.hexdigest() == named.sha256

    async def _stands(self, fault: Fault) -> bool:
        """Whether it is so after all: while this was looked at, posts were made, hidden and deleted."""
        place = await self._storage.place_of(fault.named.key)
        if fault.what == MISSING and await self._storage.exists(place):
            return False
        return await named_files.is_still_named(fault.named)

    async def prune(self, tell: Tell) -> Use:
        """Remove what belongs to nobody. Returns how much went."""
        found = self.nobodys()
        places = (str(row[0]) for row in self._connection.execute(f"SELECT s.place {_nobodys()}"))
        done = 0
        async for _ in do_at_once(places, self._storage.delete):
            done += 1
            tell(done, found.files)
        return found

    def _named(self, condition: str, most: int = MOST_FAULTS) -> Iterator[Named]:
        for row in self._connection.execute(f"{_NAMED} {condition} LIMIT ?", (most,)):
            yield Named(*row)

    def _uses(self, statement: str, *values: Any) -> list[Use]:
        return [Use(*row) for row in self._connection.execute(statement, values)]

    def _count(self, statement: str) -> int:
        return int(self._connection.execute(statement).fetchone()[0])


def _nobodys() -> str:
    before = to_milliseconds(clock.now() - SETTLED)
    return f"FROM stored s WHERE s.written_at < {before} AND NOT EXISTS (SELECT 1 FROM named n WHERE n.name = s.name)"


@contextlib.asynccontextmanager
async def taken(tell: Tell) -> AsyncIterator[Stock]:
    """Look through the storage and all rows that name files; for as long as this stands."""
    async with scratch_folder() as folder:
        connection = await asyncio.to_thread(_opened, folder / "stock.db")
        try:
            counted = await _list_stored(connection, runtime().storage, tell)
            await _list_named(connection, tell, counted)
            yield Stock(connection, runtime().storage)
        finally:
            connection.close()


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _TABLES)
    return connection


async def _list_stored(connection: sqlite3.Connection, storage: Storage, tell: Tell) -> int:
    rows: list[tuple[Any, ...]] = []
    count = 0
    async for found in storage.listing():
        rows.append((_bare(found.key), found.key, found.size, to_milliseconds(found.written_at)))
        count += 1
        if len(rows) == _BATCH:
            await _write(connection, "INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?)", rows)
            rows.clear()
            tell(count, None)
    await _write(connection, "INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?)", rows)
    return count


async def _list_named(connection: sqlite3.Connection, tell: Tell, counted: int) -> None:
    async for some in named_files.every():
        rows = [
            (_bare(named.key), named.key, named.table, named.row_id, named.kind, named.owner, named.size, named.sha256)
            for named in some
        ]
        await _write(connection, "INSERT OR REPLACE INTO named VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        counted += len(rows)
        tell(counted, None)


async def _write(connection: sqlite3.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    def all_at_once() -> None:
        connection.execute("BEGIN")
        connection.executemany(statement, rows)
        connection.execute("COMMIT")

    await asyncio.to_thread(all_at_once)


def _bare(key: str) -> str:
    """A file's own name, on whichever shelf it lies: it may be hidden for a while."""
    return key.removeprefix(_SHELF)
