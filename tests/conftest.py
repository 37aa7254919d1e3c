"""What the tests stand on: an open, migrated database of their own on every kind there is, and a started node.

SQLite always; PostgreSQL when `HELIOGRAPH_TEST_POSTGRES` names a server where databases may be created
(`postgres://user@host/postgres`), Redis when `HELIOGRAPH_TEST_REDIS` does. Tables are made once per run: SQLite's file is
copied for each test, PostgreSQL's database is emptied after each.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck

from media.pool import MediaPool
from media.storage import open_storage
from node import clock, db, ids
from node import runtime as node_runtime
from node.bus import MemoryBus
from node.mail import Mailer
from node.rate_limits import MemoryRateLimiter
from node.runtime import Runtime
from node.services import upkeep  # noqa: F401 - makes the jobs of every service known, as the app does
from node.settings import Settings, load_settings
from tests.databases import DATABASES, KeptDatabase, prepare_models_once_per_dialect, run_apart
from tests.s3 import ObjectServer, running_object_server
from tests.shortcuts import take_shortcuts

REDIS = os.environ.get("HELIOGRAPH_TEST_REDIS", "")

needs_redis = pytest.mark.skipif(not REDIS, reason="HELIOGRAPH_TEST_REDIS is not set")

prepare_models_once_per_dialect()
take_shortcuts()
# How fast examples are made depends on the machine, and says nothing about what is tested.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")

SLOW = ("tests/e2e/", "tests/peers/", "tests/clients/", "tests/api/test_contract.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no process is left alone with it; then one kind of database at a time."""
    items.sort(key=lambda item: (not item.nodeid.startswith(SLOW), "postgres" in item.nodeid.partition("[")[2]))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, closed SQLite file to copy."""
    folder = tmp_path_factory.mktemp("template")
    run_apart(lambda: db.migrate(load_settings(data_dir=folder)))
    return folder / "heliograph.db"


@pytest.fixture(scope="session")
async def kept_database() -> AsyncIterator[KeptDatabase]:
    """The PostgreSQL database of this process."""
    kept = KeptDatabase()
    yield kept
    await kept.drop()


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """`sqlite` or `postgres`: a test that stands on this runs once on each there is."""
    kind: str = request.param
    return kind


@pytest.fixture
def postgres(database_kind: str, request: pytest.FixtureRequest) -> KeptDatabase | None:
    """The PostgreSQL database, for a test that runs on it."""
    return request.getfixturevalue("kept_database") if database_kind == "postgres" else None


@pytest.fixture
async def settings(postgres: KeptDatabase | None, sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings of a node with an empty, migrated database of its own."""
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    if postgres is None:
        shutil.copyfile(sqlite_template, data_dir / "heliograph.db")
        yield load_settings(data_dir=data_dir, base_url="https://here.example")
    else:
        yield load_settings(data_dir=data_dir, base_url="https://here.example", database_url=postgres.url)
        await postgres.empty()


@pytest.fixture
async def nothing_left_running() -> AsyncIterator[None]:
    """Ends the tasks that a test leaves behind: all tests share one event loop."""
    before = asyncio.all_tasks()
    yield
    left = asyncio.all_tasks() - before - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture
async def database(settings: Settings, nothing_left_running: None) -> AsyncIterator[None]:
    """The database, open."""
    await db.open_database(settings)
    yield
    await db.close_database()


@pytest.fixture
async def started(settings: Settings, database: None) -> AsyncIterator[Runtime]:
    """A node with all its parts, as one process; no background work runs unless the test runs it."""
    pool, film_pool, spare_pool = MediaPool(settings.media.workers), MediaPool(1), MediaPool(1)
    parts = Runtime(
        settings=settings,
        secret_key=b"0123456789abcdef0123456789abcdef",
        bus=MemoryBus(),
        rate_limits=MemoryRateLimiter(),
        mailer=Mailer(settings),
        storage=open_storage(settings.media_root, base_url=settings.media_url, store_options=settings.store_options),
        media_pool=pool,
        film_pool=film_pool,
        spare_pool=spare_pool,
    )
    node_runtime.start(parts)
    yield parts
    node_runtime.stop()
    await pool.close()
    await film_pool.close()
    await spare_pool.close()
    await parts.bus.close()


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    """A server that speaks S3."""
    with running_object_server() as server:
        yield server


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
