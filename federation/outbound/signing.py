"""Signatures of many deliveries, made beside the event loop in a process of their own.

A private-key operation takes as long as the rest of a delivery, and `cryptography` keeps the interpreter's lock
meanwhile: threads gain nothing by it. The process is started when many deliveries come at once and there is a second
processor, and ends when there has been nothing to sign for a while. Without it, or should it be lost, the same is done here.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from functools import lru_cache
from pathlib import Path
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from activitypub.signatures import SigningKey
from activitypub.signatures.algorithms import sign
from federation.outbound.signing_child import ANSWER, KEPT_KEYS, ORDER

log = structlog.get_logger()

MANY: Final = 32
"""So many signatures within a second are worth a process."""
IDLE_SECONDS: Final = 30.0
START_SECONDS: Final = 20.0
REST_SECONDS: Final = 60.0
"""How long none is started after one was lost."""
_IMPORT_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")


class Signing:
    """Signs, here or in the process beside. Belongs to the event loop it is used on; `close` it in the end."""

    def __init__(self, many: int = MANY, idle_seconds: float = IDLE_SECONDS, *, processors: int | None = None) -> None:
        self._many = many
        self._idle_seconds = idle_seconds
        self._process: Process | None = None
        self._life: asyncio.Task[None] | None = None
        self._awaited: deque[asyncio.Future[bytes]] = deque()
        self._counted_since = 0.0
        self._counted = 0
        has_room = (processors or os.cpu_count() or 1) > 1
        self._rests_until = 0.0 if has_room else float("inf")

    @property
    def pid(self) -> int | None:
        """The process that signs, while there is one."""
        return None if self._process is None else self._process.pid

    async def sign(self, key: SigningKey, data: bytes) -> bytes:
        """The signature of `data`: PKCS#1 v1.5 with SHA-256 for RSA, pure Ed25519 otherwise."""
        if not isinstance(key.private, RSAPrivateKey):
            return sign(key.private, data)
        if self._process is None or self._process.stdin is None:
            self._count()
            return sign(key.private, data)
        der = _der(key.private)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._awaited.append(future)
        self._process.stdin.write(ORDER.pack(len(der), len(data)) + der + data)
        try:
            return await future
        except ConnectionError:
            return sign(key.private, data)

    async def close(self) -> None:
        """End the process; what it has not signed is signed here."""
        if self._life is not None:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)

    def _count(self) -> None:
        now = time.monotonic()
        if now - self._counted_since > 1.0:
            self._counted_since, self._counted = now, 0
        self._counted += 1
        if self._counted >= self._many and self._life is None and now >= self._rests_until:
            self._life = asyncio.create_task(self._live())

    async def _live(self) -> None:
        process = None
        try:
            process = await _started()
            await self._serve(process)
        except (OSError, asyncio.IncompleteReadError) as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("signing_process_lost", reason=str(error) or type(error).__name__)
        finally:
            self._process = self._life = None
            self._counted = 0
            for future in self._awaited:
                if not future.done():
                    future.set_exception(ConnectionResetError())
            self._awaited.clear()
            if process is not None and process.returncode is None:
                process.kill()  # It holds nothing that could be lost.
                await process.wait()

    async def _serve(self, process: Process) -> None:
        """Hand out its answers until it has had nothing to do for a while, or does not answer."""
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            await process.stdout.readexactly(ANSWER.size)
        self._process = process
        while True:
            try:
                async with asyncio.timeout(self._idle_seconds):
                    (length,) = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
            except TimeoutError:
                if self._awaited:
                    raise
                return
            signature = await process.stdout.readexactly(length)
            future = self._awaited.popleft()
            if not future.done():
                future.set_result(signature)


async def _started() -> Process:
    environment = {name: value for name in _INHERITED if (value := os.environ.get(name))}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-P", "-m", "federation.outbound.signing_child"),
        stdin=PIPE,
        stdout=PIPE,
        env=environment | {"PYTHONPATH": str(_IMPORT_ROOT), "LANG": "C.UTF-8"},
        start_new_session=True,
    )


@lru_cache(maxsize=KEPT_KEYS)
def _der(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
