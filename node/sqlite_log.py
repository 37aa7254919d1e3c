"""SQLite's write-ahead log: when what is committed has reached the disk, and when it moves into the database file.

With `synchronous=NORMAL` a commit leaves the log with the operating system, where a crash of the process cannot hurt it
but a power cut can. `settle` closes that gap for many commits at once: it waits for an `fdatasync` of the log that began
after it was asked for. Checkpoints, which copy the log into the database file and wait for the disk themselves, run in
a thread of their own and never hold the writer up.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

log = structlog.get_logger()

COMMITS_PER_CHECKPOINT = 200
LONGEST_LOG_FRAMES = 10_000
"""Pages of 4 KiB. Writers that never pause keep the log from beginning anew; past this length they are held up once."""

_sync = getattr(os, "fdatasync", os.fsync)


class WriteAheadLog:
    """The log of one database file, seen from one process."""

    def __init__(self, database: str, connect: Callable[[], sqlite3.Connection]) -> None:
        self._path = f"{database}-wal"
        self._connect = connect
        self._file: int | None = None
        self._asked = 0
        self._settled = 0
        self._settling: asyncio.Task[None] | None = None
        self._checkpoint: asyncio.Future[None] | None = None
        self._since_checkpoint = 0
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="sqlite-sync")
        self._checkpointer = ThreadPoolExecutor(1, thread_name_prefix="sqlite-checkpoint")

    async def settle(self) -> None:
        """Return once everything committed before this call is on the disk. Raises `OSError` when the disk refuses."""
        self._asked += 1
        mine = self._asked
        self._checkpoint_now_and_then()
        while self._settled < mine:
            if self._settling is None:
                self._settling = asyncio.create_task(self._settle_asked())
            await asyncio.shield(self._settling)

    async def _settle_asked(self) -> None:
        asked = self._asked
        try:
            await asyncio.get_running_loop().run_in_executor(self._disk, self._sync_file)
            self._settled = asked
        finally:
            self._settling = None

    def _sync_file(self) -> None:
        if self._file is None:
            try:
                self._file = os.open(self._path, os.O_RDONLY)
            except FileNotFoundError:
                return  # nothing was ever written through a log
        _sync(self._file)

    def _checkpoint_now_and_then(self) -> None:
        self._since_checkpoint += 1
        if self._since_checkpoint < COMMITS_PER_CHECKPOINT or self._checkpoint is not None:
            return
        self._since_checkpoint = 0
        self._checkpoint = asyncio.get_running_loop().run_in_executor(self._checkpointer, self._run_checkpoint)
        self._checkpoint.add_done_callback(self._checkpoint_done)

    def _checkpoint_done(self, checkpoint: asyncio.Future[None]) -> None:
        self._checkpoint = None
        if not checkpoint.cancelled() and checkpoint.exception() is not None:
            log.warning("checkpoint_failed", error=str(checkpoint.exception()))

    def _run_checkpoint(self) -> None:
        connection = self._connect()
        try:
            _, frames, _ = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if frames > LONGEST_LOG_FRAMES:
                connection.execute("PRAGMA wal_checkpoint(RESTART)")
        finally:
            connection.close()

    async def close(self) -> None:
        """Wait for what is under way and let go of the file."""
        if self._settling is not None:
            await asyncio.gather(self._settling, return_exceptions=True)
        await asyncio.to_thread(self._disk.shutdown)
        await asyncio.to_thread(self._checkpointer.shutdown)
        if self._file is not None:
            os.close(self._file)
            self._file = None
