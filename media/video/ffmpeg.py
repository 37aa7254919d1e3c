"""ffmpeg in a child process of its own: bounded, followed, cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from media.errors import MediaError, MediaFailure

_IMPORT_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")
_SAID: Final = 4096
_LONGEST_LINE: Final = 65_536
_QUIET: Final = ("-hide_banner", "-nostdin", "-loglevel", "error", "-progress", "pipe:1", "-stats_period", "0.5", "-y")
_OUR_FAULTS: Final = (
    "No space left on device",
    "Disk quota exceeded",
    "Unknown encoder",
    "No such filter",
    "Unrecognized option",
)
_ENDED_FROM_OUTSIDE: Final = (-2, -9, -15)
_SIGNALLED: Final = 255
"""What ffmpeg answers when it ends upon a signal, having said nothing."""

TOO_SLOW: Final = "The film takes too long to be worked on."
UNREADABLE: Final = "The film is damaged and cannot be read."

Progress = Callable[[float], Awaitable[None]]
"""Is told how many seconds of the result there are; what it raises ends the child and is passed on."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one run of ffmpeg may take: bytes of address space and of one file, seconds by the clock, threads (each
    may use the processor all that time)."""

    memory_bytes: int = 4 * 1024**3
    file_bytes: int = 1024**3
    seconds: float = 3600.0
    threads: int = 2
    niceness: int = 15


@cache
def program() -> str:
    """Where ffmpeg is: the one in PATH, else the one that comes with the installation. Raises MediaFailure."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError) as problem:
        raise MediaFailure("there is no ffmpeg: install it, or imageio-ffmpeg with its binary") from problem


async def has_filters(*names: str) -> bool:
    """Whether this ffmpeg knows all these filters."""
    known = await _filters()
    return all(name in known for name in names)


_known: dict[str, frozenset[str]] = {}


async def _filters() -> frozenset[str]:
    path = program()
    if path not in _known:
        process = await asyncio.create_subprocess_exec(
            path,
            "-hide_banner",
            "-filters",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        listed, _ = await process.communicate()
        lines = (line.split() for line in listed.decode(errors="replace").splitlines())
        _known[path] = frozenset(words[1] for words in lines if len(words) > 2)
    return _known[path]


async def run(arguments: Sequence[str], folder: Path, bounds: Bounds, progress: Progress | None = None) -> None:
    """Run ffmpeg with these arguments in `folder`. Ends with it, and it ends with the caller's task.

    Raises MediaError when the film cannot be worked on or takes too long, MediaFailure when the server is at fault.
    """
    process = await _start(arguments, folder, bounds)
    complaints = asyncio.create_task(_last_words(process))
    try:
        async with asyncio.timeout(bounds.seconds):
            await _follow(process, progress)
            status = await process.wait()
    except TimeoutError:
        raise MediaError(TOO_SLOW) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
        said = await complaints
    if status != 0:
        raise _refusal(status, said)


async def _start(arguments: Sequence[str], folder: Path, bounds: Bounds) -> Process:
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    environment |= {"PYTHONPATH": str(_IMPORT_ROOT), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
    limits = (bounds.niceness, bounds.memory_bytes, int(bounds.seconds * bounds.threads), bounds.file_bytes)
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "media.video.child", *map(str, limits), program(), *_QUIET, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
            cwd=folder,
            start_new_session=True,
            limit=_LONGEST_LINE,
        )
    except OSError as problem:
        raise MediaFailure(f"ffmpeg does not start: {problem}") from problem


async def _follow(process: Process, progress: Progress | None) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        name, _, value = line.strip().partition(b"=")
        if progress is not None and name == b"out_time_us" and value.isdigit():
            await progress(int(value) / 1_000_000)


async def _last_words(process: Process) -> str:
    assert process.stderr is not None
    said = b""
    while chunk := await process.stderr.read(_SAID):
        said = (said + chunk)[-_SAID:]
    return said.decode(errors="replace")


def _refusal(status: int, said: str) -> MediaError | MediaFailure:
    if any(fault in said for fault in _OUR_FAULTS):
        return MediaFailure(f"ffmpeg: {said.strip()[-300:]}")
    if status in _ENDED_FROM_OUTSIDE or (status == _SIGNALLED and not said.strip()):
        return MediaFailure("ffmpeg was ended from outside")
    error = MediaError(TOO_SLOW if status == -24 else UNREADABLE)  # SIGXCPU
    error.add_note(said.strip()[-300:])
    return error
