"""Pictures that move: told from those that do not, made films with every frame for its time, bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from media.animations import animation_of
from media.errors import MediaError
from media.pool import MediaPool
from media.probe import Limits
from media.video.facts import FilmLimits
from media.video.studio import Studio, Wishes
from media.video.workers import probe_film
from tests.media.films import made
from tests.media.test_video import developed, plays_everywhere

COLOURS = ((220, 30, 30), (30, 200, 40), (40, 60, 230), (240, 220, 50))
TIMES = (100, 300, 0, 600)
LENGTH = 1.1
"""Of all of it in seconds: what is shown for no time is shown for a tenth of a second."""
FORMATS = ("gif", "webp", "png", "avif")


@pytest.fixture(scope="module")
async def studio() -> AsyncIterator[Studio]:
    pool = MediaPool(1, idle_seconds=600)
    yield Studio(pool, FilmLimits(), Limits())
    await pool.close()


def moving(path: Path, size: tuple[int, int] = (65, 48), mode: str = "RGB") -> Path:
    """Four frames, each of one colour; in RGBA transparent in the left half."""
    frames = [Image.new("RGB", size, colour) for colour in COLOURS]
    if mode == "RGBA":
        seen = Image.new("L", size, 255)
        seen.paste(0, (0, 0, size[0] // 2, size[1]))
        for frame in frames:
            frame.putalpha(seen)
    options = {"lossless": True} if path.suffix == ".webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=list(TIMES), loop=0, **options)
    return path


def shown(film: Path, at: tuple[int, int] = (50, 24)) -> list[tuple[int, ...]]:
    """The colour at a place of a film 64 pixels wide, twenty times a second."""
    every = ("-vf", "fps=20", "-pix_fmt", "rgb24", "-f", "rawvideo")
    pixels = made(film.parent / "pixels", "-i", str(film), *every).read_bytes()
    place = (at[1] * 64 + at[0]) * 3
    return [tuple(pixels[start + place : start + place + 3]) for start in range(0, len(pixels), 64 * 48 * 3)]


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= 14 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("ending", FORMATS)
async def test_an_animation_becomes_a_loop(studio: Studio, tmp_path: Path, ending: str) -> None:
    source = moving(tmp_path / f"sent.{ending}")
    told = animation_of(source)
    assert told is not None
    assert (told.frames, round(told.seconds, 2)) == (4, LENGTH)
    done = await developed(studio, source)
    plays_everywhere(done)
    assert (done.kind, done.facts.width, done.facts.height) == ("gifv", 64, 48)
    assert done.facts.seconds == pytest.approx(LENGTH, abs=0.05)
    colours = shown(done.file)
    for number, place in enumerate((0, 4, 9, 18)):
        assert near(colours[place], COLOURS[number]), place
    still = tmp_path / f"still.{ending}"
    Image.new("RGB", (65, 48), "teal").save(still)
    assert animation_of(still) is None


async def test_what_is_transparent_is_white_and_what_is_for_stills_is_not_shown(studio: Studio, tmp_path: Path) -> None:
    clear = await developed(studio, moving(tmp_path / "clear.webp", mode="RGBA"))
    assert near(shown(clear.file, (5, 5))[18], (255, 255, 255))
    assert near(shown(clear.file)[18], COLOURS[3])
    frames = [Image.new("RGB", (64, 48), colour) for colour in COLOURS[:3]]
    sent = tmp_path / "sent.png"
    frames[0].save(sent, save_all=True, append_images=frames[1:], duration=200, default_image=True)
    done = await developed(studio, sent)
    assert done.facts.seconds == pytest.approx(0.4, abs=0.05)
    assert near(shown(done.file)[0], COLOURS[1])


@pytest.mark.parametrize("ending", FORMATS)
async def test_a_damaged_animation_is_shown_as_far_as_it_goes_or_refused(
    studio: Studio, tmp_path: Path, ending: str
) -> None:
    whole = moving(tmp_path / f"whole.{ending}", (320, 240)).read_bytes()
    for share in (0.1, 0.5, 0.9):
        cut = tmp_path / f"cut.{ending}"
        cut.write_bytes(whole[: int(len(whole) * share)])
        try:
            plays_everywhere(await developed(studio, cut))
        except MediaError as refusal:
            assert refusal.reason.endswith(".")


async def test_too_much_is_refused_before_it_is_decoded(studio: Studio, tmp_path: Path) -> None:
    source = moving(tmp_path / "sent.webp")
    for limits, said in (
        (FilmLimits(max_frames=3), "too many frames"),
        (FilmLimits(max_animated_pixels=4 * 65 * 48 - 1), "too many frames"),
        (FilmLimits(max_seconds=1), "longer than"),
        (FilmLimits(max_pixels=1000), "megapixels"),
    ):
        with pytest.raises(MediaError, match=said):
            await probe_film(studio.pool, source, limits)
    # What says less of itself than it is, is stopped on the way.
    data = bytearray(moving(tmp_path / "liar.png").read_bytes())
    at = data.rindex(b"fcTL") + 4 + 20
    data[at : at + 4] = (60_000).to_bytes(2, "big") + (1).to_bytes(2, "big")
    (tmp_path / "liar.png").write_bytes(data)
    with pytest.raises(MediaError):
        await studio.develop(tmp_path / "liar.png", tmp_path, Wishes(), _nobody)


async def _nobody(_stage: str, _share: float) -> None:
    return None
