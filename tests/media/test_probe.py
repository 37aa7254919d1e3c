"""What a file is, by content; refusals are sentences; no file makes anything but a MediaError."""

from __future__ import annotations

import random
from pathlib import Path

import pillow_heif
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from media.errors import MediaError
from media.image import process_photo
from media.probe import Limits, MediaKind, probe
from tests.media.zoo import camera_exif, encoded, landscape, png_header_only, quadrants, stored

pillow_heif.register_heif_opener()

FORMATS = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "HEIF": "image/heic",
    "AVIF": "image/avif",
}


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(MediaError) as refused:
        probe(data, limits)
    return refused.value.reason


@pytest.mark.parametrize("format", FORMATS)
def test_a_photograph_is_known_by_its_content(tmp_path: Path, format: str) -> None:
    data = encoded(quadrants(), format)
    found = probe(stored(tmp_path / "page.html", data))
    assert (found.kind, found.media_type) == (MediaKind.PHOTO, FORMATS[format])
    assert (found.width, found.height, found.frames, found.size) == (96, 64, 1, len(data))
    assert probe(data) == found


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 70}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_every_webp_container_tells_its_size(options: dict[str, object]) -> None:
    found = probe(encoded(quadrants(), "WEBP", **options))
    assert (found.width, found.height) == (96, 64)


@pytest.mark.parametrize(
    "data",
    [
        b"<!doctype html><script>alert(1)</script>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"%PDF-1.7",
        b"BM" + bytes(100),
        b"II*\0" + bytes(100),
        b"8BPS\0\1" + bytes(100),
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"P6 9 9 255 " + bytes(300),
        bytes(1000),
    ],
)
def test_other_kinds_of_file_are_refused_whatever_they_are_called(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(MediaError, match="not a photograph we can read"):
        process_photo(stored(tmp_path / "photo.jpg", data), tmp_path)


def test_a_refusal_says_what_is_wrong() -> None:
    assert refusal(b"") == "The file is empty."
    assert refusal(b"\0\0\0\x18ftypisom" + bytes(12)) == "The file is a video or a recording, not a photograph."
    assert refusal(png_header_only(50000, 50000)) == "The picture is larger than 100 megapixels."
    assert refusal(png_header_only(1, 50000)) == "The picture is wider or higher than 20000 pixels."
    assert refusal(png_header_only(10, 10000)).startswith("The picture is too narrow")
    assert refusal(bytes(2_000_000), Limits(max_bytes=1_048_576)) == "The file is larger than 1 MB."
    assert refusal(png_header_only(0, 5)) == "The picture is damaged and cannot be read."


@pytest.mark.parametrize("format", FORMATS)
def test_limits_hold_for_every_format_before_decoding(tmp_path: Path, format: str) -> None:
    data = encoded(landscape(400, 300), format)
    assert refusal(data, Limits(max_pixels=100_000)) == "The picture is larger than 0.1 megapixels."
    assert refusal(data, Limits(max_dimension=399)) == "The picture is wider or higher than 399 pixels."
    with pytest.raises(MediaError):
        process_photo(stored(tmp_path / "upload", data), tmp_path, Limits(max_pixels=100_000))
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_a_gif_frame_larger_than_its_screen_counts() -> None:
    data = bytearray(encoded(quadrants(), "GIF"))
    data[6:10] = b"\x01\0\x01\0"
    assert (probe(bytes(data)).width, probe(bytes(data)).height) == (96, 64)


def test_a_jpeg_that_lies_about_its_size_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = bytearray(encoded(quadrants()))
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(MediaError, match="larger than 100 megapixels"):
        process_photo(stored(tmp_path / "upload", bytes(data)), tmp_path)


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_cut_anywhere_is_refused_or_repaired(tmp_path: Path, format: str) -> None:
    data = encoded(landscape(320, 240), format, **({"exif": camera_exif()} if format != "GIF" else {}))
    for length in [1, 3, 11, 12, 15, 20, 40, *range(60, len(data), max(1, len(data) // 40))]:
        source = stored(tmp_path / "upload", data[:length])
        try:
            photo = process_photo(source, tmp_path)
        except MediaError as refused:
            assert refused.reason.endswith(".")
        else:
            assert photo.variant("grid").width > 0


@pytest.mark.parametrize("format", FORMATS)
def test_flipped_bytes_never_make_anything_but_a_refusal(tmp_path: Path, format: str) -> None:
    chance = random.Random(f"flips {format}")
    original = encoded(landscape(160, 120), format, **({"exif": camera_exif(5)} if format != "GIF" else {}))
    outcomes = set()
    for _ in range(120):
        data = bytearray(original)
        span = len(data) if chance.random() < 0.5 else min(len(data), 600)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(span)] = chance.randrange(256)
        outcomes.add(outcome(tmp_path, bytes(data)))
    assert "refused" in outcomes


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    magic=st.sampled_from(
        [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x40\0\0\0WEBPVP8X", b"\0\0\0\x14ftypheic", b""]
    ),
    rest=st.binary(max_size=300),
)
def test_noise_behind_a_magic_number_is_refused(tmp_path: Path, magic: bytes, rest: bytes) -> None:
    assert outcome(tmp_path, magic + rest) in ("refused", "shown")


def outcome(tmp_path: Path, data: bytes) -> str:
    limits = Limits(max_pixels=4_000_000)
    try:
        photo = process_photo(stored(tmp_path / "upload", data), tmp_path, limits)
    except MediaError:
        return "refused"
    for variant in photo.variants:
        assert Image.open(tmp_path / variant.file_name).size == (variant.width, variant.height)
    return "shown"
