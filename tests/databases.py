"""One PostgreSQL database per test process, emptied after each test, its connections kept.

A new database and new connections for every test cost more than most tests: a fresh backend reads its catalogue anew, and
every statement is prepared again.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from tortoise.apps import Apps
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.base.executor import EXECUTOR_CACHE

from node import db
from node.settings import load_settings

POSTGRES = os.environ.get("HELIOGRAPH_TEST_POSTGRES", "")
DATABASES = ["sqlite", "postgres"] if POSTGRES else ["sqlite"]

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"


class KeptPool(asyncpg.Pool):
    """Connections that stay when the test that used them closes its database."""

    async def close(self) -> None:
        """Stay open: the next test comes soon."""


class KeptDatabase:
    """A migrated PostgreSQL database that one test after another uses."""

    def __init__(self) -> None:
        self.name = f"heliograph_test_{secrets.token_hex(6)}"
        self.url = postgres_url(self.name)
        self._pool: KeptPool | None = None
        self._cleaner: asyncpg.Connection | None = None
        self._emptying = ""
        self._create_pool = AsyncpgDBClient.create_pool
        run_apart(lambda: administer(f"CREATE DATABASE {self.name}"))
        run_apart(lambda: db.migrate(load_settings(database_url=self.url)))
        AsyncpgDBClient.create_pool = self._find_pool  # type: ignore[method-assign]

    async def empty(self) -> None:
        """Delete every row a test has left. A transaction that is still open after 20 seconds is an error."""
        if self._cleaner is None:
            self._cleaner = await asyncpg.connect(self.url)
            tables = [row[0] for row in await self._cleaner.fetch(_TABLES)]
            await self._cleaner.execute("SET session_replication_role = replica; SET statement_timeout = 20000")
            self._emptying = ";".join(f'DELETE FROM "{table}"' for table in tables)
        await self._cleaner.execute(self._emptying)

    async def drop(self) -> None:
        """Give everything back."""
        if self._pool is not None:
            self._pool.terminate()
        if self._cleaner is not None:
            await self._cleaner.close()
        AsyncpgDBClient.create_pool = self._create_pool  # type: ignore[method-assign]
        await administer(f"DROP DATABASE {self.name} WITH (FORCE)")

    async def _find_pool(self, **options: Any) -> asyncpg.Pool:
        if options["database"] != self.name:
            return await asyncpg.create_pool(None, **options)
        if self._pool is None:
            self._pool = KeptPool(
                max_queries=1_000_000,
                max_inactive_connection_lifetime=0.0,
                record_class=asyncpg.Record,
                **options,
            )
            await self._pool
        return self._pool


def prepare_models_once_per_dialect() -> None:
    """Let Tortoise prepare its models again only when a test runs on the other kind of database than the one before.

    It does so whenever a database is opened, which takes longer than opening it.
    """
    prepare = Apps._build_initial_querysets
    prepared: list[tuple[str, frozenset[type]]] = []

    def prepare_if_needed(apps: Apps) -> None:
        models = [model for app in apps.apps.values() for model in app.values()]
        key = models[0]._meta.db.capabilities.dialect, frozenset[type](models)
        if [key] == prepared:
            return
        prepare(apps)
        prepared[:] = [key]
        EXECUTOR_CACHE.clear()

    Apps._build_initial_querysets = prepare_if_needed  # type: ignore[method-assign]


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
