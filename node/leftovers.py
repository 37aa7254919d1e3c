"""What a worker that died had in hand is taken up at once when no other worker is alive, else when its leases run out.

Whoever works holds a shared lock for as long as it lives; the database lets go of it when the process dies. Whoever can
have the lock for itself is alone, and what is marked as under way is nobody's.
"""

from __future__ import annotations

import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from node import db
from node.settings import Settings

WORKERS_LOCK = 0x48454C4957


async def is_anyone_working(settings: Settings) -> bool:
    """Whether some process does the background work of this node now."""
    if not settings.is_sqlite:
        held = await db.fetch_one(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid::bigint = ? AND objid::bigint = ?"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            (WORKERS_LOCK >> 32, WORKERS_LOCK & 0xFFFFFFFF),
        )
        return held is not None
    try:
        with db.sqlite_path(settings).with_suffix(".worker").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@asynccontextmanager
async def working(settings: Settings, take_up: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Count as a worker while this stands; first call `take_up` if there is no other.

    On SQLite there never is: `heliograph` refuses to start a second one.
    """
    if settings.is_sqlite:
        await take_up()
        yield
        return
    import asyncpg  # type: ignore[import-untyped]

    credentials = db.orm_config(settings)["connections"]["default"]["credentials"]
    connection = await asyncpg.connect(
        **{name: credentials[name] for name in ("host", "port", "user", "password", "database")}
    )
    try:
        is_alone = await connection.fetchval("SELECT pg_try_advisory_lock($1)", WORKERS_LOCK)
        if is_alone:
            await take_up()
        await connection.execute("SELECT pg_advisory_lock_shared($1)", WORKERS_LOCK)
        if is_alone:
            await connection.execute("SELECT pg_advisory_unlock($1)", WORKERS_LOCK)
        yield
    finally:
        await connection.close()
