"""Films seen through PyAV: what one is, a picture of it, how it sounds. Only the media worker imports this.

A file is opened by the one demuxer its first bytes call for, with no protocol but `file`: neither a playlist nor a
reference inside it leads anywhere. Threads are off, so that memory is bounded by one frame's decoder.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import av.logging
from PIL import Image, ImageStat

from media.animations import animation_of
from media.errors import MediaError
from media.image import process_photo
from media.probe import Limits, check_dimensions, probe_size
from media.variants import ProcessedPhoto
from media.video.containers import GIF, HEAD_BYTES, container_of
from media.video.facts import FilmFacts, FilmLimits
from media.video.orders import STILL_FILE
from media.video.unrolling import probe_animation

DAMAGED: Final = "The film is damaged and cannot be read."
NOT_A_FILM: Final = (
    "The file is not a film or a recording we can read. Please send MP4, MOV, WebM, MKV, MP3, M4A, OGG, FLAC or WAV."
)
_ATTACHED: Final = 0x400
_OPTIONS: Final = {"protocol_whitelist": "file"}
_MAX_PACKETS: Final = 2_000_000
_CANDIDATES: Final = (0.1, 0.35, 0.6, 0.85, 0.0)
_DARK: Final = 24.0
_FLAT: Final = 6.0
_WAVE_RATE: Final = 4000
_POINTS: Final = 200
_POSTER_SIDE: Final = 4096
_BT709: Final = 1
_UNSPECIFIED: Final = 2
_HIGH_DEFINITION: Final = 720

_TURNS: Final = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
"""How a frame that says it lies is set upright: its angle is counted against the clock."""

av.logging.set_level(None)


def probe_film(source: Path, limits: FilmLimits) -> FilmFacts:
    """Say what `source` is, having decoded its first frame, and hold it against `limits`.

    Raises MediaError when it is no film or recording of a known kind, is damaged, or exceeds a limit.
    """
    size = probe_size(source, limits.max_bytes)
    with source.open("rb") as file:
        head = file.read(HEAD_BYTES)
    container = GIF if head.startswith((b"GIF87a", b"GIF89a")) else container_of(head)
    animation = animation_of(source) if container is None else None
    if animation is not None:
        facts = probe_animation(source, animation, limits)
    elif container is None:
        raise MediaError(NOT_A_FILM)
    else:
        with _opened(source, container.demuxer) as film:
            facts = _facts(film, container.media_type, container.demuxer, size, limits)
    if facts.seconds <= 0 and not facts.has_video:
        raise MediaError(DAMAGED)
    if facts.seconds > limits.max_seconds:
        raise MediaError(f"The film is longer than {limits.max_seconds:.0f} seconds.")
    return facts


def poster(source: Path, out_dir: Path, demuxer: str, at: float | None) -> ProcessedPhoto:
    """Write the picture of the film `source`, one that was looked at by `probe_film`, at a moment, as a photograph's
    variants.

    Without a moment, the first of a few that is neither dark nor of one colour. Raises MediaError.
    """
    with _opened(source, demuxer) as film:
        stream = _shown_stream(film)
        length = float(film.duration or 0) / av.time_base
        moments = [length * share for share in _CANDIDATES] if at is None else [max(0.0, min(at, length - 0.05))]
        chosen = _best_frame(film, stream, moments)
    chosen.thumbnail((_POSTER_SIDE, _POSTER_SIDE))
    written = out_dir / "poster.png"
    chosen.save(written, compress_level=1)
    return process_photo(written, out_dir, Limits(max_bytes=1 << 30, max_aspect=1 << 16))


def still(source: Path, out_dir: Path, at: float, longest: int) -> None:
    """Write what one of our own films shows at about a moment as STILL_FILE, with sides of `longest` pixels at most.
    Raises MediaError."""
    with _opened(source, "mov") as film:
        stream = _shown_stream(film)
        # Frames on which no other depends need no time: one of their neighbours is shown.
        stream.codec_context.skip_frame = "NONREF"
        picture = _frame_at(film, stream, at)
    if picture is None:
        raise MediaError(DAMAGED)
    picture.thumbnail((longest, longest), Image.Resampling.BILINEAR)
    picture.save(out_dir / STILL_FILE, compress_level=1)


def cover(source: Path, demuxer: str, out_dir: Path, limits: Limits) -> ProcessedPhoto | None:
    """Write the picture that comes with a recording as a photograph's variants; `None` when it has none of use."""
    with _opened(source, demuxer) as recording:
        pictures = [stream for stream in recording.streams.video if stream.disposition & _ATTACHED]
        data = next((bytes(packet) for packet in recording.demux(pictures[0]) if packet.size), b"") if pictures else b""
    if not data:
        return None
    written = out_dir / "cover"
    written.write_bytes(data[: limits.max_bytes + 1])
    try:
        return process_photo(written, out_dir, limits)
    except MediaError:
        return None


def waveform(source: Path, demuxer: str) -> list[float]:
    """How loud the recording is along its length: up to 200 numbers from 0 to 1, the loudest 1."""
    peaks: list[int] = []
    with _opened(source, demuxer) as recording:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=_WAVE_RATE)
        for frame in recording.decode(recording.streams.audio[0]):
            for heard in resampler.resample(frame):
                # Memory, not a plane's padding: so many samples of two bytes.
                samples = memoryview(bytes(heard.planes[0]))[: heard.samples * 2].cast("h")
                if samples:
                    peaks.append(max(max(samples), -min(samples)))
    loudest = max(peaks, default=0)
    if not loudest:
        return [0.0] * min(len(peaks), _POINTS)
    count = min(len(peaks), _POINTS)
    bounds = [round(len(peaks) * point / count) for point in range(count + 1)]
    return [round(max(peaks[low:high]) / loudest, 3) for low, high in itertools.pairwise(bounds)]


@contextmanager
def _opened(source: Path, demuxer: str) -> Iterator[Any]:
    """The file, open; whatever a demuxer or decoder stumbles over becomes a MediaError."""
    try:
        with av.open(f"file:{source}", format=demuxer, options=_OPTIONS) as film:
            for stream in film.streams:
                if stream.codec_context is not None:
                    stream.codec_context.thread_count = 1
            yield film
    except MediaError:
        raise
    except MemoryError:
        raise MediaError("The film needs more memory than this server gives to one film.") from None
    except Exception as problem:
        raise MediaError(DAMAGED) from problem


def _facts(film: Any, media_type: str, demuxer: str, size: int, limits: FilmLimits) -> FilmFacts:
    if len(film.streams) > limits.max_tracks:
        raise MediaError(f"The film has more than {limits.max_tracks} tracks.")
    pictures = _pictures(film)
    sounds = [stream for stream in film.streams.audio if stream.codec_context is not None]
    if not pictures and not sounds:
        raise MediaError(NOT_A_FILM)
    known: dict[str, Any] = {}
    if pictures:
        known |= _picture_facts(film, pictures[0], limits)
    if sounds:
        known |= _sound_facts(sounds[0])
    if media_type.startswith("video/") and not pictures:
        media_type = {"mov": "audio/mp4", "matroska": "audio/webm"}[demuxer]
    elif media_type == "audio/ogg" and pictures:
        media_type = "video/ogg"
    return FilmFacts(
        media_type=media_type,
        demuxer=demuxer,
        size=size,
        seconds=_seconds(film),
        tracks=len(film.streams),
        has_cover=len(film.streams.video) > len(pictures),
        **known,
    )


def _pictures(film: Any) -> list[Any]:
    return [stream for stream in film.streams.video if not stream.disposition & _ATTACHED]


def _shown_stream(film: Any) -> Any:
    """The pictures of a film. Raises MediaError when it has none."""
    stream = next(iter(_pictures(film)), None)
    if stream is None:
        raise MediaError(NOT_A_FILM)
    return stream


def _picture_facts(film: Any, stream: Any, limits: FilmLimits) -> dict[str, Any]:
    codec = stream.codec_context
    if codec is None:
        raise MediaError("The film is in a form we cannot read.")
    _check_size(codec.width, codec.height, limits)
    frame = next(iter(film.decode(stream)), None)
    if frame is None:
        raise MediaError(DAMAGED)
    _check_size(frame.width, frame.height, limits)
    rotation = round(frame.rotation / 90) * 90 % 360
    aspect = stream.sample_aspect_ratio or Fraction(1)
    aspect = aspect if Fraction(1, 8) <= aspect <= 8 else Fraction(1)
    width, height = _square(frame.width, frame.height, aspect)
    if rotation in (90, 270):
        width, height = height, width
    rate = stream.average_rate or stream.guessed_rate or Fraction(0)
    if rate > limits.max_frame_rate:
        raise MediaError(f"The film shows more than {limits.max_frame_rate:.0f} frames a second.")
    return {
        "video_index": stream.index,
        "video_codec": codec.name,
        "profile": stream.profile or "",
        "pixel_format": frame.format.name,
        "width": width,
        "height": height,
        "stored_width": frame.width,
        "stored_height": frame.height,
        "rotation": rotation,
        "has_square_pixels": aspect == 1,
        "frame_rate": float(rate),
        "rate_text": f"{rate.numerator}/{rate.denominator}",
        "transfer": int(codec.color_trc),
        "primaries": int(codec.color_primaries),
        "matrix": int(frame.colorspace),
    }


def _check_size(width: int, height: int, limits: FilmLimits) -> None:
    check_dimensions(
        width,
        height,
        Limits(max_pixels=limits.max_pixels, max_dimension=limits.max_dimension, max_aspect=limits.max_aspect),
    )


def _square(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """The size with square pixels; the side that grows is changed, so that nothing is lost."""
    if aspect >= 1:
        return round(width * aspect), height
    return width, round(height / aspect)


def _sound_facts(stream: Any) -> dict[str, Any]:
    codec = stream.codec_context
    return {
        "audio_index": stream.index,
        "audio_codec": codec.name.removesuffix("float"),
        "audio_profile": stream.profile or "",
        "channels": codec.channels,
        "sample_rate": codec.sample_rate,
    }


def _seconds(film: Any) -> float:
    """The length: as stated, or, when nothing is (recorders of browsers), the last packet's end."""
    stated = float(film.duration or 0) / av.time_base
    if film.format.name.startswith("matroska"):  # It counts from zero, wherever the film begins.
        stated -= max(float(film.start_time or 0), 0.0) / av.time_base
    if stated > 0 and math.isfinite(stated):
        return stated
    film.seek(0)
    last = 0.0
    for number, packet in enumerate(film.demux()):
        if number > _MAX_PACKETS:
            break
        if packet.pts is not None and packet.time_base is not None:
            last = max(last, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return last


def _best_frame(film: Any, stream: Any, moments: list[float]) -> Image.Image:
    best: tuple[float, Image.Image] | None = None
    for moment in moments:
        picture = _frame_at(film, stream, moment)
        if picture is None:
            continue
        small = ImageStat.Stat(picture.convert("L").resize((64, 64)))
        brightness, contrast = small.mean[0], small.stddev[0]
        if brightness >= _DARK and contrast >= _FLAT:
            return picture
        worth = min(brightness, _DARK) + contrast
        if best is None or worth > best[0]:
            best = worth, picture
    if best is None:
        raise MediaError(DAMAGED)
    return best[1]


def _frame_at(film: Any, stream: Any, moment: float) -> Image.Image | None:
    """The frame shown at a moment, the last one before it when there is none after."""
    film.seek(round(moment * av.time_base))
    last = None
    for frame in film.decode(stream):
        last = frame
        if frame.time is None or frame.time + 0.001 >= moment:
            break
    if last is None:
        return None
    is_bt709 = last.colorspace == _BT709 or (last.colorspace == _UNSPECIFIED and last.height >= _HIGH_DEFINITION)
    picture: Image.Image = last.to_image(**({"src_colorspace": "ITU709"} if is_bt709 else {}))
    turn = _TURNS.get(round(last.rotation / 90) * 90 % 360)
    return picture if turn is None else picture.transpose(turn)
