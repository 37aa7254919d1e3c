"""Worker processes that hang, die, swell or idle, and what their callers get."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PIL import Image

from media.drawn import draw_picture
from media.errors import MediaBusy, MediaError, MediaFailure
from media.pool import MediaPool
from media.probe import Limits
from tests.media.zoo import encoded, landscape, stored

ROOT = Path(__file__).resolve().parents[2]


@contextlib.asynccontextmanager
async def pool_of(workers: int = 1, **options: object) -> AsyncIterator[MediaPool]:
    pool = MediaPool(workers, **options)  # type: ignore[arg-type]
    try:
        yield pool
    finally:
        await pool.close()
        assert pool.worker_pids == []


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)


def photo_at(tmp_path: Path) -> Path:
    return stored(tmp_path / "upload", encoded(landscape(320, 240)))


def environment_of(pid: int) -> bytes:
    path = Path(f"/proc/{pid}/environ")
    return path.read_bytes() if path.exists() else b""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_worker_does_what_the_library_does(tmp_path: Path) -> None:
    async with pool_of() as pool:
        photo = await pool.process_photo(photo_at(tmp_path), tmp_path)
        assert (photo.width, photo.height) == (320, 240)
        assert Image.open(tmp_path / photo.variant("grid").file_name).size == (320, 240)
        avatar = await pool.process_avatar(photo_at(tmp_path), tmp_path)
        header = await pool.process_header(photo_at(tmp_path), tmp_path)
        assert (avatar.width, avatar.height, header.width, header.height) == (240, 240, 320, 107)
        assert len(pool.worker_pids) == 1


async def test_a_refusal_reaches_the_caller_as_it_was_said(tmp_path: Path) -> None:
    async with pool_of() as pool:
        with pytest.raises(MediaError, match="not a photograph we can read"):
            await pool.process_photo(stored(tmp_path / "upload", b"<html>"), tmp_path)
        with pytest.raises(MediaError, match=r"larger than 0\.01 megapixels"):
            await pool.process_photo(photo_at(tmp_path), tmp_path, Limits(max_pixels=10_000))
        assert len(pool.worker_pids) == 1


async def test_a_fault_of_the_server_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    async with pool_of() as pool:
        with pytest.raises(MediaFailure):
            await pool.process_photo(tmp_path / "absent", tmp_path)
        with pytest.raises(MediaFailure):
            await pool.process_photo(photo_at(tmp_path), tmp_path / "absent")
        assert (await pool.process_photo(photo_at(tmp_path), tmp_path)).frames == 1


async def test_no_worker_runs_before_the_first_picture_nor_long_after_the_last(tmp_path: Path) -> None:
    async with pool_of(2, idle_seconds=0.05) as pool:
        assert pool.worker_pids == []
        await pool.process_photo(photo_at(tmp_path), tmp_path)
        (pid,) = pool.worker_pids
        await until(lambda: pool.worker_pids == [])
        assert not alive(pid)
        await pool.process_photo(photo_at(tmp_path), tmp_path)


async def test_a_worker_is_replaced_after_its_share_of_work(tmp_path: Path) -> None:
    async with pool_of(jobs_per_worker=2) as pool:
        pids = set()
        for _ in range(5):
            await pool.process_photo(photo_at(tmp_path), tmp_path)
            pids |= set(pool.worker_pids)
        assert len(pids) >= 2


async def test_a_hanging_worker_is_killed_and_the_next_picture_is_served(tmp_path: Path) -> None:
    async with pool_of(time_limit=1.5) as pool:
        await pool.process_photo(photo_at(tmp_path), tmp_path)
        (pid,) = pool.worker_pids
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(MediaError, match="too long"):
            await pool.process_photo(photo_at(tmp_path), tmp_path)
        await until(lambda: not alive(pid))
        assert (await pool.process_photo(photo_at(tmp_path), tmp_path)).width == 320


async def test_a_picture_whose_worker_was_killed_is_tried_again(tmp_path: Path) -> None:
    async with pool_of() as pool:
        await pool.process_photo(photo_at(tmp_path), tmp_path)
        (pid,) = pool.worker_pids
        os.kill(pid, signal.SIGSTOP)
        job = asyncio.create_task(pool.process_photo(photo_at(tmp_path), tmp_path))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        assert (await job).width == 320
        assert pid not in pool.worker_pids


async def test_an_idle_worker_that_died_is_not_given_work(tmp_path: Path) -> None:
    async with pool_of() as pool:
        await pool.process_photo(photo_at(tmp_path), tmp_path)
        os.kill(pool.worker_pids[0], signal.SIGKILL)
        assert (await pool.process_photo(photo_at(tmp_path), tmp_path)).width == 320


async def test_too_many_waiting_pictures_are_turned_away(tmp_path: Path) -> None:
    async with pool_of(max_waiting=2) as pool:
        source = photo_at(tmp_path)
        folders = [tmp_path / str(index) for index in range(3)]
        for folder in folders:
            folder.mkdir()
        jobs = [asyncio.create_task(pool.process_photo(source, folder)) for folder in folders]
        await until(lambda: pool.waiting == 2)
        with pytest.raises(MediaBusy):
            await pool.process_photo(source, tmp_path)
        assert [photo.width for photo in await asyncio.gather(*jobs)] == [320, 320, 320]


async def test_a_picture_that_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    source = stored(tmp_path / "upload", encoded(Image.new("RGB", (9000, 9000)), "PNG"))
    async with pool_of(memory_limit=350 * 1024**2) as pool:
        with pytest.raises(MediaError, match="more memory"):
            await pool.process_photo(source, tmp_path)
        assert (await pool.process_photo(photo_at(tmp_path), tmp_path)).width == 320


async def test_a_caller_who_gives_up_frees_the_worker(tmp_path: Path) -> None:
    async with pool_of() as pool:
        await pool.process_photo(photo_at(tmp_path), tmp_path)
        (pid,) = pool.worker_pids
        os.kill(pid, signal.SIGSTOP)
        job = asyncio.create_task(pool.process_photo(photo_at(tmp_path), tmp_path))
        await asyncio.sleep(0)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        await until(lambda: not alive(pid))
        assert (await pool.process_photo(photo_at(tmp_path), tmp_path)).width == 320


async def test_closing_the_pool_ends_the_work_and_turns_away_new_work(tmp_path: Path) -> None:
    pool = MediaPool()
    await pool.process_photo(photo_at(tmp_path), tmp_path)
    (pid,) = pool.worker_pids
    await pool.close()
    assert not alive(pid)
    with pytest.raises(MediaBusy):
        await pool.process_photo(photo_at(tmp_path), tmp_path)


async def test_a_worker_has_a_low_priority_and_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELIOGRAPH_SECRET_KEY", "do not tell")
    async with pool_of() as pool:
        await pool.process_photo(photo_at(tmp_path), tmp_path)
        (pid,) = pool.worker_pids
        assert os.getpriority(os.PRIO_PROCESS, pid) >= 10
        assert b"do not tell" not in environment_of(pid)


async def test_a_worker_ends_when_its_server_is_killed(tmp_path: Path) -> None:
    source = photo_at(tmp_path)
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from media.pool import MediaPool\n"
        "async def main():\n"
        "    pool = MediaPool()\n"
        f"    await pool.process_photo(Path({str(source)!r}), Path({str(tmp_path)!r}))\n"
        "    print(pool.worker_pids[0], 'PIL' in sys.modules, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    server = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=ROOT, stdout=subprocess.PIPE)
    assert server.stdout is not None
    pid, knows_pillow = (await server.stdout.readline()).split()
    assert knows_pillow == b"False", "the server process paid for an image library"
    server.kill()
    await server.wait()
    await until(lambda: not alive(int(pid)))


def test_a_drawn_picture_is_the_same_for_the_same_seed() -> None:
    one = draw_picture("a", 400, 300)
    assert one == draw_picture("a", 400, 300)
    assert one != draw_picture("b", 400, 300)
    assert one.startswith(b"\xff\xd8")
