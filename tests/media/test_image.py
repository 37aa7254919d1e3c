"""What becomes of photographs: upright, in sRGB, in three sizes, without anything else."""

from __future__ import annotations

import hashlib
import zipfile
from io import BytesIO
from pathlib import Path

import blurhash as reference_blurhash
import pillow_heif
import pytest
from PIL import Image, PngImagePlugin

from media.errors import MediaError
from media.image import process_avatar, process_header, process_photo
from media.placeholder import blurhash
from media.probe import Limits
from media.variants import Location, ProcessedPhoto
from tests.media.zoo import (
    ADOBE_RGB_D50,
    DISPLAY_P3_D50,
    STORED_AS,
    as_srgb,
    assert_all_bare,
    assert_bare,
    camera_exif,
    colour_at,
    difference,
    encoded,
    landscape,
    opened,
    quadrants,
    rgb_profile,
    stored,
    turned_heic,
)

pillow_heif.register_heif_opener()


def process(tmp_path: Path, data: bytes, limits: Limits | None = None) -> ProcessedPhoto:
    return process_photo(stored(tmp_path / "upload", data), tmp_path, limits)


def full(tmp_path: Path, photo: ProcessedPhoto) -> Image.Image:
    return opened(tmp_path, photo.variant("full"))


def assert_upright_quadrants(image: Image.Image) -> None:
    assert image.width > image.height
    for (across, down), colour in {
        (0.25, 0.25): (220, 20, 20),
        (0.75, 0.25): (20, 200, 20),
        (0.75, 0.75): (20, 20, 220),
        (0.25, 0.75): (255, 255, 255),
    }.items():
        assert all(abs(a - b) < 12 for a, b in zip(colour_at(image, across, down), colour, strict=True))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_of_every_exif_orientation_comes_out_upright(tmp_path: Path, format: str, orientation: int) -> None:
    image = quadrants()
    turn = STORED_AS[orientation]
    turned = image if turn is None else image.transpose(turn)
    photo = process(tmp_path, encoded(turned, format, exif=camera_exif(orientation)))
    assert (photo.width, photo.height) == (96, 64)
    for variant in photo.variants:
        assert_upright_quadrants(opened(tmp_path, variant))
    assert_all_bare(tmp_path, photo)


@pytest.mark.parametrize("quarter_turns", range(4))
@pytest.mark.parametrize("exif_orientation", [1, 6])
def test_a_heic_is_turned_by_irot_once_and_by_exif_never(
    tmp_path: Path, quarter_turns: int, exif_orientation: int
) -> None:
    image = quadrants()
    image = image.rotate(-90 * quarter_turns, expand=True) if quarter_turns else image
    photo = process(tmp_path, turned_heic(image, quarter_turns, exif_orientation))
    assert photo.media_type == "image/heic"
    assert (photo.width, photo.height) == (96, 64)
    assert_upright_quadrants(full(tmp_path, photo))


def test_variants_fit_their_boxes_and_nothing_is_enlarged(tmp_path: Path) -> None:
    photo = process(tmp_path, encoded(landscape(5000, 2500), quality=80))
    sizes = [(variant.name, variant.width, variant.height) for variant in photo.variants]
    assert sizes == [("grid", 400, 200), ("feed", 1080, 540), ("full", 4096, 2048)]
    assert (photo.width, photo.height) == (5000, 2500)
    small = process(tmp_path, encoded(landscape(50, 30)))
    assert {(variant.width, variant.height) for variant in small.variants} == {(50, 30)}


def test_a_variant_describes_the_file_that_was_written(tmp_path: Path) -> None:
    photo = process(tmp_path, encoded(landscape()))
    for variant in photo.variants:
        data = (tmp_path / variant.file_name).read_bytes()
        assert variant.sha256 == hashlib.sha256(data).hexdigest()
        assert variant.size == len(data)
        assert Image.open(BytesIO(data)).size == (variant.width, variant.height)
        assert Image.open(BytesIO(data)).get_format_mimetype() == variant.media_type


def test_the_owner_learns_the_camera_facts_and_the_position_is_kept_apart(tmp_path: Path) -> None:
    photo = process(tmp_path, encoded(landscape(), exif=camera_exif()))
    facts = photo.camera
    assert (facts.make, facts.model, facts.lens) == ("Heliocam", "Mark II", "Sunlens 50mm")
    assert (facts.exposure_time, facts.f_number, facts.iso, facts.focal_length) == (0.004, 2.8, 400, 50.0)
    assert facts.taken_at == "2024-05-06T07:08:09+02:00"
    assert facts.has_location
    assert photo.location == Location(-33.86, 151.21)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_nothing_but_pixels_is_served(tmp_path: Path, format: str) -> None:
    image = landscape()
    options: dict[str, object] = {"exif": camera_exif(), "icc_profile": rgb_profile(DISPLAY_P3_D50)}
    options["xmp"] = b"<x:xmpmeta><GPSLatitude>SECRET-XMP</GPSLatitude></x:xmpmeta>"
    if format == "JPEG":
        options["comment"] = b"SECRET-COMMENT"
    if format == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", "SECRET-TEXT")
        text.add_itxt("Location", "SECRET-PLACE", zip=True)
        options["pnginfo"] = text
        del options["xmp"]
    photo = process(tmp_path, encoded(image, format, **options))
    assert photo.location is not None
    assert_all_bare(tmp_path, photo)
    for variant in photo.variants:
        assert b"SECRET" not in (tmp_path / variant.file_name).read_bytes()


def test_what_is_appended_to_a_picture_is_not_served(tmp_path: Path) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as parcel:
        parcel.writestr("payload.txt", "SECRET" * 1000)
    polyglot = encoded(landscape()) + b"<html><script>SECRET</script></html>" + archive.getvalue()
    photo = process(tmp_path, polyglot)
    assert_all_bare(tmp_path, photo)
    for variant in photo.variants:
        assert not zipfile.is_zipfile(tmp_path / variant.file_name)


@pytest.mark.parametrize("colorants", [DISPLAY_P3_D50, ADOBE_RGB_D50], ids=["display-p3", "adobe-rgb"])
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_wide_gamut_colours_become_the_same_colours_in_srgb(
    tmp_path: Path, format: str, colorants: tuple[tuple[float, float, float], ...]
) -> None:
    colours = [(200, 60, 70), (70, 180, 90), (60, 70, 190), (128, 128, 128)]
    image = Image.new("RGB", (256, 64))
    for index, colour in enumerate(colours):
        image.paste(colour, (64 * index, 0, 64 * (index + 1), 64))
    options = {"quality": 100} | ({"subsampling": "4:4:4"} if format in ("JPEG", "AVIF") else {})
    photo = process(tmp_path, encoded(image, format, icc_profile=rgb_profile(colorants), **options))
    for index, colour in enumerate(colours):
        seen = colour_at(full(tmp_path, photo), (index + 0.5) / 4, 0.5)
        assert all(abs(a - b) <= 5 for a, b in zip(seen, as_srgb(colour, colorants), strict=True)), colour


def test_a_profile_that_is_broken_or_of_another_kind_is_ignored(tmp_path: Path) -> None:
    plain = full(tmp_path, process(tmp_path, encoded(quadrants())))
    truncated = rgb_profile(DISPLAY_P3_D50)[:200]
    for profile in (b"nonsense", truncated, bytes(128)):
        assert difference(full(tmp_path, process(tmp_path, encoded(quadrants(), icc_profile=profile))), plain) < 1
    grey = encoded(quadrants(mode="L"), icc_profile=rgb_profile(DISPLAY_P3_D50))
    assert full(tmp_path, process(tmp_path, grey)).mode == "RGB"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
@pytest.mark.parametrize("format", ["PNG", "WEBP", "GIF"])
def test_every_pixel_mode_keeps_its_brightness(tmp_path: Path, mode: str, format: str) -> None:
    image = quadrants(mode=mode if mode != "P" else "RGB")
    image = image.quantize(16) if mode == "P" else image
    photo = process(tmp_path, encoded(image, format, **({"lossless": True} if format == "WEBP" else {})))
    assert photo.variant("full").media_type == "image/jpeg"
    assert difference(full(tmp_path, photo), image.convert("RGB")) < 12


def test_sixteen_bits_of_grey_keep_their_tones(tmp_path: Path) -> None:
    image = Image.new("I;16", (64, 16))
    for x in range(64):
        for y in range(16):
            image.putpixel((x, y), x * 1024)
    shown = full(tmp_path, process(tmp_path, encoded(image, "PNG"))).convert("L")
    for x in (4, 20, 40, 60):
        pixel = shown.getpixel((x, 8))
        assert isinstance(pixel, int)
        assert abs(pixel - x * 4) <= 4


def test_cmyk_and_progressive_and_grey_jpegs_are_read(tmp_path: Path) -> None:
    image = landscape()
    for data in (
        encoded(image.convert("CMYK"), quality=95),
        encoded(image, quality=95, progressive=True),
        encoded(image, quality=95, subsampling="4:4:4"),
    ):
        assert difference(full(tmp_path, process(tmp_path, data)), image) < 6
    grey = full(tmp_path, process(tmp_path, encoded(image.convert("L"), quality=95)))
    assert difference(grey, image.convert("L")) < 6


def test_transparency_is_kept_as_png_and_only_where_something_is_transparent(tmp_path: Path) -> None:
    image = quadrants(mode="RGBA")
    assert process(tmp_path, encoded(image, "PNG")).variant("full").media_type == "image/jpeg"
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    photo = process(tmp_path, encoded(image, "PNG"))
    assert {variant.media_type for variant in photo.variants} == {"image/png"}
    assert full(tmp_path, photo).getchannel("A").getextrema() == image.getchannel("A").getextrema()
    assert_all_bare(tmp_path, photo)
    big = process(tmp_path, encoded(image.resize((3000, 2000)), "PNG")).variant("full")
    assert (big.width, big.height) == (2048, 1365)


def test_the_first_frame_of_an_animation_is_kept_and_the_number_of_frames_told(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), (80 * (index % 3), index, 255 - index)) for index in range(120)]
    for format in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], format, save_all=True, append_images=frames[1:], duration=40)
        photo = process(tmp_path, data)
        assert photo.frames == 120, format
        assert difference(full(tmp_path, photo), frames[0]) < 4


def test_a_jpeg_cut_near_its_end_is_repaired_by_cutting_off_what_is_missing(tmp_path: Path) -> None:
    image = landscape(800, 600)
    data = encoded(image, quality=90)
    photo = process(tmp_path, data[: int(len(data) * 0.95)])
    assert photo.repaired
    assert 480 <= photo.height < 600
    assert photo.height % 16 == 0
    assert difference(full(tmp_path, photo), image.crop((0, 0, 800, photo.height))) < 6
    assert_all_bare(tmp_path, photo)


def test_a_jpeg_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    data = encoded(landscape(800, 600), quality=90)
    for share in (0.05, 0.3, 0.6):
        with pytest.raises(MediaError):
            process(tmp_path, data[: int(len(data) * share)])
    progressive = encoded(landscape(800, 600), quality=90, progressive=True)
    with pytest.raises(MediaError):
        process(tmp_path, progressive[: int(len(progressive) * 0.5)])
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_repaired_jpeg_is_turned_after_it_is_cut(tmp_path: Path, orientation: int) -> None:
    data = encoded(landscape(800, 600), quality=90, exif=camera_exif(orientation))
    photo = process(tmp_path, data[: int(len(data) * 0.95)])
    shape = (photo.width, photo.height)
    assert shape[0] == 800 if orientation == 3 else shape[1] == 800
    assert (photo.variant("full").width, photo.variant("full").height) == shape


def test_an_avatar_is_a_square_cut_from_the_centre(tmp_path: Path) -> None:
    source = stored(tmp_path / "upload", encoded(landscape(1200, 800), exif=camera_exif(6)))
    avatar = process_avatar(source, tmp_path)
    assert (avatar.name, avatar.width, avatar.height, avatar.media_type) == ("avatar", 400, 400, "image/jpeg")
    assert_bare((tmp_path / avatar.file_name).read_bytes())
    tiny = process_avatar(stored(tmp_path / "upload", encoded(landscape(90, 60))), tmp_path)
    assert (tiny.width, tiny.height) == (60, 60)


def test_a_header_is_three_by_one(tmp_path: Path) -> None:
    header = process_header(stored(tmp_path / "upload", encoded(landscape(3000, 2000))), tmp_path)
    assert (header.name, header.width, header.height) == ("header", 1500, 500)
    clear = quadrants(900, 900, "RGBA")
    clear.putalpha(100)
    header = process_header(stored(tmp_path / "upload", encoded(clear, "PNG")), tmp_path)
    assert (header.width, header.height, header.media_type) == (900, 300, "image/png")


def test_variants_that_cannot_be_written_leave_nothing_behind(tmp_path: Path) -> None:
    source = stored(tmp_path / "upload", encoded(landscape()))
    (tmp_path / "feed.jpg").mkdir()
    with pytest.raises(OSError):
        process_photo(source, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed.jpg", "upload"]


@pytest.mark.parametrize("size", [(32, 24), (24, 32), (9, 9), (1, 1), (320, 240)])
def test_the_placeholder_is_what_the_reference_encoder_says(size: tuple[int, int]) -> None:
    image = landscape(*size, seed=7)
    small = image if max(size) <= 32 else image.resize((32, 24), Image.Resampling.BOX)
    pixels = [[list(small.getpixel((x, y))) for x in range(small.width)] for y in range(small.height)]
    assert blurhash(image) == reference_blurhash.encode(pixels, components_x=4, components_y=3)
