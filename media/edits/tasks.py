"""What workers do with recipes: the variants of an edited photograph, and small pictures for an editor.

Each takes what it is told as MessagePack and answers so (see `media.orders`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec
from PIL import Image

from media.compression import smaller_files
from media.decode import develop, refusing_damage
from media.edits.development import apply, size_to_decode
from media.edits.frames import finished_size
from media.edits.looks import LOOKS
from media.edits.options import LARGEST_PREVIEW, PreviewOptions, StripOptions
from media.edits.recipe import Recipe
from media.image import encode_picture, fit, process_photo, write_pictures
from media.originals import original_view
from media.probe import Limits
from media.variants import VariantSize

_PROXY: Final = VariantSize("proxy", LARGEST_PREVIEW, LARGEST_PREVIEW, 92)
_PREVIEW_QUALITY: Final = 82


def process_edited(source: Path, out_dir: Path, limits: Limits, options: bytes) -> bytes:
    """`media.image.process_photo` with a `Recipe`; answers a `ProcessedPhoto`."""
    recipe = msgspec.msgpack.decode(options, type=Recipe)
    return msgspec.msgpack.encode(process_photo(source, out_dir, limits, recipe))


def make_proxy(source: Path, out_dir: Path, limits: Limits, _options: bytes) -> bytes:
    """The original, unedited, at the size of the largest preview; answers a `Variant`."""
    developed = develop(source, limits, lambda size: fit(size, _PROXY))
    return _written(out_dir, "proxy", developed.image, _PROXY.quality)


def preview(source: Path, out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    """A small unedited picture of ours with `PreviewOptions`; answers a `Variant`."""
    wanted = msgspec.msgpack.decode(options, type=PreviewOptions)
    with refusing_damage():
        small = _shrunk(_proxy(str(source), source.stat().st_mtime_ns), wanted.recipe, wanted.size)
        return _written(out_dir, "preview", apply(small, wanted.recipe, quickly=True), _PREVIEW_QUALITY)


def strip(source: Path, out_dir: Path, _limits: Limits, options: bytes) -> bytes:
    """Every filter on a small unedited picture of ours, side by side in their order; answers a `Variant`."""
    wanted = msgspec.msgpack.decode(options, type=StripOptions)
    recipe = msgspec.structs.replace(wanted.recipe, filter="", vignette=0.0, sharpen=0.0, grain=0.0)
    with refusing_damage():
        square = _square(apply(_proxy(str(source), source.stat().st_mtime_ns), recipe, quickly=True), wanted.side)
        made = Image.new("RGB", (wanted.side * len(LOOKS), wanted.side))
        for place, name in enumerate(LOOKS):
            made.paste(apply(square, Recipe(filter=name), quickly=True), (place * wanted.side, 0))
        return _written(out_dir, "strip", made, _PREVIEW_QUALITY)


@lru_cache(maxsize=4)
def _proxy(path: str, _modified: int) -> Image.Image:
    """The picture, decoded: an editor asks for it again and again."""
    with Image.open(path, formats=("JPEG", "PNG")) as image:
        return image.convert("RGBA" if "A" in image.mode else "RGB")


def _shrunk(image: Image.Image, recipe: Recipe, longest: int) -> Image.Image:
    finished = finished_size(recipe, image.size)
    size = size_to_decode(recipe, image.size, fit(finished, VariantSize("preview", longest, longest, 0)))
    return image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0) if size != image.size else image


def _square(image: Image.Image, side: int) -> Image.Image:
    """The middle of the picture; what is transparent shows white."""
    cut = min(image.size)
    left, top = (image.width - cut) // 2, (image.height - cut) // 2
    small = image.resize(
        (side, side), Image.Resampling.BICUBIC, box=(left, top, left + cut, top + cut), reducing_gap=2.0
    )
    if small.mode == "RGBA":
        small = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small)
    return small.convert("RGB")


def _written(out_dir: Path, name: str, image: Image.Image, quality: int) -> bytes:
    (variant,) = write_pictures(out_dir, [encode_picture(name, image, quality, progressive=False)])
    return msgspec.msgpack.encode(variant)


EDIT_TASKS: Final[Mapping[str, Callable[[Path, Path, Limits, bytes], bytes]]] = {
    "edited_photo": process_edited,
    "proxy": make_proxy,
    "preview": preview,
    "strip": strip,
    "smaller_files": smaller_files,
    "original_view": original_view,
}
