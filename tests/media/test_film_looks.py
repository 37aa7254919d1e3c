"""Filters and tone on films look as on photographs."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from media.edits.development import apply
from media.edits.recipe import Recipe
from media.pool import MediaPool
from media.probe import Limits
from media.video.facts import FilmEdits, FilmLimits
from media.video.studio import Studio, Wishes
from tests.media.films import made

LARGEST_MEAN = 1.5
LARGEST = 4.0
"""ΔE (CIE 1976) between the film and the photograph; H.264 at its usual quality and 8 bits of BT.709 are within it."""


@pytest.fixture(scope="module")
async def studio() -> AsyncIterator[Studio]:
    pool = MediaPool(1, idle_seconds=600)
    yield Studio(pool, FilmLimits(), Limits())
    await pool.close()


def patches(path: Path, size: tuple[int, int]) -> Path:
    """Even squares of many colours, dark corners and bright ones."""
    small = Image.new("RGB", (8, 6))
    small.putdata([(x * 36, y * 51, (x * 97 + y * 61) % 256) for y in range(6) for x in range(8)])
    small.resize(size, Image.Resampling.NEAREST).save(path)
    return path


def frame_of(film: Path, picture: Path) -> Image.Image:
    """The first frame, as its tags say."""
    matrix = "scale=in_color_matrix=bt709:flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24"
    with Image.open(made(picture, "-i", str(film), "-frames:v", "1", "-vf", matrix)) as image:
        return image.convert("RGB")


def differences(one: Image.Image, other: Image.Image) -> list[float]:
    """ΔE of the middle of each square."""
    lab = ImageCms.createProfile("LAB")
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), lab, "RGB", "LAB")
    seen = []
    for image in (one, other):
        middles = image.reduce(4)
        width, height = middles.width / 8, middles.height / 6
        cut = Image.new("RGB", (8, 6))
        for y in range(6):
            for x in range(8):
                cut.putpixel((x, y), middles.getpixel((int((x + 0.5) * width), int((y + 0.5) * height))))
        image_lab = ImageCms.applyTransform(cut, to_lab)
        assert image_lab is not None
        light, a, b = (channel.tobytes() for channel in image_lab.split())
        seen.append([(lit * 100 / 255, u - 128, v - 128) for lit, u, v in zip(light, a, b, strict=True)])
    return [math.dist(first, second) for first, second in zip(*seen, strict=True)]


@pytest.mark.parametrize(
    ("recipe", "size"),
    [
        (Recipe(), (640, 480)),
        (Recipe(filter="postcard"), (640, 480)),
        (Recipe(filter="ember", filter_strength=0.6, vignette=0.7), (1280, 720)),
        (Recipe(brightness=0.3, contrast=0.4, saturation=-0.4, warmth=0.5, highlights=-0.6, shadows=0.5), (640, 480)),
        (Recipe(vignette=1.0), (480, 640)),
    ],
)
async def test_a_filtered_film_looks_like_the_filtered_photograph(
    studio: Studio, tmp_path: Path, recipe: Recipe, size: tuple[int, int]
) -> None:
    drawn = patches(tmp_path / "drawn.png", size)
    matrix = "bt709" if size[1] >= 720 else "bt601"
    options = ("-vf", f"scale=out_color_matrix={matrix},format=yuv420p", "-c:v", "libx264", "-crf", "5")
    untagged = ("-bsf:v", "h264_metadata=matrix_coefficients=2")
    sent = made(
        tmp_path / "sent.mkv", "-loop", "1", "-framerate", "5", "-t", "1", "-i", str(drawn), *options, *untagged
    )
    folder = tmp_path / "made"
    folder.mkdir()

    async def nobody(_stage: str, _share: float) -> None:
        return None

    done = await studio.develop(sent, folder, Wishes(FilmEdits(recipe=recipe)), nobody)
    assert (done.facts.width, done.facts.height, round(done.facts.seconds, 1)) == (*size, 1.0)
    if recipe.is_idle:
        return
    assert done.facts.matrix == 1
    with Image.open(drawn) as photograph:
        wanted = apply(photograph.convert("RGB"), recipe)
    off = differences(frame_of(done.file, tmp_path / "seen.png"), wanted)
    assert sum(off) / len(off) < LARGEST_MEAN
    assert max(off) < LARGEST
