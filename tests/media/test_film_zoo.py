"""Films as nobody should send them come out right or are refused, and leave the workers as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from media.errors import MediaError
from media.pool import MediaPool
from media.probe import Limits
from media.video.facts import FilmLimits
from media.video.studio import Studio
from tests.media import film_zoo
from tests.media.films import made
from tests.media.test_video import developed, plays_everywhere


@pytest.fixture(scope="module")
async def studio() -> AsyncIterator[Studio]:
    pool = MediaPool(1, idle_seconds=600)
    yield Studio(pool, FilmLimits(max_seconds=90, max_bytes=32 * 1024 * 1024), Limits())
    await pool.close()


@pytest.mark.parametrize("name", film_zoo.CODECS)
async def test_odd_codecs_are_made_playable(studio: Studio, tmp_path: Path, name: str) -> None:
    done = await developed(studio, film_zoo.odd_codec(tmp_path, name))
    plays_everywhere(done)
    assert (done.kind, done.facts.audio_codec, done.facts.width, done.facts.height) == ("video", "aac", 160, 120)
    assert 0.9 <= done.facts.seconds <= 1.1
    assert done.facts.channels <= 2


async def test_headers_are_not_believed(studio: Studio, tmp_path: Path) -> None:
    for name, (source, is_right) in film_zoo.odd_headers(tmp_path).items():
        try:
            done = await developed(studio, source)
        except MediaError as refusal:
            assert not is_right, name
            assert refusal.reason.startswith("The film is longer than"), name
            continue
        assert is_right, name
        plays_everywhere(done)
        assert 0.9 <= done.facts.seconds <= 1.1, name


async def test_odd_contents_come_out_right_or_not_at_all(studio: Studio, tmp_path: Path) -> None:
    for name, (source, wanted) in film_zoo.odd_contents(tmp_path).items():
        if wanted is None:
            with pytest.raises(MediaError):
                await developed(studio, source)
            continue
        done = await developed(studio, source)
        plays_everywhere(done)
        assert (done.kind, done.facts.width, done.facts.height) == wanted, name
        assert b"Secret" not in done.file.read_bytes()
    (worker,) = studio.pool.worker_pids
    assert worker, "none of them ended or hung the worker"


@pytest.mark.parametrize("size", ["320x180", "1280x720"])
async def test_colours_stay_whatever_the_size(studio: Studio, tmp_path: Path, size: str) -> None:
    red = f"color=0xdc1e28:s={size}:d=0.4:r=5"
    for name, options in (("red.mov", ("-c:v", "qtrle", "-pix_fmt", "rgb24")), ("red.gif", ())):
        done = await developed(studio, made(tmp_path / name, "-f", "lavfi", "-i", red, *options))
        assert (done.facts.matrix, done.facts.transfer, done.facts.primaries) == (1, 1, 1)
        shot = made(tmp_path / "shot.png", "-i", str(done.file), "-frames:v", "1", "-pix_fmt", "rgb24")
        for path in (shot, done.file.parent / "feed.jpg"):
            with Image.open(path) as picture:
                seen = picture.getpixel((50, 50))
            assert isinstance(seen, tuple)
            assert all(abs(a - b) <= 6 for a, b in zip(seen, (0xDC, 0x1E, 0x28), strict=True)), (name, path.name)
