"""Tables as the first release made them, with rows in them, are brought to the newest shape: that of the models."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext
from tortoise.migrations.api import migrate
from tortoise.migrations.autodetector import MigrationAutodetector

from node import db
from node.models.accounts import Account, User
from node.models.posts import Post
from node.settings import Settings, load_settings
from tests.databases import administer, postgres_url, run_apart

FIRST_RELEASE = "models.0001_initial"
ID = 7


@pytest.fixture
async def empty_database(database_kind: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """Settings that lead to a database without tables."""
    EXECUTOR_CACHE.clear()
    if database_kind == "sqlite":
        yield load_settings(data_dir=tmp_path / "empty")
        return
    name = f"heliograph_test_{secrets.token_hex(6)}"
    await administer(f"CREATE DATABASE {name}")
    yield load_settings(data_dir=tmp_path, database_url=postgres_url(name))
    await administer(f"DROP DATABASE {name} WITH (FORCE)")


async def test_the_migrations_lead_to_the_models_as_they_are(tmp_path: Path) -> None:
    from node.tortoise_config import CONFIG

    await db.open_database(load_settings(data_dir=tmp_path))
    try:
        changes = await MigrationAutodetector(Tortoise.apps, CONFIG["apps"]).changes()
    finally:
        await db.close_database()
    assert [writer.operations for writer in changes] == []


async def test_rows_of_the_first_release_survive_every_migration_into_the_tables_of_a_new_node(
    empty_database: Settings, settings: Settings
) -> None:
    empty_database.data_dir.mkdir(exist_ok=True)
    run_apart(lambda: _make_first_tables(empty_database))
    await db.open_database(empty_database)
    tables = [table for table in await _tables() if table != "tortoise_migrations"]
    async with db.transaction():
        await db.execute(
            "SET LOCAL session_replication_role = replica" if db.is_postgres() else "PRAGMA defer_foreign_keys = ON"
        )
        for table in tables:
            await _fill(table)
    await db.close_database()

    run_apart(lambda: db.migrate(empty_database))

    await db.open_database(empty_database)
    try:
        assert await db.pending_migrations() == []
        assert {table: await _count(table) for table in tables} == dict.fromkeys(tables, 1)
        # What was added has the value it has for whatever is new.
        account, user = await Account.get(id=ID), await User.get(id=ID)
        assert (account.show_media, account.memorial, user.filters_version) == (True, False, 0)
        # Nobody said that the post may be quoted: it is not one for all to see.
        assert (await Post.get(id=ID)).quote_policy == "nobody"
        migrated = await _shape()
    finally:
        await db.close_database()

    await db.open_database(settings)
    try:
        assert await _shape() == migrated
    finally:
        await db.close_database()


async def _make_first_tables(settings: Settings) -> None:
    async with TortoiseContext():
        await migrate(config=db.orm_config(settings), target=FIRST_RELEASE)
        await Tortoise.close_connections()


async def _tables() -> list[str]:
    if db.is_postgres():
        rows = await db.fetch_all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    else:
        rows = await db.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sorted(row[0] for row in rows)


async def _fill(table: str) -> None:
    """One row with a value in every column that must have one, every reference to the row of the same number."""
    columns = {name: _value(kind) for name, kind, required in await _columns(table) if required}
    await db.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({db.marks(list(columns))})", list(columns.values())
    )


async def _columns(table: str) -> list[tuple[str, str, bool]]:
    if db.is_postgres():
        rows = await db.fetch_all(
            "SELECT column_name, data_type, is_nullable = 'NO' FROM information_schema.columns WHERE table_name = ?",
            (table,),
        )
        return [(row[0], row[1].lower(), row[2]) for row in rows]
    rows = await db.fetch_all(f"SELECT name, type, \"notnull\" OR pk FROM pragma_table_info('{table}')")
    return [(row[0], row[1].lower(), bool(row[2])) for row in rows]


def _value(kind: str) -> object:
    if "bool" in kind:
        return True
    if "int" in kind:
        return ID
    if "json" in kind:
        return "[]"
    if "bytea" in kind or "blob" in kind:
        return b"x"
    if "double" in kind or "real" in kind or "float" in kind:
        return 0.5
    return "x"


async def _shape() -> set[tuple[object, ...]]:
    """Every column, index, constraint and reference there is."""
    if db.is_postgres():
        queries = [
            "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace",
        ]
    else:
        table = "sqlite_master m JOIN"
        queries = [
            f'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM {table} pragma_table_info(m.name) c',
            f'SELECT m.name, i."unique", i.origin, (SELECT group_concat(x.name) FROM pragma_index_info(i.name) x)'
            f" FROM {table} pragma_index_list(m.name) i",
            f'SELECT m.name, f."table", f."from", f."to", f.on_delete FROM {table} pragma_foreign_key_list(m.name) f',
        ]
    return {tuple(row) for query in queries for row in await db.fetch_all(query)}


async def _count(table: str) -> int:
    row = await db.fetch_one(f"SELECT COUNT(*) FROM {table}")
    assert row is not None
    return int(row[0])
