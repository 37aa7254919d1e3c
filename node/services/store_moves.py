"""Files on their way from the former storage to the present one, while the server goes on."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from media.moving import MovingStorage, SameStore
from media.storage import StoredFile
from node.errors import Conflict
from node.runtime import runtime
from node.services.at_once import Tell, do_at_once

MOST_FAILURES: Final = 20
"""After so many errors the stores are taken to be out of order."""


@dataclass(frozen=True, slots=True)
class Moved:
    """How many files came over, and their bytes; and why others did not."""

    files: int
    bytes: int
    failures: dict[str, str]


async def move(tell: Tell) -> Moved:
    """Have every file of the former storage in the present one. Cut off anywhere, it goes on where it was.

    Raises `Conflict` when no former storage is set, it is the present one, or somebody else is at it, OSError when the
    stores are out of order.
    """
    storage = runtime().storage
    if not isinstance(storage, MovingStorage):
        raise Conflict("There is no former storage: set HELIOGRAPH_MEDIA__FORMER_STORAGE and restart the server first")
    with _alone():
        try:
            await storage.check_apart()
        except SameStore:
            raise Conflict("The former storage and the present one are the same") from None
        total = await _count(storage)
        files = size = 0
        while True:
            some = await _once_over(storage, tell, files, total)
            files, size = files + some.files, size + some.bytes
            # What was hidden or shown meanwhile is at another place: look again until nothing comes any more.
            if some.files == 0 or some.failures:
                return Moved(files, size, some.failures)


async def _once_over(storage: MovingStorage, tell: Tell, before: int, total: int) -> Moved:
    failures: dict[str, str] = {}

    async def carried(file: StoredFile) -> bool:
        try:
            return await storage.carry(file)
        except OSError as error:
            failures[file.key] = str(error)
            if len(failures) >= MOST_FAILURES:
                raise
            return False

    files = size = 0
    async for file, is_over in do_at_once(storage.former.listing(), carried):
        files, size = files + is_over, size + file.size * is_over
        tell(before + files, total)
    return Moved(files, size, failures)


async def _count(storage: MovingStorage) -> int:
    count = 0
    async for _ in storage.former.listing():
        count += 1
    return count


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Raises `Conflict` while another process of this machine moves files."""
    path = runtime().settings.data_dir / "media-move.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("Files are being moved already") from None
        yield
