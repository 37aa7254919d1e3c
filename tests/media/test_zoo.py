"""The generated zoo: colour spaces told in every way, odd shapes, files that are two things, files cut anywhere."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from PIL import Image, ImageCms, JpegImagePlugin

from media.colour_codes import ADOBE_GAMMA, ADOBE_RGB, profile_of_codes, profile_of_exponent
from media.errors import MediaError
from media.image import process_photo
from media.jpeg import bare_copy
from media.probe import Limits
from media.variants import ProcessedPhoto
from tests.media.zoo import (
    STORED_AS,
    as_srgb,
    assert_all_bare,
    camera_exif,
    colour_at,
    delta_e,
    difference,
    encoded,
    landscape,
    opened,
    png_chunk,
    png_header_only,
    quadrants,
    rgb_profile,
    stored,
)

pillow_heif.register_heif_opener()

MAX_DELTA_E = 3.0
"""CIE 1976, from the reference, of a plain patch that went through 8 bits and JPEG."""

PROPHOTO_D50 = ((0.79767, 0.28804, 0.00000), (0.13519, 0.71188, 0.00000), (0.03134, 0.00009, 0.82491))
P3_D50 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
BT2020_D50 = ((0.67348, 0.27904, -0.00194), (0.16566, 0.67534, 0.02998), (0.12505, 0.04561, 0.79685))
ADOBE_D50 = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
COLOURS = ((190, 90, 80), (90, 170, 100), (80, 90, 180), (128, 128, 128), (235, 220, 200))


def process(tmp_path: Path, data: bytes, limits: Limits | None = None) -> ProcessedPhoto:
    return process_photo(stored(tmp_path / "upload", data), tmp_path, limits)


def patches() -> Image.Image:
    image = Image.new("RGB", (64 * len(COLOURS), 64))
    for index, colour in enumerate(COLOURS):
        image.paste(colour, (64 * index, 0, 64 * (index + 1), 64))
    return image


def assert_patches(tmp_path: Path, data: bytes, expected: Callable[[tuple[int, int, int]], tuple[int, ...]]) -> None:
    photo = process(tmp_path, data)
    full = opened(tmp_path, photo.variant("full"))
    for index, colour in enumerate(COLOURS):
        seen = colour_at(full, (index + 0.5) / len(COLOURS), 0.5)
        assert delta_e(seen, expected(colour)) <= MAX_DELTA_E, (colour, seen, expected(colour))
    assert_all_bare(tmp_path, photo)


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """The PNG with more chunks behind its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def with_colour_codes(heif: bytes, primaries: int, transfer: int) -> bytes:
    at = heif.index(b"colrnclx") + 8
    return heif[:at] + struct.pack(">HH", primaries, transfer) + heif[at + 4 :]


def png_of_16_bits(image: Image.Image, colour_type: int) -> bytes:
    """The picture with 16 bits a channel, of which the lower eight are noise."""
    rows = b"".join(
        b"\0"
        + b"".join(bytes((value, (value * 7) & 0xFF)) for value in image.crop((0, y, image.width, y + 1)).tobytes())
        for y in range(image.height)
    )
    header = struct.pack(">IIBBBBB", *image.size, 16, colour_type, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", zlib.compress(rows)), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_of_every_orientation_comes_out_upright(tmp_path: Path, orientation: int) -> None:
    turn = STORED_AS[orientation]
    image = quadrants() if turn is None else quadrants().transpose(turn)
    # The encoder writes the orientation as `irot` and `imir`.
    photo = process(tmp_path, encoded(image, "HEIF", quality=95, exif=camera_exif(orientation).tobytes()))
    assert (photo.width, photo.height) == (96, 64)
    assert difference(opened(tmp_path, photo.variant("full")), quadrants()) < 6


@pytest.mark.parametrize(
    ("codes", "colorants"), [((12, 13), P3_D50), ((9, 13), BT2020_D50)], ids=["display-p3", "bt2020"]
)
def test_wide_gamut_told_by_numbers_is_seen(tmp_path: Path, codes: tuple[int, int], colorants: Any) -> None:
    png = with_chunks(encoded(patches(), "PNG"), png_chunk(b"cICP", bytes((*codes, 0, 1))))
    avif = encoded(patches(), "AVIF", quality=100, subsampling="4:4:4")
    heic = encoded(patches(), "HEIF", quality=100, chroma=444, save_nclx_profile=True)
    files = [png, with_colour_codes(avif, *codes), *([with_colour_codes(heic, *codes)] if b"colrnclx" in heic else [])]
    for data in files:
        assert_patches(tmp_path, data, lambda colour: as_srgb(colour, colorants, None))


def test_high_dynamic_range_keeps_its_tones_and_white_stays_below_clipping(tmp_path: Path) -> None:
    greys = Image.new("RGB", (160, 32))
    for index, value in enumerate((0, 60, 100, 148, 192)):  # PQ: 148 is 203 cd/m², 192 is 1000.
        greys.paste((value,) * 3, (32 * index, 0, 32 * (index + 1), 32))
    for transfer in (16, 18):
        data = with_chunks(encoded(greys, "PNG"), png_chunk(b"cICP", bytes((9, transfer, 0, 1))))
        full = opened(tmp_path, process(tmp_path, data).variant("full"))
        shown = [colour_at(full, (index + 0.5) / 5, 0.5)[1] for index in range(5)]
        assert shown == sorted(shown)
        assert len(set(shown)) == 5
        assert transfer == 18 or (215 <= shown[3] <= 235 and shown[4] >= 250)


def test_png_gamma_and_primaries_are_obeyed_and_nonsense_in_them_is_not(tmp_path: Path) -> None:
    png = encoded(patches(), "PNG")

    def gamma(value: float) -> bytes:
        return png_chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))

    def chrm(*values: float) -> bytes:
        return png_chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))

    adobe = chrm(0.3127, 0.3290, 0.640, 0.330, 0.210, 0.710, 0.150, 0.060)
    assert_patches(tmp_path, with_chunks(png, adobe, gamma(1 / 2.2)), lambda colour: as_srgb(colour, ADOBE_D50, 2.2))
    for ignored in (
        (gamma(1 / 2.2),),
        (gamma(0.0),),
        (chrm(0, 0, 0, 0, 0, 0, 0, 0), gamma(0.6)),
        (gamma(1.0), png_chunk(b"sRGB", b"\0")),
    ):
        assert_patches(tmp_path, with_chunks(png, *ignored), lambda colour: colour)


@pytest.mark.parametrize(("colorants", "gamma"), [(PROPHOTO_D50, 1.8), (ADOBE_D50, 2.2), (P3_D50, 2.2)])
def test_profiles_of_photographers_give_the_colours_they_mean(tmp_path: Path, colorants: Any, gamma: float) -> None:
    data = encoded(patches(), quality=100, subsampling="4:4:4", icc_profile=rgb_profile(colorants, gamma))
    assert_patches(tmp_path, data, lambda colour: as_srgb(colour, colorants, gamma))


def test_adobe_rgb_told_by_a_camera_without_a_profile_is_seen(tmp_path: Path) -> None:
    exif = camera_exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03", 2: b"0100"}
    data = encoded(patches(), quality=100, subsampling="4:4:4", exif=exif)
    assert_patches(tmp_path, data, lambda colour: as_srgb(colour, ADOBE_D50, 2.2))


def test_profiles_made_from_numbers_are_what_the_colour_engine_makes(tmp_path: Path) -> None:
    made = profile_of_codes((12, 13))
    assert made is not None
    assert profile_of_codes((1, 13)) is None
    assert profile_of_codes((2, 2)) is None
    for profile in (made, profile_of_exponent(ADOBE_RGB, ADOBE_GAMMA)):
        ImageCms.getOpenProfile(io.BytesIO(profile))
    white = Image.new("RGB", (8, 8), "white")
    for profile in (made, profile_of_exponent(ADOBE_RGB, ADOBE_GAMMA)):
        data = encoded(white, "PNG", icc_profile=profile)
        full = opened(tmp_path, process(tmp_path, data).variant("full"))
        assert min(colour_at(full, 0.5, 0.5)) >= 254


def test_sixteen_bits_and_grey_with_alpha_and_grey_profiles(tmp_path: Path) -> None:
    image = landscape(96, 64)
    expected = {2: image, 0: image.convert("L").convert("RGB")}
    for colour_type, wanted in expected.items():
        source = image if colour_type == 2 else image.convert("L")
        full = opened(tmp_path, process(tmp_path, png_of_16_bits(source, colour_type)).variant("full"))
        assert difference(full, wanted) < 6
    grey = image.convert("L")
    alpha = Image.linear_gradient("L").resize(image.size)
    for data in (
        encoded(Image.merge("LA", (grey, alpha)), "PNG"),
        png_of_16_bits(Image.merge("LA", (grey, alpha)), 4),
        encoded(Image.merge("RGBA", (*image.split(), alpha)), "WEBP", lossless=True),
    ):
        full = opened(tmp_path, process(tmp_path, data).variant("full"))
        assert full.mode == "RGBA"
        assert difference(full.getchannel("A").convert("RGB"), alpha.convert("RGB")) < 2
    lightness = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (lightness, b"", bytes(4)):
        data = encoded(grey, quality=95, icc_profile=profile)
        assert difference(opened(tmp_path, process(tmp_path, data).variant("full")), grey) < 5


def test_cmyk_is_read_inverted_with_and_without_adobes_marker(tmp_path: Path) -> None:
    """Photoshop stores inks inverted, so everybody does, and browsers take it for granted."""
    image = patches()
    adobe = encoded(image.convert("CMYK"), quality=100, subsampling="4:4:4")
    at = adobe.index(b"\xff\xee")
    length = int.from_bytes(adobe[at + 2 : at + 4], "big")
    assert adobe[at + 4 : at + 9] == b"Adobe"
    assert_patches(tmp_path, adobe, lambda colour: colour)
    assert_patches(tmp_path, adobe[:at] + adobe[at + 2 + length :], lambda colour: colour)


FORMATS: dict[str, dict[str, Any]] = {"JPEG": {}, "PNG": {}, "WEBP": {}, "GIF": {}, "AVIF": {}, "HEIF": {}}


@pytest.mark.parametrize("format", [*FORMATS, "PROGRESSIVE"])
def test_a_file_cut_anywhere_is_refused_or_shown(tmp_path: Path, format: str) -> None:
    options = {"progressive": True} if format == "PROGRESSIVE" else {}
    name = "JPEG" if options else format
    data = encoded(landscape(160, 120), name, **options)
    cuts = {*range(0, 64, 7), *(len(data) * share // 12 for share in range(12)), len(data) - 1, len(data) - 2}
    for cut in sorted(cuts):
        try:
            photo = process(tmp_path, data[:cut])
        except MediaError as refusal:
            assert refusal.reason
        else:
            assert_all_bare(tmp_path, photo)


def test_files_that_are_two_things_become_one(tmp_path: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as parcel:
        parcel.writestr("payload.php", "<?php SECRET ?>")
    image = landscape(96, 64)
    php = b"<?php SECRET(); ?>"
    jpeg = encoded(image)
    comment = b"\xff\xfe" + struct.pack(">H", len(php) + 2) + php
    gif = bytearray(encoded(image, "GIF"))
    gif[6:8] = b"/*"  # GIF89a/*…: a width of 10799, and the beginning of a script
    html = png_chunk(b"tEXt", b"Comment\0<html><script>SECRET</script></html>")
    polyglots = {
        "JPEG and ZIP": jpeg + archive.getvalue(),
        "JPEG with PHP": jpeg[:2] + comment + jpeg[2:],
        "PNG with HTML": with_chunks(encoded(image, "PNG"), html) + b"<html>SECRET</html>",
        "GIF with JS": encoded(image, "GIF") + b"*/=1;SECRET();",
        "GIF that is JS": bytes(gif) + b"*/=1;SECRET();",
        "WebP with HTML": encoded(image, "WEBP") + b"<html>SECRET</html>",
    }
    for name, data in polyglots.items():
        try:
            photo = process(tmp_path, data)
        except MediaError:
            assert name == "GIF that is JS"
            continue
        assert_all_bare(tmp_path, photo)
        for variant in photo.variants:
            written = (tmp_path / variant.file_name).read_bytes()
            assert b"SECRET" not in written, name
            assert not zipfile.is_zipfile(tmp_path / variant.file_name)


def test_strips_bombs_and_nothings_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    limits = Limits(max_memory=64 * 1024**2)
    large = encoded(Image.new("RGB", (3000, 2000)), "WEBP")
    for data, chosen in (
        (b"", None),
        (encoded(Image.new("RGB", (1, 50_000)), "PNG"), None),
        (encoded(Image.new("RGB", (50_000, 1)), "PNG"), None),
        (png_header_only(15_000, 14_000), None),
        (large, limits),
        (b"BM" + bytes(100), None),
        (encoded(Image.new("RGB", (8, 8)), "TIFF"), None),
        (encoded(Image.new("RGB", (8, 8)), "BMP"), None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
    ):
        with pytest.raises(MediaError):
            process(tmp_path, data, chosen)
    assert process(tmp_path, large).width == 3000


def test_the_memory_of_large_pictures_stays_below_what_is_promised(tmp_path: Path) -> None:
    """A child process of its own, since the highest use of this one is not this test's."""
    sides = (4000, 3000)
    see_through = Image.new("RGBA", sides, (90, 120, 30, 128))
    for name, data in {
        "webp": encoded(see_through, "WEBP", quality=10, method=0),
        "png": encoded(see_through, "PNG", compress_level=1),
    }.items():
        source = stored(tmp_path / f"large.{name}", data)
        used = int(subprocess.check_output((sys.executable, "-c", _MEASURED, str(source), str(tmp_path))))
        assert used < 1024**3 * sides[0] * sides[1] / 56_000_000 + 120 * 1024**2, (name, used)


_MEASURED = """
import pathlib, re, sys
from media.image import process_photo
from media.jpeg import bare_copy
process_photo(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
print(int(re.search(r"VmHWM:\\s+([0-9]+)", pathlib.Path("/proc/self/status").read_text())[1]) * 1024)
"""


def test_a_jpeg_that_is_right_is_not_compressed_again(tmp_path: Path) -> None:
    image = landscape(640, 480)
    for options in ({}, {"progressive": True}, {"subsampling": "4:4:4", "exif": camera_exif(), "comment": "SECRET"}):
        data = encoded(image, quality=97, **options) + b"SECRET"
        photo = process(tmp_path, data)
        assert_all_bare(tmp_path, photo)
        full = photo.variant("full")
        assert opened(tmp_path, full).tobytes() == Image.open(io.BytesIO(data)).tobytes()
        assert b"SECRET" not in (tmp_path / full.file_name).read_bytes()
        assert abs(full.size - len(encoded(image, quality=97, **{**options, "exif": b"", "comment": b""}))) < 64


def test_a_jpeg_that_needs_work_or_does_something_unusual_is_encoded_anew(tmp_path: Path) -> None:
    image = landscape(640, 480)
    right = encoded(image, quality=97)
    many_scans = right.replace(right[right.index(b"\xff\xda") : -2], right[right.index(b"\xff\xda") : -2] * 40)
    sof = right.index(b"\xff\xc0")
    for name, data in {
        "turned": encoded(image, quality=97, exif=camera_exif(6)),
        "another colour space": encoded(image, quality=97, icc_profile=rgb_profile(P3_D50)),
        "grey": encoded(image.convert("L"), quality=97),
        "larger than is shown": encoded(landscape(4200, 400), quality=60),
        "RGB without a transform": encoded(image, quality=97, keep_rgb=True),
    }.items():
        written = (tmp_path / process(tmp_path, data).variant("full").file_name).read_bytes()
        assert written != bare_copy(data), name
        assert jpeg_quality_is_ours(written), name
    for strange in (many_scans, right[:-2], right[:sof] + right[sof + 19 :], right[:400], b"", b"\xff\xd8\xff"):
        assert bare_copy(strange) is None


def jpeg_quality_is_ours(data: bytes) -> bool:
    """Whether the tables are those of the quality that variants are made with."""
    ours = encoded(Image.new("RGB", (8, 8)), quality=85)
    one, other = (JpegImagePlugin.JpegImageFile(io.BytesIO(file)).quantization for file in (data, ours))
    return bool(one == other)
