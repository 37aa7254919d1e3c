"""Pictures that move and that not every ffmpeg reads whole (WebP, PNG, AVIF): seen through Pillow, and written frame by
frame as a film without visible loss, from which all goes on as from any other. Only the media worker imports this."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
from PIL import AvifImagePlugin, Image

from media.animations import Animation, animation_of, shown_for
from media.colour import to_srgb
from media.colour_boxes import colour_codes
from media.colour_codes import profile_of_codes
from media.decode import refusing_damage
from media.errors import MediaError
from media.probe import DAMAGED, Limits, check_dimensions, probe
from media.video.facts import UNROLLED, UNROLLED_FILE, FilmFacts, FilmLimits

TOO_MUCH: Final = "The animation has too many frames for its size. Please make it shorter or smaller, or send a film."
_FORMATS: Final = {"image/webp": "WEBP", "image/png": "PNG", "image/avif": "AVIF"}
_Frame: Final[Any] = av.VideoFrame
_MILLISECONDS: Final = 1000
_BT709: Final = 1
_TV: Final = 1
_NEARLY_LOSSLESS: Final = {"preset": "ultrafast", "tune": "zerolatency", "crf": "8", "profile": "high444"}


def probe_animation(source: Path, animation: Animation, limits: FilmLimits) -> FilmFacts:
    """Say what the picture that moves is, by its structure, and hold it against `limits`. Raises MediaError."""
    found = probe(source, _limits(limits))
    _check(animation.frames, found.width * found.height, limits)
    return FilmFacts(
        media_type=animation.media_type,
        demuxer=UNROLLED,
        size=found.size,
        seconds=animation.seconds,
        tracks=1,
        video_index=0,
        width=found.width,
        height=found.height,
        stored_width=found.width,
        stored_height=found.height,
        frame_rate=animation.frames / animation.seconds,
    )


def unroll(source: Path, out_dir: Path, limits: FilmLimits) -> None:
    """Write the picture that moves as UNROLLED_FILE, what is transparent as white. What is damaged ends it there.

    Raises MediaError when there is nothing of it, or too much.
    """
    animation = animation_of(source)
    if animation is None or animation.media_type not in _FORMATS:
        raise MediaError(DAMAGED)
    with (
        refusing_damage(),
        source.open("rb") as file,
        av.open(str(out_dir / UNROLLED_FILE), "w", format="mp4") as film,
    ):
        codes = colour_codes(file, animation.media_type)
        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
        picture = Image.open(file, formats=[_FORMATS[animation.media_type]])
        check_dimensions(*picture.size, _limits(limits))
        profile = picture.info.get("icc_profile") or (profile_of_codes(codes) if codes is not None else None)
        writer = _Writer(film, picture.size)
        for number, (frame, milliseconds) in enumerate(_frames(picture), 1):
            _check(number, frame.width * frame.height, limits)
            writer.write(to_srgb(_opaque(frame), profile), milliseconds)
        writer.finish()


class _Writer:
    """A film of frames that are shown for different times."""

    def __init__(self, film: Any, size: tuple[int, int]) -> None:
        self._film = film
        self._stream = film.add_stream("libx264", rate=25, options=_NEARLY_LOSSLESS)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv444p"
        codec = self._stream.codec_context
        codec.time_base = Fraction(1, _MILLISECONDS)
        codec.thread_count = 1
        codec.colorspace = codec.color_primaries = codec.color_trc = _BT709
        codec.color_range = _TV
        self._at = 0
        self._times: dict[int, int] = {}

    def write(self, picture: Image.Image, milliseconds: float) -> None:
        frame = _Frame.from_image(picture).reformat(format="yuv444p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.pts, frame.time_base = self._at, Fraction(1, _MILLISECONDS)
        self._times[self._at] = round(milliseconds)
        self._at += round(milliseconds)
        self._mux(frame)

    def finish(self) -> None:
        self._mux(None)

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            # How long the last one is shown is told by nothing after it.
            packet.duration = self._times.pop(packet.pts, _MILLISECONDS // 10)
            self._film.mux(packet)


def _frames(picture: Any) -> Iterator[tuple[Image.Image, float]]:
    """Each frame and its milliseconds; a PNG's picture for those who show no animations is none."""
    number = 1 if picture.info.get("default_image") else 0
    first = number
    while True:
        try:
            picture.seek(number)
            picture.load()
        except EOFError:
            return
        except Exception:
            if number == first:
                raise
            return
        yield picture.copy(), shown_for(picture.info.get("duration") or 0)
        number += 1


def _opaque(frame: Image.Image) -> Image.Image:
    if frame.mode.startswith("I"):
        frame = frame.point(lambda value: value * (1 / 256)).convert("L")
    if not frame.has_transparency_data:
        return frame.convert("RGB")
    frame = frame.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", frame.size, "white"), frame).convert("RGB")


def _check(frames: int, pixels: int, limits: FilmLimits) -> None:
    if frames > limits.max_frames or frames * pixels > limits.max_animated_pixels:
        raise MediaError(TOO_MUCH)


def _limits(limits: FilmLimits) -> Limits:
    return Limits(
        max_bytes=limits.max_bytes,
        max_pixels=limits.max_pixels,
        max_dimension=limits.max_dimension,
        max_aspect=limits.max_aspect,
    )
