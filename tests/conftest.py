"""What the tests stand on: an open, migrated database of their own on every kind there is, and a started node.

SQLite always; PostgreSQL when `HELIOGRAPH_TEST_POSTGRES` names a server where databases may be created
(`postgres://user@host/postgres`), Redis when `HELIOGRAPH_TEST_REDIS` does. Tables are made once per run and copied.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from media.pool import MediaPool
from media.storage import open_storage
from node import clock, db, ids
from node import runtime as node_runtime
from node.bus import MemoryBus
from node.mail import Mailer
from node.rate_limits import MemoryRateLimiter
from node.runtime import Runtime
from node.settings import Settings, load_settings

POSTGRES = os.environ.get("HELIOGRAPH_TEST_POSTGRES", "")
REDIS = os.environ.get("HELIOGRAPH_TEST_REDIS", "")
DATABASES = ["sqlite", "postgres"] if POSTGRES else ["sqlite"]

needs_redis = pytest.mark.skipif(not REDIS, reason="HELIOGRAPH_TEST_REDIS is not set")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, closed SQLite file to copy."""
    folder = tmp_path_factory.mktemp("template")
    run_apart(lambda: db.migrate(load_settings(data_dir=folder)))
    return folder / "heliograph.db"


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a migrated PostgreSQL database to copy."""
    name = f"heliograph_template_{secrets.token_hex(4)}"
    run_apart(lambda: administer(f"CREATE DATABASE {name}"))
    run_apart(lambda: db.migrate(load_settings(database_url=postgres_url(name))))
    yield name
    run_apart(lambda: administer(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`: a test that stands on this runs once on each there is."""
    kind: str = request.param
    return kind


@pytest.fixture
async def settings(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Settings]:
    """Settings of a node with an empty, migrated database of its own."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if database_kind == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), data_dir / "heliograph.db")
        yield load_settings(data_dir=data_dir, base_url="https://here.example")
        return
    name = f"heliograph_test_{secrets.token_hex(6)}"
    template: str = request.getfixturevalue("postgres_template")
    await administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield load_settings(data_dir=data_dir, base_url="https://here.example", database_url=postgres_url(name))
    await administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[None]:
    """The database, open."""
    EXECUTOR_CACHE.clear()  # Tortoise keeps statements by connection name, in the dialect of the database before.
    await db.open_database(settings)
    yield
    await db.close_database()


@pytest.fixture
async def started(settings: Settings, database: None) -> AsyncIterator[Runtime]:
    """A node with all its parts, as one process; no background work runs unless the test runs it."""
    pool = MediaPool(settings.media.workers)
    parts = Runtime(
        settings=settings,
        secret_key=b"0123456789abcdef0123456789abcdef",
        bus=MemoryBus(),
        rate_limits=MemoryRateLimiter(),
        mailer=Mailer(settings),
        storage=open_storage(settings.media_root, base_url=settings.media_url),
        media_pool=pool,
    )
    node_runtime.start(parts)
    yield parts
    node_runtime.stop()
    await pool.close()
    await parts.bus.close()


class HeldClock:
    """Time that moves only when the test says so."""

    def __init__(self, start: float) -> None:
        self.seconds = start

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass."""
        self.seconds += seconds


@pytest.fixture
def held_clock() -> Iterator[HeldClock]:
    """The node's clock, standing still at 2026-11-22 12:00 UTC."""
    held = HeldClock(1_795_348_800.0)
    clock.set_clock(lambda: held.seconds)
    ids.start_anew()
    yield held
    clock.set_clock(None)
    ids.start_anew()


def postgres_url(name: str) -> str:
    """Where the database of that name is."""
    return urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))


async def administer(statement: str) -> None:
    """Run a statement about databases."""
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def run_apart(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine to its end in a thread of its own, whatever event loop the tests have."""
    failure: list[BaseException] = []

    def body() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
