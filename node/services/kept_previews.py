"""Small pictures for editors, and films fetched for them, in a folder of this machine for as long as they are used."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from media.errors import MediaBusy
from node.runtime import runtime
from node.scratch import scratch_folder

KEPT_SECONDS: Final = 600.0
MOST_KEPT: Final = 64
MOST_FILMS: Final = 4
FILM: Final = ".film"
MADE_AT_A_TIME: Final = 2
MOST_WAITING: Final = 64

Make = Callable[[Path], Awaitable[Path]]
"""Makes a file within the folder it is given."""


class _Turns:
    """Who makes something in this event loop, and who waits to."""

    def __init__(self) -> None:
        self.places = asyncio.Semaphore(MADE_AT_A_TIME)
        self.waiting = 0


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, _Turns] = WeakKeyDictionary()


async def kept(name: str, make: Make, *, ending: str = "") -> Path:
    """The file of that name, made unless it is there. Raises MediaBusy when too many wait, and what `make` raises."""
    path = _folder() / f"{hashlib.sha256(name.encode()).hexdigest()}{ending}"
    if await asyncio.to_thread(_is_kept, path):
        return path
    turns = _turns.setdefault(asyncio.get_running_loop(), _Turns())
    if turns.waiting >= MOST_WAITING:
        raise MediaBusy
    turns.waiting += 1
    try:
        async with turns.places:
            # Many ask for the same when somebody looks at all filters.
            if not await asyncio.to_thread(_is_kept, path):
                async with scratch_folder() as folder:
                    await asyncio.to_thread(_keep, await make(folder), path)
    finally:
        turns.waiting -= 1
    return path


async def local(key: str, *, ending: str = "") -> Path:
    """A stored file on this machine's disk, fetched unless it lies here. Raises FileMissing, and as `kept` does."""
    storage = runtime().storage
    place = await storage.place_of(key)
    here = storage.local_path(place)
    if here is not None:
        return here

    async def fetch(folder: Path) -> Path:
        await storage.fetch(place, folder / "fetched")
        return folder / "fetched"

    return await kept(key, fetch, ending=ending)


async def forget_unused() -> int:
    """Remove what nobody has looked at for a while, and the oldest of too many; periodic. Returns how many went."""
    return await asyncio.to_thread(_forget, _folder())


def _folder() -> Path:
    return runtime().settings.data_dir / "previews"


def _is_kept(path: Path) -> bool:
    """Whether it is there; it then stays for another while."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _keep(source: Path, kept_as: Path) -> None:
    kept_as.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept_as.with_suffix(f".{os.getpid()}.{time.monotonic_ns()}")
    shutil.copyfile(source, unfinished)
    unfinished.replace(kept_as)


def _forget(folder: Path) -> int:
    found = []
    for path in folder.glob("*") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            found.append((path.stat().st_mtime, path))
    found.sort(reverse=True)
    too_old = time.time() - KEPT_SECONDS
    gone, films = 0, 0
    for place, (used_at, path) in enumerate(found):
        films += path.suffix == FILM
        is_too_many = place >= MOST_KEPT or (path.suffix == FILM and films > MOST_FILMS)
        if is_too_many or used_at < too_old:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
