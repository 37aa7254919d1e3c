"""Photographs as cameras and phones make them, and files that crashed other readers."""

from __future__ import annotations

import io
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image, ImageCms

from media.errors import MediaError
from media.image import process_photo
from tests.media.zoo import assert_all_bare, assert_bare, difference, opened
from tests.samples import SAMPLES, needs_samples

pytestmark = needs_samples

PHOTOS = sorted((SAMPLES / "media" / "photos").glob("*"))
BROKEN = sorted((SAMPLES / "media" / "broken").glob("*"))
VIDEOS = sorted((SAMPLES / "media" / "video").glob("*"))


@pytest.mark.parametrize("source", PHOTOS, ids=lambda path: path.name)
def test_a_photograph_is_shown_without_its_metadata(tmp_path: Path, source: Path) -> None:
    photo = process_photo(source, tmp_path)
    assert not photo.repaired
    assert [variant.name for variant in photo.variants] == ["grid", "feed", "full"]
    assert_all_bare(tmp_path, photo)
    for variant in photo.variants:
        shown = opened(tmp_path, variant)
        assert not shown.getexif()
        assert "icc_profile" not in shown.info
    assert 6 <= len(photo.blurhash) <= 164


@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_orientation_gives_the_same_upright_picture(tmp_path: Path, orientation: int) -> None:
    folder = SAMPLES / "media" / "photos"
    upright = process_photo(folder / "orientation_1.jpg", tmp_path)
    expected = opened(tmp_path, upright.variant("grid"))
    turned = process_photo(folder / f"orientation_{orientation}.jpg", tmp_path)
    assert (turned.width, turned.height) == (upright.width, upright.height)
    shown = opened(tmp_path, turned.variant("grid"))
    # The first has no profile and the others "Generic RGB": close, but not the same colours.
    assert difference(shown, expected) < 8
    assert difference(shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT), expected) > 30
    assert difference(shown.transpose(Image.Transpose.ROTATE_180), expected) > 30


def test_an_iphone_heic_has_the_colours_of_a_reference_conversion(tmp_path: Path) -> None:
    source = SAMPLES / "media" / "photos" / "iphone.heic"
    photo = process_photo(source, tmp_path)
    raw = pillow_heif.open_heif(source)
    image = raw.to_pillow()
    profile = ImageCms.ImageCmsProfile(io.BytesIO(raw.info["icc_profile"]))
    expected = ImageCms.profileToProfile(
        image, profile, ImageCms.createProfile("sRGB"), renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC
    )
    assert expected is not None
    full = opened(tmp_path, photo.variant("full"))
    assert full.size == expected.size
    assert difference(full, expected) < 3
    assert difference(full, image) > difference(full, expected)
    assert photo.location is not None
    assert photo.camera.model == "iPhone 11 Pro Max"


@pytest.mark.parametrize("name", ["gps_nikon.jpg", "iphone_gps_hdr.jpg"])
def test_where_a_photograph_was_taken_is_told_to_nobody_else(tmp_path: Path, name: str) -> None:
    photo = process_photo(SAMPLES / "media" / "photos" / name, tmp_path)
    assert photo.camera.has_location
    assert photo.location is not None
    for variant in photo.variants:
        data = (tmp_path / variant.file_name).read_bytes()
        assert_bare(data)
        # Three letters come up by chance in megabytes of coded pixels, so they are looked for before these.
        assert b"GPS" not in data[: data.index(b"\xff\xda")]
        assert b"Exif" not in data


@pytest.mark.parametrize("source", BROKEN, ids=lambda path: path.name)
def test_a_damaged_file_is_refused_or_shown_and_never_an_accident(tmp_path: Path, source: Path) -> None:
    try:
        photo = process_photo(source, tmp_path)
    except MediaError as refused:
        assert refused.reason
    else:
        assert_all_bare(tmp_path, photo)


@pytest.mark.parametrize("source", PHOTOS, ids=lambda path: path.name)
def test_a_photograph_cut_short_is_refused_or_repaired(tmp_path: Path, source: Path) -> None:
    data = source.read_bytes()
    cut = tmp_path / "cut"
    for share in (0.02, 0.5, 0.97):
        cut.write_bytes(data[: int(len(data) * share)])
        try:
            photo = process_photo(cut, tmp_path)
        except MediaError:
            continue
        assert_all_bare(tmp_path, photo)


@pytest.mark.parametrize("source", VIDEOS, ids=lambda path: path.name)
def test_a_video_is_not_taken_for_a_photograph(tmp_path: Path, source: Path) -> None:
    with pytest.raises(MediaError, match="video"):
        process_photo(source, tmp_path)


def test_a_wide_gamut_sample_is_there() -> None:
    assert Image.open(SAMPLES / "media" / "photos" / "hubble_deep_field.jpg").info["icc_profile"]
