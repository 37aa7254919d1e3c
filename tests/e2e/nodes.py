"""Real server processes for end-to-end tests, on SQLite and, where there is one, on PostgreSQL."""

from __future__ import annotations

import asyncio
import functools
import secrets
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from node import db
from node.demo.process import NodeProcess, until
from node.settings import load_settings
from tests.databases import POSTGRES, run_apart

__all__ = ["NodeProcess", "new_database", "running_node", "until"]

DATABASE = "heliograph.db"

FOR_TESTS = {
    "FEDERATION__ALLOW_PRIVATE_NETWORKS": "true",
    "MEDIA__SMALLER_FORMATS": "false",
    "RATE_LIMITS": "false",
    "LOG_LEVEL": "info",
}


@contextmanager
def new_database(kind: str) -> Iterator[dict[str, str]]:
    """Settings that lead to an empty database of this kind (`sqlite`, `postgres`); it goes afterwards."""
    if kind == "sqlite":
        yield {}
        return
    name = f"heliograph_e2e_{secrets.token_hex(6)}"
    _administer(f"CREATE DATABASE {name}")
    try:
        yield {"DATABASE_URL": urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))}
    finally:
        _administer(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running_node(
    folder: Path, database: str = "sqlite", settings: Mapping[str, str] | None = None
) -> Iterator[NodeProcess]:
    """A node that answers, in a process of its own with its data in `folder`; ended and its database dropped after.

    It finds its tables made: that takes a process of its own otherwise, and longer than the start.
    """
    with new_database(database) as where:
        _make_tables(folder, where)
        node = NodeProcess(folder, {**FOR_TESTS, **where, **(settings or {})})
        try:
            yield node.start()
        finally:
            node.kill()


def _make_tables(folder: Path, where: Mapping[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = load_settings(data_dir=folder, database_url=where.get("DATABASE_URL", ""))
    if where:
        run_apart(lambda: db.migrate(settings))
    else:
        (folder / DATABASE).write_bytes(_empty_tables())


@functools.cache
def _empty_tables() -> bytes:
    """A SQLite database with all tables and no rows: making them takes seconds, and many nodes begin with them."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(data_dir=Path(folder))
        run_apart(lambda: db.migrate(settings))
        return (Path(folder) / DATABASE).read_bytes()


def _administer(statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(POSTGRES)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())
