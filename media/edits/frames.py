"""Which part of the upright original a recipe shows, and where its points come to lie; in numbers, without a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass

from media.edits.recipe import ASPECTS, Crop, Recipe

Size = tuple[int, int]
Point = tuple[float, float]
"""From the left and from the top of a picture, as parts of its sides; outside of it below 0 or above 1."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle within the original, in its pixels: centre, size, and by how many degrees it is tilted. The finished
    picture has its size, or that with width and height exchanged."""

    x: float
    y: float
    width: float
    height: float
    angle: float

    @property
    def size(self) -> Size:
        return max(1, round(self.width)), max(1, round(self.height))


def frame_of(recipe: Recipe, size: Size) -> Frame:
    """What is taken of an original of that size, before it is turned by quarters."""
    crop = recipe.crop or Crop()
    width, height = crop.width * size[0], crop.height * size[1]
    x, y = crop.x * size[0] + width / 2, crop.y * size[1] + height / 2
    shape = _shape(recipe, size)
    if shape is not None:
        width, height = min(width, height * shape), min(height, width / shape)
    # The picture turns clockwise when what is taken of it turns the other way.
    frame = Frame(x, y, width, height, -recipe.straighten)
    if not recipe.straighten:
        return frame
    scale = _room(frame, size)
    return Frame(x, y, max(1.0, width * scale), max(1.0, height * scale), frame.angle)


def finished_size(recipe: Recipe, size: Size) -> Size:
    """How large the finished picture is, of an original of that size."""
    width, height = frame_of(recipe, size).size
    return (height, width) if recipe.rotate in (90, 270) else (width, height)


def moved(point: Point, size: Size, before: Recipe, after: Recipe) -> Point:
    """Where what is seen at `point` with one recipe is seen with another, of an original of that size. It may be outside."""
    return _in_finished(_in_original(point, size, before), size, after)


def _in_original(point: Point, size: Size, recipe: Recipe) -> Point:
    """The pixel of the original that is at that point of the finished picture."""
    x, y = point
    x, y = 1 - x if recipe.flip_horizontal else x, 1 - y if recipe.flip_vertical else y
    x, y = _turned(x, y, -recipe.rotate % 360)
    taken = frame_of(recipe, size)
    across, down = (x - 0.5) * taken.width, (y - 0.5) * taken.height
    cosine, sine = math.cos(math.radians(taken.angle)), math.sin(math.radians(taken.angle))
    return taken.x + cosine * across - sine * down, taken.y + sine * across + cosine * down


def _in_finished(pixel: Point, size: Size, recipe: Recipe) -> Point:
    """Where a pixel of the original is in the finished picture."""
    taken = frame_of(recipe, size)
    cosine, sine = math.cos(math.radians(taken.angle)), math.sin(math.radians(taken.angle))
    across, down = pixel[0] - taken.x, pixel[1] - taken.y
    x = (cosine * across + sine * down) / taken.width + 0.5
    y = (cosine * down - sine * across) / taken.height + 0.5
    x, y = _turned(x, y, recipe.rotate)
    return 1 - x if recipe.flip_horizontal else x, 1 - y if recipe.flip_vertical else y


def _turned(x: float, y: float, degrees: int) -> Point:
    """Where a point is after the picture was turned clockwise by quarters."""
    turned = {90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}
    return turned.get(degrees, (x, y))


def _shape(recipe: Recipe, size: Size) -> float | None:
    """Width by height of what is taken of the original; `None` when the crop says it alone."""
    if recipe.aspect == "free":
        return None
    if recipe.aspect == "original":
        return size[0] / size[1]
    shape = ASPECTS[recipe.aspect]
    return 1 / shape if recipe.rotate in (90, 270) else shape


def _room(tilted: Frame, size: Size) -> float:
    """By how much the tilted rectangle must shrink around its centre so that every corner lies within the original."""
    turn = math.radians(tilted.angle)
    across = (tilted.width * abs(math.cos(turn)) + tilted.height * abs(math.sin(turn))) / 2
    down = (tilted.width * abs(math.sin(turn)) + tilted.height * abs(math.cos(turn))) / 2
    free_across = min(tilted.x, size[0] - tilted.x)
    free_down = min(tilted.y, size[1] - tilted.y)
    return min(1.0, free_across / across, free_down / down)


def shown_focus(x: float, y: float) -> Point:
    """A focal point as it is told, -1 to 1: the nearest within the picture."""
    return round(max(-1.0, min(x, 1.0)), 6), round(max(-1.0, min(y, 1.0)), 6)
