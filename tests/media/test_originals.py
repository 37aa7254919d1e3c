"""What others may have of an original: the same pixels, and nothing written in it that they are not to know."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import msgspec
import pillow_heif
import pytest
from PIL import Image, ImageChops

from media.bare_files import bare_png, bare_webp
from media.drawn import draw_landscape
from media.edits.options import OriginalOptions
from media.edits.recipe import Crop, Recipe
from media.originals import original_view
from media.probe import Limits
from media.variants import Variant
from tests.media.zoo import DISPLAY_P3_D50, camera_exif, encoded, rgb_profile, stored

pillow_heif.register_heif_opener()

PROFILE = rgb_profile(DISPLAY_P3_D50)

FACTS = {"make": "Heliocam", "exposure_time": 0.004, "f_number": 2.8, "iso": 400}


def viewed(folder: Path, data: bytes, recipe: Recipe | None = None, **facts: Any) -> tuple[bytes, Variant]:
    options = msgspec.msgpack.encode(OriginalOptions(recipe or Recipe(), facts))
    done = original_view(stored(folder / "sent", data), folder, Limits(), options)
    made = msgspec.msgpack.decode(done, type=Variant)
    found = (folder / made.file_name).read_bytes()
    with Image.open(io.BytesIO(found)) as image:
        assert Image.MIME[str(image.format)] == made.media_type
    assert b"SECRET" not in found
    assert b"Heliocam" not in found or facts
    return found, made


@pytest.mark.parametrize(
    ("format_", "options"),
    [
        ("JPEG", {"quality": 97, "subsampling": "4:4:4", "comment": "SECRET"}),
        ("PNG", {}),
        ("WEBP", {"lossless": True, "xmp": b"SECRET"}),
        ("WEBP", {"quality": 90, "xmp": b"SECRET"}),
    ],
)
def test_a_file_is_copied_pixel_for_pixel_with_its_colours_and_without_the_rest(
    tmp_path: Path, format_: str, options: dict[str, Any]
) -> None:
    image = draw_landscape(3, 321, 241)
    data = encoded(image, format_, exif=camera_exif(), icc_profile=PROFILE, **options) + b"SECRET"
    found, made = viewed(tmp_path, data)
    before, after = Image.open(io.BytesIO(data)), Image.open(io.BytesIO(found))
    assert ImageChops.difference(before.convert("RGB"), after.convert("RGB")).getbbox() is None
    assert after.info["icc_profile"] == PROFILE
    assert not after.getexif()
    assert (made.width, made.height) == (321, 241)


def test_a_turned_jpeg_says_so_and_the_facts_that_are_shown(tmp_path: Path) -> None:
    data = encoded(draw_landscape(3, 320, 240), "JPEG", exif=camera_exif(6))
    found, made = viewed(tmp_path, data, **FACTS)
    shown = Image.open(io.BytesIO(found))
    details = shown.getexif().get_ifd(0x8769)
    assert (made.width, made.height, shown.getexif()[0x0112]) == (240, 320, 6)
    assert shown.getexif()[0x010F] == "Heliocam"
    assert (float(details[0x829A]), float(details[0x829D]), details[0x8827]) == (0.004, 2.8, 400)
    assert set(details) == {0x829A, 0x829D, 0x8827}
    assert not shown.getexif().get_ifd(0x8825)


def test_what_browsers_do_not_show_or_the_owner_changed_is_made_anew_in_full_size(tmp_path: Path) -> None:
    image = draw_landscape(3, 5000, 300)
    _, heic = viewed(tmp_path, encoded(image, "HEIF", quality=90, exif=camera_exif().tobytes()))
    assert (heic.media_type, heic.width, heic.height) == ("image/jpeg", 5000, 300)
    turned, made = viewed(tmp_path, encoded(image, "PNG", exif=camera_exif(3)))
    assert (made.media_type, Image.open(io.BytesIO(turned)).getexif().get(0x0112)) == ("image/jpeg", None)
    recipe = Recipe(crop=Crop(0, 0, 0.9, 1), saturation=-1)
    grey, edited = viewed(tmp_path, encoded(image, "JPEG", quality=95), recipe)
    assert (edited.width, edited.height) == (4500, 300)
    colours = Image.open(io.BytesIO(grey)).convert("HSV").getchannel("S").resize((1, 1), Image.Resampling.BOX)
    assert colours.getpixel((0, 0)) <= 8
    clear = image.resize((50, 40)).convert("RGBA")
    clear.putalpha(100)
    _, kept = viewed(tmp_path, encoded(clear, "GIF"))
    assert kept.media_type in ("image/png", "image/jpeg")


@pytest.mark.parametrize("format_", ["PNG", "WEBP"])
def test_a_damaged_file_is_not_copied(tmp_path: Path, format_: str) -> None:
    data = encoded(draw_landscape(3, 120, 90), format_)
    copy = {"PNG": bare_png, "WEBP": bare_webp}[format_]
    whole = copy(data)
    assert whole is not None
    assert copy(whole) == whole
    for length in range(0, len(data) - 2, max(1, len(data) // 60)):
        assert copy(data[:length]) is None
