"""Recipes applied: what changes nothing, colours against references, geometry, bounds, and what is told of faults."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageChops

from media.drawn import draw_landscape
from media.edits.cube import colour_table
from media.edits.development import apply
from media.edits.foreign import FOREIGN_CLASSES, foreign_name, known_as
from media.edits.frames import finished_size, moved
from media.edits.looks import LOOKS
from media.edits.options import PreviewOptions, StripOptions
from media.edits.recipe import Crop, Recipe, RecipeError, read_recipe
from media.edits.sheet import contact_sheet
from media.edits.tasks import EDIT_TASKS
from media.image import process_photo
from media.probe import Limits
from media.variants import ProcessedPhoto, Variant
from tests.media.colour_distance import Colour, cie76, ciede2000, lab
from tests.media.reference_colours import PATCHES, REFERENCE
from tests.samples import SAMPLES, needs_samples

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 180, 40), (30, 40, 210), (240, 240, 240)
Turn = Image.Transpose
AS_STORED = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_90,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_270,
}
"""How an upright picture is turned before it is stored with that Exif orientation."""


def quartered(width: int = 320, height: int = 240) -> Image.Image:
    image = Image.new("RGB", (width, height), WHITE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def one_colour(colour: Colour, recipe: Recipe) -> Colour:
    """What tone and filter make of a colour."""
    table = colour_table(recipe)
    assert table is not None
    found = Image.new("RGB", (1, 1), colour).filter(table).getpixel((0, 0))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def same(one: Image.Image, other: Image.Image) -> bool:
    return (one.mode, one.size, one.tobytes()) == (other.mode, other.size, other.tobytes())


def test_a_recipe_that_says_nothing_changes_no_pixel() -> None:
    picture = draw_landscape(3, 90, 60)
    clear = picture.copy()
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    idle = [Recipe(), Recipe(crop=Crop()), Recipe(aspect="original"), Recipe(filter="noir", filter_strength=0.0)]
    for image, recipe in itertools.product((picture, clear), idle):
        assert same(apply(image.copy(), recipe), image)
    assert [recipe.is_idle for recipe in idle] == [True, True, False, True]
    assert Recipe(filter="noir", filter_strength=0).same_as(Recipe()) and not Recipe(fade=0.1).same_as(Recipe())


def test_a_point_stays_at_what_it_marks_whatever_is_done_to_the_picture() -> None:
    size, mark = (300, 200), (111.5, 82.5)
    picture = Image.new("RGB", size, "white")
    picture.paste((0, 0, 0), (109, 80, 114, 85))
    part = Crop(0.2, 0.1, 0.7, 0.8)
    plain, point = Recipe(), (mark[0] / size[0], mark[1] / size[1])
    recipes = [
        Recipe(
            crop=part, aspect=aspect, straighten=straighten, rotate=rotate, flip_horizontal=flip, flip_vertical=not flip
        )
        for aspect, straighten, rotate, flip in itertools.product(
            ("free", "4:5"), (0.0, 12.0, -20.0), (0, 90, 180, 270), (True, False)
        )
    ]
    for recipe in recipes:
        shown = apply(picture, recipe).convert("L").point([255] * 128 + [0] * 128)
        box = shown.getbbox()
        assert box is not None
        x, y = moved(point, size, plain, recipe)
        assert (
            abs(x * shown.width - (box[0] + box[2]) / 2) < 1.5 and abs(y * shown.height - (box[1] + box[3]) / 2) < 1.5
        )
    for before, after in itertools.pairwise(recipes):
        there = moved(moved(point, size, plain, before), size, before, after)
        assert moved(there, size, after, plain) == pytest.approx(point)
    outside = moved((0.1, 0.5), size, plain, Recipe(crop=part))
    assert outside[0] < 0 and moved(outside, size, Recipe(crop=part), plain) == pytest.approx((0.1, 0.5))


def test_tones_are_what_their_formulas_say_within_two_units() -> None:
    """Beside the table, which is interpolated: the same sums for one colour, done in floats. ΔE2000 below 2."""
    for grey in (20, 70, 128, 190, 240):
        x = grey / 255
        bias = x / ((1 / 0.7 - 2) * (1 - x) + 1)
        flat = x + (0.5 - x) * 0.25
        steep = x + (x**3 * (x * (x * 6 - 15) + 10) - x) * 0.6
        lifted = x * (1 - 0.16 - 0.06) + 0.16
        for recipe, expected in (
            (Recipe(brightness=0.8), bias),
            (Recipe(contrast=-0.5), flat),
            (Recipe(contrast=0.6), steep),
            (Recipe(fade=1.0), lifted),
        ):
            level = round(expected * 255)
            assert ciede2000(one_colour((grey, grey, grey), recipe), (level, level, level)) < 2, (grey, recipe)
    for colour in PATCHES:
        light = round(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])
        assert ciede2000(one_colour(colour, Recipe(saturation=-1.0)), (light, light, light)) < 2
    warm, cool = (one_colour((128, 128, 128), Recipe(warmth=way)) for way in (0.5, -0.5))
    assert warm[0] > 128 > warm[2] and cool[0] < 128 < cool[2]
    assert abs(lab(warm)[0] - lab((128, 128, 128))[0]) < 2 and abs(lab(cool)[0] - lab((128, 128, 128))[0]) < 2
    for name, dark_moves, bright_moves in (("shadows", True, False), ("highlights", False, True)):
        up = [one_colour((v, v, v), Recipe(**{name: 1.0}))[0] - v for v in (45, 215)]
        assert (up[0] > 15, up[1] > 10) == (dark_moves, bright_moves), (name, up)


def test_filters_give_the_reference_colours_within_one_unit_and_keep_skin_skin() -> None:
    """ΔE76 below 1 against colours written down when the filters were last looked at."""
    assert len(LOOKS) >= 20 and list(REFERENCE) == list(LOOKS)
    for name, row in REFERENCE.items():
        plain = Recipe(filter=name)
        for patch, expected in zip(PATCHES, row, strict=True):
            assert cie76(one_colour(patch, plain), expected) < 1, (name, patch)
    for one, other in itertools.combinations(REFERENCE.values(), 2):
        assert max(cie76(a, b) for a, b in zip(one, other, strict=True)) > 5
    skins = PATCHES[:3]
    for name, look in LOOKS.items():
        if look.category != "monochrome":
            for skin in skins:
                _light, a, b = lab(one_colour(skin, Recipe(filter=name)))
                assert a > 0 and b > 0, (name, skin)
    half = one_colour(PATCHES[0], Recipe(filter="cyanotype", filter_strength=0.5))
    middle = [round((a + b) / 2) for a, b in zip(PATCHES[0], REFERENCE["cyanotype"][0], strict=True)]
    assert cie76(half, (middle[0], middle[1], middle[2])) < 1.5


def test_grey_stays_in_order_whatever_is_asked() -> None:
    ramp = Image.linear_gradient("L").convert("RGB")
    both = ("brightness", "contrast", "highlights", "shadows", "saturation")
    recipes = [Recipe(fade=1.0), *(Recipe(**{name: way}) for name in both for way in (-1.0, 1.0))]
    for recipe in [*recipes, *(Recipe(filter=name) for name, look in LOOKS.items() if not look.grain)]:
        bare = msgspec.structs.replace(recipe, vignette=0.0)
        column = apply(ramp, bare).crop((127, 0, 129, 256)).resize((1, 256)).convert("L").tobytes()
        drops = [before - after for before, after in itertools.pairwise(column)]
        assert max(drops) <= 3, (recipe, max(drops))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_crops_and_turns_count_from_the_upright_original(orientation: int, tmp_path: Path) -> None:
    upright = quartered(640, 480)
    stored = upright.transpose(AS_STORED[orientation]) if orientation in AS_STORED else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = tmp_path / "photo.jpg"
    stored.save(source, "JPEG", quality=95, exif=exif)
    recipe = Recipe(crop=Crop(0.5, 0.0, 0.5, 1.0), rotate=90, flip_vertical=True)
    photo = process_photo(source, tmp_path, Limits(), recipe)
    assert (photo.width, photo.height) == (480, 320)
    with Image.open(tmp_path / photo.variant("full").file_name) as shown:
        # The right half stands: green over white. A quarter clockwise: white, green. Upside down: the same.
        assert shown.size == (480, 320)
        for place, expected in (((120, 160), WHITE), ((360, 160), GREEN)):
            found = shown.getpixel(place)
            assert isinstance(found, tuple) and cie76((found[0], found[1], found[2]), expected) < 4


def test_shapes_sizes_and_straightening_leave_no_empty_corner() -> None:
    white = Image.new("RGB", (300, 200), (255, 255, 255))
    for aspect, shape in {"1:1": 1, "4:5": 0.8, "3:4": 0.75, "9:16": 9 / 16, "16:9": 16 / 9, "1.91:1": 1.91}.items():
        for rotate in (0, 90, 180, 270):
            recipe = read_recipe({"aspect": aspect, "rotate": rotate, "straighten": -17})
            width, height = finished_size(recipe, (3000, 2000))
            assert width / height == pytest.approx(shape, rel=0.01)
            assert apply(white, recipe).getextrema() == ((255, 255),) * 3
    for degrees in (-45, -10, 0.5, 10, 45):
        crop = Crop(0.0, 0.5, 0.3, 0.5)
        for recipe in (Recipe(straighten=degrees), Recipe(straighten=degrees, crop=crop)):
            straight = apply(white, recipe)
            assert straight.getextrema() == ((255, 255),) * 3
            assert straight.size == finished_size(recipe, white.size)
    tilted = apply(quartered(), Recipe(straighten=20))
    assert tilted.getpixel((tilted.width // 2, 2)) == RED  # Clockwise: the line between red and green leans right.
    assert apply(quartered(), Recipe(flip_horizontal=True)).getpixel((0, 0)) == GREEN
    assert apply(quartered(), Recipe(crop=Crop(0.5, 0.5, 0.5, 0.5))).getextrema() == ((240, 240),) * 3


def test_vignette_sharpening_and_grain_do_their_part_and_transparency_stays() -> None:
    grey = Image.new("RGB", (200, 150), (128, 128, 128))
    dark = apply(grey, Recipe(vignette=1.0))
    assert dark.getpixel((100, 75)) == (128, 128, 128) and dark.convert("L").getpixel((0, 0)) < 60  # type: ignore[operator]
    edge = apply(quartered(), Recipe(sharpen=1.0)).convert("L")
    assert not same(edge, quartered().convert("L")) and edge.getpixel((40, 40)) == quartered().convert("L").getpixel(
        (40, 40)
    )
    grained = apply(grey, Recipe(grain=1.0))
    assert same(grained, apply(grey, Recipe(grain=1.0))) and len(grained.convert("L").histogram()) > 1
    assert len(set(grained.convert("L").tobytes())) > 20
    clear = quartered()
    clear.putalpha(Image.linear_gradient("L").resize(clear.size))
    recipe = Recipe(filter="noir", vignette=0.5, sharpen=0.3, grain=0.2, brightness=0.3)
    assert same(apply(clear, recipe).getchannel("A"), clear.getchannel("A"))
    assert apply(clear, Recipe(straighten=10)).mode == "RGBA"


@pytest.mark.parametrize(
    ("values", "field", "reason"),
    [
        ({"brightness": 1.2}, "brightness", "must be a number from -1 to 1"),
        ({"brightness": "loud"}, "brightness", "must be a number from -1 to 1"),
        ({"warmth": "nan"}, "warmth", "must be a number from -1 to 1"),
        ({"fade": -0.1}, "fade", "must be a number from 0 to 1"),
        ({"straighten": 46}, "straighten", "must be a number from -45 to 45"),
        ({"rotate": 45}, "rotate", "must be one of 0, 90, 180, 270"),
        ({"aspect": "2:1"}, "aspect", "must be one of free, original, 1:1, 4:5, 3:4, 9:16, 16:9, 1.91:1"),
        ({"crop": {"x": 0.6, "width": 0.5}}, "crop", "must lie within the picture"),
        ({"crop": {"width": 0.001}}, "crop.width", "must be a number from 0.02 to 1"),
        ({"crop": 3}, "crop", "must be an object with x, y, width and height"),
        ({"crop": {"z": 1}}, "crop.z", "is not known"),
        ({"blur": 1}, "blur", "is not known"),
        ({"version": 2}, "version", "must be one of 1"),
        ({"filter": "sparkle"}, "filter", "is none of the known filters"),
        ({"flip_vertical": "perhaps"}, "flip_vertical", "must be true or false"),
        ("noir", "", "must be an object"),
        ([], "", "must be an object"),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(values: Any, field: str, reason: str) -> None:
    with pytest.raises(RecipeError) as refusal:
        read_recipe(values)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)


def test_numbers_may_be_text_and_pixelfeds_filters_are_understood() -> None:
    recipe = read_recipe(
        {"brightness": "0.25", "rotate": "90", "flip_vertical": "true", "crop": {"x": "0.5", "width": "0.5"}}
    )
    assert (recipe.brightness, recipe.rotate, recipe.flip_vertical, recipe.crop) == (
        0.25,
        90,
        True,
        Crop(0.5, 0, 0.5, 1),
    )
    assert len(FOREIGN_CLASSES) == 41 and set(FOREIGN_CLASSES.values()) <= set(LOOKS)
    for name in ("filter-1977", "1977", "X-Pro II", "filter-xpro-ii", "inkwell", "Kuno", "filter-juno"):
        assert read_recipe({"filter": name}).filter == known_as(name)
    assert (foreign_name("silver"), foreign_name("cyanotype"), known_as("filter-none")) == ("Inkwell", None, None)


def test_previews_and_strips_are_small_pictures_of_the_unedited_one(tmp_path: Path) -> None:
    source = tmp_path / "photo.png"
    clear = quartered(2000, 1500)
    clear.putalpha(255)
    clear.paste((0, 0, 0, 0), (0, 0, 100, 100))
    clear.save(source, compress_level=1)
    out = tmp_path / "out"
    out.mkdir()

    def perform(task: str, path: Path, options: msgspec.Struct | None) -> tuple[Variant, Image.Image]:
        told = msgspec.msgpack.encode(options) if options is not None else b""
        variant = msgspec.msgpack.decode(EDIT_TASKS[task](path, out, Limits(), told), type=Variant)
        return variant, Image.open(io.BytesIO((out / variant.file_name).read_bytes()))

    proxy, _picture = perform("proxy", source, None)
    assert (proxy.media_type, proxy.width, proxy.height) == ("image/png", 1080, 810)
    recipe = Recipe(crop=Crop(0.5, 0.0, 0.5, 0.5), rotate=90, filter="silver")
    _variant, small = perform("preview", out / proxy.file_name, PreviewOptions(recipe, 200))
    assert small.size == (150, 200)
    red, green, blue = ImageChops.difference(small.convert("RGB"), Image.new("RGB", small.size)).getpixel((75, 100))  # type: ignore[misc]
    assert red == green == blue
    strip, tiles = perform("strip", out / proxy.file_name, StripOptions(Recipe(), 40))
    assert (strip.width, strip.height, tiles.size) == (40 * len(LOOKS), 40, (40 * len(LOOKS), 40))
    made = msgspec.msgpack.decode(
        EDIT_TASKS["edited_photo"](source, out, Limits(), msgspec.msgpack.encode(Recipe(aspect="1:1"))),
        type=ProcessedPhoto,
    )
    assert (made.width, made.height, made.variant("full").media_type) == (1500, 1500, "image/jpeg")


@needs_samples
def test_a_sheet_shows_every_filter() -> None:
    with Image.open(SAMPLES / "media" / "photos" / "astronaut.png") as photo:
        sheet = contact_sheet(photo.convert("RGB"), columns=7, side=80)
    assert sheet.width == 7 * 92 + 12 and sheet.height == -(-(len(LOOKS) + 1) // 7) * 122 + 12
