"""A few worker processes for pictures, kept apart from the event loop and from the rest of the server.

Workers are started when there is work and end when there has been none for a while: an idle server pays
nothing. Each is a fresh interpreter that imports `media` and nothing else, with a bare environment (no
secrets), a low priority and a bounded address space. One that hangs is killed, one that dies is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from media.errors import MediaBusy, MediaError, MediaFailure
from media.orders import (
    LENGTH_BYTES,
    MAX_MESSAGE,
    Failed,
    Made,
    Order,
    PhotoDone,
    PictureDone,
    Refused,
    Reply,
    TaskName,
    frame,
    read_reply,
)
from media.probe import Limits
from media.variants import ProcessedPhoto, Variant

_IMPORT_ROOT: Final = Path(__file__).resolve().parent.parent
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_ATTEMPTS: Final = 2

TOO_SLOW: Final = "The picture takes too long to read."
CRASHED: Final = "The picture is damaged and cannot be read."


class _WorkerDied(Exception):
    """The worker ended, or answered nonsense, instead of answering."""


class _Worker:
    """One worker process and how often it has been used."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.jobs = 0
        self.retirement: asyncio.TimerHandle | None = None

    async def perform(self, order: Order) -> Reply:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.jobs += 1
        try:
            self.process.stdin.write(frame(order))
            await self.process.stdin.drain()
            length = int.from_bytes(await self.process.stdout.readexactly(LENGTH_BYTES), "big")
            if length > MAX_MESSAGE:
                raise _WorkerDied
            return read_reply(await self.process.stdout.readexactly(length))
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError):
            raise _WorkerDied from None

    async def kill(self) -> None:
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


class MediaPool:
    """Runs the work of media.image in at most `workers` processes.

    At most `max_waiting` callers wait for a free worker; one more gets MediaBusy. A picture may take
    `time_limit` seconds. `memory_limit` bounds a worker's address space, in bytes: `Limits.max_memory` refuses
    what would take more than 1 GB before it is decoded: 56 megapixels as WebP, 76 as HEIC or AVIF, 107 as PNG. A worker is replaced
    after `jobs_per_worker` pictures (decoders leak) and ended after `idle_seconds` without work.
    Belongs to the event loop it is first used on.
    """

    def __init__(
        self,
        workers: int = 1,
        *,
        max_waiting: int = 64,
        time_limit: float = 30.0,
        memory_limit: int = 2 * 1024**3,
        jobs_per_worker: int = 200,
        idle_seconds: float = 20.0,
        niceness: int = 10,
    ) -> None:
        self._slots = asyncio.Semaphore(workers)
        self._max_waiting = max_waiting
        self._waiting = 0
        self._time_limit = time_limit
        self._memory_limit = memory_limit
        self._jobs_per_worker = jobs_per_worker
        self._idle_seconds = idle_seconds
        self._niceness = niceness
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()
        self._endings: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def worker_pids(self) -> Sequence[int]:
        """The processes that are alive now; empty when the pool has been idle for a while."""
        return [worker.process.pid for worker in self._workers]

    @property
    def waiting(self) -> int:
        """How many callers wait for a free worker."""
        return self._waiting

    async def process_photo(self, source: Path, out_dir: Path, limits: Limits | None = None) -> ProcessedPhoto:
        """media.image.process_photo in a worker.

        Raises MediaError when the file is refused (also when it takes too long, or crashes its worker twice),
        MediaBusy when too many wait, MediaFailure when the server is at fault. `out_dir` is the caller's to
        remove: a killed worker may leave a part of a file in it.
        """
        reply = await self._run("photo", source, out_dir, limits)
        if not isinstance(reply, PhotoDone):
            raise MediaFailure(f"unexpected answer {type(reply).__name__}")
        return reply.photo

    async def process_avatar(self, source: Path, out_dir: Path, limits: Limits | None = None) -> Variant:
        """media.image.process_avatar in a worker. Raises as process_photo does."""
        return await self._picture("avatar", source, out_dir, limits)

    async def process_header(self, source: Path, out_dir: Path, limits: Limits | None = None) -> Variant:
        """media.image.process_header in a worker. Raises as process_photo does."""
        return await self._picture("header", source, out_dir, limits)

    async def process_emoji(self, source: Path, out_dir: Path, limits: Limits | None = None) -> Variant:
        """media.image.process_emoji in a worker. Raises as process_photo does."""
        return await self._picture("emoji", source, out_dir, limits)

    async def perform(
        self, task: TaskName, source: Path, out_dir: Path, options: bytes, limits: Limits | None = None
    ) -> bytes:
        """A task that has a type of its own for what it is told and what it answers. Raises as process_photo does."""
        reply = await self._run(task, source, out_dir, limits, options)
        if not isinstance(reply, Made):
            raise MediaFailure(f"unexpected answer {type(reply).__name__}")
        return reply.value

    async def close(self) -> None:
        """End every worker, also one at work. Whoever still waits gets MediaBusy."""
        self._closed = True
        self._idle.clear()
        for worker in list(self._workers):
            self._end(worker)
        while self._endings:
            await asyncio.gather(*self._endings)

    async def _picture(self, task: TaskName, source: Path, out_dir: Path, limits: Limits | None) -> Variant:
        reply = await self._run(task, source, out_dir, limits)
        if not isinstance(reply, PictureDone):
            raise MediaFailure(f"unexpected answer {type(reply).__name__}")
        return reply.picture

    async def _run(
        self, task: TaskName, source: Path, out_dir: Path, limits: Limits | None, options: bytes = b""
    ) -> Reply:
        order = Order(task, str(source), str(out_dir), limits or Limits(), self._time_limit, options)
        if self._slots.locked() and self._waiting >= self._max_waiting:
            raise MediaBusy
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            reply = await self._perform(order)
        finally:
            self._slots.release()
        if isinstance(reply, Refused):
            raise MediaError(reply.reason)
        if isinstance(reply, Failed):
            raise MediaFailure(reply.detail)
        return reply

    async def _perform(self, order: Order) -> Reply:
        """A worker that dies may have been killed by somebody else: the order is tried once more."""
        for _ in range(_ATTEMPTS):
            if self._closed:
                raise MediaBusy
            worker = await self._take_worker()
            try:
                reply = await asyncio.wait_for(worker.perform(order), self._time_limit)
            except TimeoutError:
                self._end(worker)
                raise MediaError(TOO_SLOW) from None
            except _WorkerDied:
                self._end(worker)
                continue
            except BaseException:
                self._end(worker)
                raise
            self._give_back(worker)
            return reply
        if self._closed:
            raise MediaBusy
        raise MediaError(CRASHED)

    async def _take_worker(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.retirement is not None:
                worker.retirement.cancel()
            if worker.process.returncode is None:
                return worker
            self._end(worker)
        return await self._start_worker()

    def _give_back(self, worker: _Worker) -> None:
        if self._closed or worker.jobs >= self._jobs_per_worker:
            self._end(worker)
            return
        self._idle.append(worker)
        loop = asyncio.get_running_loop()
        worker.retirement = loop.call_later(self._idle_seconds, self._retire, worker)

    def _retire(self, worker: _Worker) -> None:
        if worker in self._idle:
            self._idle.remove(worker)
            self._end(worker)

    def _end(self, worker: _Worker) -> None:
        if worker.retirement is not None:
            worker.retirement.cancel()
        ending = asyncio.get_running_loop().create_task(self._bury(worker))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    async def _bury(self, worker: _Worker) -> None:
        await worker.kill()
        self._workers.discard(worker)

    async def _start_worker(self) -> _Worker:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        environment |= {"PYTHONPATH": str(_IMPORT_ROOT), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
        arguments = ("-P", "-m", "media.worker", str(self._niceness), str(self._memory_limit))
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=environment,
                cwd="/",
            )
        except OSError as problem:
            raise MediaFailure(f"a media worker does not start: {problem}") from problem
        worker = _Worker(process)
        self._workers.add(worker)
        return worker
