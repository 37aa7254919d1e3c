"""The database: opening it, transactions, hand-written SQL, and the few differences between SQLite and PostgreSQL.

No other module knows which of the two is behind it. Statements are written once, with `?` for every parameter, in the
SQL both understand (`ON CONFLICT`, `RETURNING`, `TRUE`). Moments are integers of milliseconds in the tables
(`node/models/fields.py`), JSON is text, so rows read the same from both.
"""

from __future__ import annotations

import asyncio
import fcntl
import functools
import pkgutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.migrations.api import migrate as run_migrations
from tortoise.transactions import in_transaction

from node.settings import Settings

if TYPE_CHECKING:
    from node.sqlite import HeliographSqliteClient

__all__ = [
    "IntegrityError",
    "Row",
    "after_commit",
    "alone",
    "close_database",
    "execute",
    "execute_later",
    "execute_many",
    "fetch_all",
    "fetch_one",
    "for_update",
    "in_a_transaction",
    "is_postgres",
    "marks",
    "migrate",
    "open_database",
    "others_wait_to_write",
    "padded",
    "pending_migrations",
    "transaction",
]


class Row(Protocol):
    """A result row of either driver: values by position or by column name."""

    def __getitem__(self, key: int | str) -> Any: ...

    def __iter__(self) -> Iterator[Any]: ...


MODELS = [
    "node.models.accounts",
    "node.models.credentials",
    "node.models.posts",
    "node.models.archive",
    "node.models.comments",
    "node.models.links",
    "node.models.post_readings",
    "node.models.quotes",
    "node.models.thread_mutes",
    "node.models.media",
    "node.models.films",
    "node.models.edits",
    "node.models.graph",
    "node.models.moves",
    "node.models.bookmark_folders",
    "node.models.albums",
    "node.models.account_collections",
    "node.models.filters",
    "node.models.people_in_pictures",
    "node.models.polls",
    "node.models.hashtags",
    "node.models.lists",
    "node.models.audiences",
    "node.models.conversations",
    "node.models.scheduled_posts",
    "node.models.drafts",
    "node.models.notifications",
    "node.models.sign_up_blocks",
    "node.models.push",
    "node.models.moderation",
    "node.models.severances",
    "node.models.domain_lists",
    "node.models.relays",
    "node.models.received_rules",
    "node.models.emojis",
    "node.models.rules",
    "node.models.announcements",
    "node.models.reports",
    "node.models.trends",
    "node.models.weeks",
    "node.models.jobs",
    "node.models.federation",
    "node.models.remote_copies",
    "node.models.resumable_uploads",
]

ADVISORY_LOCK = 0x48454C494F
"""The number of our lock in PostgreSQL ("HELIO")."""

AfterCommit = Callable[[], None]
Value = TypeVar("Value")
_after_commit: ContextVar[list[AfterCommit] | None] = ContextVar("after_commit", default=None)
_postgres = False
_context: TortoiseContext | None = None


def orm_config(settings: Settings) -> dict[str, Any]:
    """Tortoise's configuration for these settings; also what the migrations command reads."""
    return {
        "connections": {"default": _connection_config(settings)},
        "apps": {"models": {"models": MODELS, "default_connection": "default", "migrations": "node.migrations"}},
        "use_tz": True,
    }


def _connection_config(settings: Settings) -> dict[str, Any]:
    if settings.is_sqlite:
        return {"engine": "node.sqlite", "credentials": {"file_path": str(sqlite_path(settings))}}
    parts = urlsplit(settings.database)
    return {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": parts.hostname,
            "port": parts.port or 5432,
            "user": parts.username,
            "password": parts.password,
            "database": parts.path.lstrip("/"),
            "minsize": 1,
            "maxsize": settings.database_pool,
            "application_name": "heliograph",
            "reset": _leave_as_it_is,
        },
    }


async def _leave_as_it_is(_: Any) -> None:
    """What the pool does to a connection given back. Nothing here changes a session, so there is nothing to reset, and
    no round trip for it after every statement; an open transaction is ended all the same."""


async def open_database(settings: Settings) -> None:
    """Connect this process to the database. Raises the driver's error when it cannot be reached."""
    global _postgres, _context
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    _postgres = not settings.is_sqlite
    _context = await Tortoise.init(config=orm_config(settings), _enable_global_fallback=True)
    try:
        await fetch_one("SELECT 1")
    except BaseException:
        await close_database()
        raise


async def close_database() -> None:
    """Close every connection of this process."""
    global _context
    if _context is not None:
        await _context.close_connections()
        _context = None


def sqlite_path(settings: Settings) -> Path:
    """The file of a SQLite database."""
    return Path(settings.database.removeprefix("sqlite://"))


async def migrate(settings: Settings) -> None:
    """Bring the tables to the newest shape; does nothing when they are already there.

    Processes that start together wait for the first of them.
    """
    async with alone(settings), TortoiseContext():
        await run_migrations(config=orm_config(settings))
        await Tortoise.close_connections()


async def pending_migrations() -> list[str]:
    """Names of the migrations the open database has not seen yet, oldest first."""
    package = Path(__file__).parent / "migrations"
    names = sorted(module.name for module in pkgutil.iter_modules([str(package)]))
    tables = "pg_tables WHERE tablename" if _postgres else "sqlite_master WHERE name"
    if await fetch_one(f"SELECT 1 FROM {tables} = ?", ("tortoise_migrations",)) is None:
        return names
    rows = await fetch_all("SELECT name FROM tortoise_migrations WHERE app = ?", ("models",))
    applied = {row[0] for row in rows}
    return [name for name in names if name not in applied]


@asynccontextmanager
async def alone(settings: Settings) -> AsyncIterator[None]:
    """What stands inside is done by one process at a time, however many share the database; the others wait.

    The lock goes with the process that holds it, however that ends.
    """
    held = _alone_on_sqlite(settings) if settings.is_sqlite else _alone_on_postgres(settings)
    async with held:
        yield


@asynccontextmanager
async def _alone_on_sqlite(settings: Settings) -> AsyncIterator[None]:
    path = sqlite_path(settings).with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = await asyncio.to_thread(path.open, "w")
    with file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def _alone_on_postgres(settings: Settings) -> AsyncIterator[None]:
    import asyncpg  # type: ignore[import-untyped]

    credentials = _connection_config(settings)["credentials"]
    connection = await asyncpg.connect(
        **{name: credentials[name] for name in ("host", "port", "user", "password", "database")}
    )
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        yield
    finally:
        await connection.close()


def is_postgres() -> bool:
    """Whether the open database is PostgreSQL."""
    return _postgres


def _sqlite() -> HeliographSqliteClient:
    """The SQLite client, or the transaction of this task, which answers to the same calls."""
    return cast("HeliographSqliteClient", get_connection("default"))


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """One transaction; inside another one it joins it, so that services can call services.

    Everything in it becomes true together or not at all. `after_commit` callbacks run once it is durable.
    """
    if _after_commit.get() is not None:
        yield
        return
    callbacks: list[AfterCommit] = []
    token = _after_commit.set(callbacks)
    try:
        async with in_transaction("default"):
            yield
        if not _postgres:
            await _sqlite().settle()
    finally:
        _after_commit.reset(token)
    for callback in callbacks:
        callback()


def after_commit(callback: AfterCommit) -> None:
    """Call `callback` once the running transaction is durable, or at once when there is none."""
    callbacks = _after_commit.get()
    if callbacks is None:
        callback()
    else:
        callbacks.append(callback)


def others_wait_to_write() -> bool:
    """Whether somebody in this process waits for the database's one writer (SQLite): a long transaction should end."""
    return not _postgres and _sqlite().writers_waiting > 0


def in_a_transaction() -> bool:
    """Whether the caller runs inside `transaction()`."""
    return _after_commit.get() is not None


@functools.lru_cache(maxsize=1024)
def _for_postgres(sql: str) -> str:
    parts = sql.split("?")
    return parts[0] + "".join(f"${index}{part}" for index, part in enumerate(parts[1:], 1))


@contextmanager
def _integrity_errors() -> Iterator[None]:
    """asyncpg's own words for a broken constraint as the one both databases raise here."""
    import asyncpg

    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(error) from error


async def fetch_all(sql: str, parameters: Sequence[object] = ()) -> Sequence[Row]:
    """Rows of a statement; `?` marks parameters. Outside a transaction it reads the newest committed state."""
    if not _postgres:
        return cast("Sequence[Row]", await _sqlite().fetch_rows(sql, parameters))
    async with get_connection("default").acquire_connection() as driver:
        with _integrity_errors():
            return cast("Sequence[Row]", await driver.fetch(_for_postgres(sql), *parameters))


async def fetch_one(sql: str, parameters: Sequence[object] = ()) -> Row | None:
    """The first row of a statement, or `None`."""
    rows = await fetch_all(sql, parameters)
    return rows[0] if rows else None


async def execute(sql: str, parameters: Sequence[object] = ()) -> int:
    """Run a statement that changes rows; returns how many it changed."""
    if not _postgres:
        return cast(int, await _sqlite().change_rows(sql, parameters))
    async with get_connection("default").acquire_connection() as driver:
        with _integrity_errors():
            tag: str = await driver.execute(_for_postgres(sql), *parameters)
        return int(tag.rsplit(" ", 1)[-1]) if tag[-1].isdigit() else 0


async def execute_later(sql: str, parameters: Sequence[object] = (), *, is_short: bool = False) -> None:
    """Run a statement whose outcome nobody waits for: with the next statement of the transaction, at the latest with
    its commit. What it raises is raised there. Outside a transaction it runs at once.

    `is_short` says that it touches few rows although it does not look so (`node/sqlite.py`).
    """
    if _postgres:
        await execute(sql, parameters)
    else:
        await _sqlite().change_rows_later(sql, parameters, is_short)


async def execute_many(sql: str, rows: Sequence[Sequence[object]]) -> None:
    """Run one statement for each row of parameters, in one round trip; within a transaction like `execute_later`."""
    if not rows:
        return
    statement = _for_postgres(sql) if _postgres else sql
    await get_connection("default").execute_many(statement, [list(row) for row in rows])


def marks(values: Sequence[object] | Mapping[str, object] | int) -> str:
    """`?, ?, ?` for an `IN (…)` or `VALUES (…)` of so many values (at least one)."""
    count = values if isinstance(values, int) else len(values)
    return ", ".join("?" * count)


def padded(values: Sequence[Value]) -> list[Value]:
    """The values, the last one repeated up to a power of two, for an `IN (…)` that is asked with every number of them:
    databases keep each statement they have prepared, and one with hundreds of marks is large."""
    missing = (1 << max(len(values) - 1, 0).bit_length()) - len(values)
    return [*values, *list(values[-1:]) * missing]


def for_update(skip_locked: bool = False) -> str:
    """The row-lock clause; SQLite has one writer at a time and needs none."""
    if not _postgres:
        return ""
    return " FOR UPDATE SKIP LOCKED" if skip_locked else " FOR UPDATE"
