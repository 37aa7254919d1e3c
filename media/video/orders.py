"""What ffmpeg is told: fixed argument lists, made of what is known of a film and what is wanted of it.

Nothing a person typed gets in but numbers. A film that every app plays already is not compressed again: its streams
are put into a new file without anything else the old one carried.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from media.edits.recipe import Recipe
from media.video.facts import Crop, FilmEdits, FilmFacts

FILM_FILE: Final = "video.mp4"
TABLE_FILE: Final = "look.cube"
STILL_FILE: Final = "still.png"
VIGNETTE_FILE: Final = "vignette.png"
MP3_FILE: Final = "audio.mp3"
M4A_FILE: Final = "audio.m4a"
MAX_LONG: Final = 1920
MAX_SHORT: Final = 1080
SMALL_LONG: Final = 854
SMALL_SHORT: Final = 480
MAX_RATE: Final = 60
_GOOD_PROFILES: Final = frozenset(("Baseline", "Constrained Baseline", "Main", "High"))
_GOOD_PIXELS: Final = frozenset(("yuv420p", "yuvj420p"))
_GOOD_BIT_RATE: Final = 25_000_000
_SAMPLE_RATES: Final = (44_100, 48_000)
_SEGMENT_SECONDS: Final = 6

_BARE: Final = (
    *("-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-dn", "-sn"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"),
)
"""Nothing of the file but pictures and sound: no place, no camera, no chapter, no data track, no name of a program."""

_BT709: Final = 1
_UNSPECIFIED: Final = 2
_HIGH_DEFINITION: Final = 720
_TO_SDR: Final = (
    "zscale=t=linear:npl=100",
    "format=gbrpf32le",
    "zscale=p=bt709",
    "tonemap=tonemap=hable:desat=0",
    "zscale=t=bt709:m=bt709:r=tv",
)
_TAGGED: Final = "setparams=color_primaries=bt709:color_trc=bt709"
_EXACT: Final = "bicubic+accurate_rnd+full_chroma_int"
_OF_FILMS: Final = (
    *("brightness", "contrast", "saturation", "warmth", "tint", "highlights", "shadows", "fade", "vignette"),
    *("filter", "filter_strength"),
)
TO_SDR_NEEDS: Final = ("zscale", "tonemap")
_PLAIN_COLOURS: Final = (
    "-colorspace",
    "bt709",
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    "-color_range",
    "tv",
)


class Size(NamedTuple):
    width: int
    height: int


class Look(NamedTuple):
    """Which of the files that hold a recipe's colours (`media.video.looks`) lie in the folder."""

    has_table: bool = False
    has_vignette: bool = False


PLAIN: Final = Look()


def film(
    facts: FilmFacts, edits: FilmEdits, source: str, *, threads: int, can_map_tones: bool, look: Look = PLAIN
) -> list[str]:
    """From `source` to FILM_FILE: H.264 and AAC in an MP4 that begins to play before it is there whole."""
    copies_video = is_good(facts) and edits.crop is None and edits.start == 0 and look == PLAIN
    sound = _sound_of_film(facts) if facts.has_audio and not edits.mute else ["-an"]
    if copies_video:
        video = ["-map", f"0:{facts.video_index}", "-c:v", "copy"]
    else:
        filters = _filters(facts, edits.crop, can_map_tones=can_map_tones)
        video = _seen(facts, filters, look) + _h264(threads)
        if look != PLAIN or can_map_tones or not facts.is_hdr:
            video += _PLAIN_COLOURS
    return [
        *_input(source, facts.demuxer, edits, threads),
        *(_mask() if look.has_vignette else ()),
        *(*video, *sound, *_BARE),
        *("-movflags", "+faststart", "-max_muxing_queue_size", "1024", "-f", "mp4", FILM_FILE),
    ]


def still(facts: FilmFacts, source: str, at: float, *, threads: int, can_map_tones: bool) -> list[str]:
    """From a moment of `source` to STILL_FILE: the whole frame, upright, in the colours the film is made in."""
    filters = _filters(facts, None, can_map_tones=can_map_tones)
    steps = [*filters, f"scale=flags={_EXACT}", "format=rgb24"]
    return [
        *_input(source, facts.demuxer, FilmEdits(start=at), threads),
        *("-map", f"0:{facts.video_index}", "-frames:v", "1", "-vf", ",".join(steps)),
        *("-c:v", "png", "-compression_level", "1", *_BARE, "-f", "image2", "-update", "1", STILL_FILE),
    ]


def recording(facts: FilmFacts, edits: FilmEdits, source: str, *, threads: int) -> tuple[list[str], str]:
    """From `source` to a file of sound, MP3 or AAC, and that file's name."""
    copies = edits.start == 0
    if facts.audio_codec == "aac" and facts.demuxer == "mov":
        codec = ["-c:a", "copy"] if copies else ["-c:a", "aac", "-b:a", "192k"]
        name, form = M4A_FILE, ["-movflags", "+faststart", "-f", "mp4"]
    else:
        codec = ["-c:a", "copy"] if copies and facts.audio_codec == "mp3" else _encoded_mp3(facts)
        name, form = MP3_FILE, ["-id3v2_version", "0", "-write_id3v1", "0", "-f", "mp3"]
    arguments = [*_input(source, facts.demuxer, edits, threads), "-map", f"0:{facts.audio_index}", "-vn", *codec]
    return [*arguments, *_BARE, *form, name], name


def hls_copy(name: str, source: str = FILM_FILE) -> list[str]:
    """The finished film cut for streaming: `name`.m3u8 and one fragmented MP4 whose parts it names, `name`.mp4."""
    return [*_own(source), "-map", "0", "-c", "copy", *_BARE, *_hls(name)]


def hls_small(name: str, size: Size, *, threads: int, source: str = FILM_FILE) -> list[str]:
    """The same, smaller."""
    scale = f"scale={size.width}:{size.height}:out_range=tv:flags=bicubic"
    video = [*_plainly([scale, "setsar=1"]), *_h264(threads, "1500k")]
    sound = ["-c:a", "aac", "-b:a", "96k"]
    return [*_own(source), *("-map", "0:v:0", "-map", "0:a:0?"), *video, *sound, *_BARE, *_hls(name)]


def look_of(recipe: Recipe) -> Recipe:
    """What of a recipe is for films: the rest of it is for photographs."""
    return Recipe(**{name: getattr(recipe, name) for name in _OF_FILMS})


def is_good(facts: FilmFacts) -> bool:
    """Whether every app plays the pictures of the film as they are."""
    return (
        facts.demuxer == "mov"
        and facts.video_codec == "h264"
        and facts.profile in _GOOD_PROFILES
        and facts.pixel_format in _GOOD_PIXELS
        and not facts.is_hdr
        and facts.rotation == 0
        and facts.has_square_pixels
        and facts.frame_rate <= MAX_RATE + 0.1
        and facts.bit_rate <= _GOOD_BIT_RATE
        and shown_size(facts, None) == (facts.stored_width, facts.stored_height)
    )


def shown_size(facts: FilmFacts, crop: Crop | None) -> Size:
    """The size the film is made in: at most 1920 by 1080 or upright, both sides even, never enlarged."""
    width, height = facts.width, facts.height
    if crop is not None:
        width, height = round(width * crop.width), round(height * crop.height)
    return _fitted(width, height, MAX_LONG, MAX_SHORT)


def small_size(width: int, height: int) -> Size | None:
    """The size of the smaller rendition of a finished film; `None` when it is small already."""
    size = _fitted(width, height, SMALL_LONG, SMALL_SHORT)
    return None if size.width * 10 > width * 8 else size


def _fitted(width: int, height: int, longest: int, shortest: int) -> Size:
    scale = min(longest / max(width, height), shortest / min(width, height), 1)
    return Size(_even(width * scale), _even(height * scale))


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)


def _input(source: str, demuxer: str, edits: FilmEdits, threads: int) -> list[str]:
    span = ["-ss", f"{edits.start:.3f}"] if edits.start else []
    if edits.end is not None:
        span += ["-t", f"{edits.end - edits.start:.3f}"]
    bounds = ["-threads", str(threads), "-protocol_whitelist", "file", "-f", demuxer]
    return [*bounds, *span, "-i", f"file:{source}"]


def _own(source: str) -> list[str]:
    return ["-protocol_whitelist", "file", "-f", "mov", "-i", f"file:{source}"]


def _filters(facts: FilmFacts, crop: Crop | None, *, can_map_tones: bool) -> list[str]:
    """ffmpeg turns the picture upright before these."""
    size = shown_size(facts, crop)
    filters = []
    if crop is not None:
        filters.append(f"crop=iw*{crop.width:.5f}:ih*{crop.height:.5f}:iw*{crop.x:.5f}:ih*{crop.y:.5f}:exact=0")
    if facts.frame_rate > MAX_RATE + 0.1:
        filters.append(f"fps={MAX_RATE}")
    scale = f"scale={size.width}:{size.height}"
    if not facts.is_hdr:
        return [*filters, f"{scale}:{_to_709(facts)}", "setsar=1", _TAGGED]
    # Scaled first: tones are mapped in floating point, which is dear.
    return [*filters, f"{scale}:flags=bicubic", "setsar=1", *(_TO_SDR if can_map_tones else ())]


def _to_709(facts: FilmFacts) -> str:
    """Every player knows the colours of what is tagged as BT.709 of limited range. What names no matrix is taken for what
    players take it for, by its size."""
    out = "out_color_matrix=bt709:out_range=tv"
    if facts.matrix == _BT709 or (facts.matrix == _UNSPECIFIED and facts.height >= _HIGH_DEFINITION):
        return f"in_color_matrix=bt709:{out}:flags=bicubic"
    named = "in_color_matrix=bt601:" if facts.matrix == _UNSPECIFIED else ""
    return f"{named}{out}:flags=bicubic+accurate_rnd"


def _seen(facts: FilmFacts, filters: list[str], look: Look) -> list[str]:
    """The pictures of the film, filtered."""
    pictures = f"0:{facts.video_index}"
    if look == PLAIN:
        return ["-map", pictures, *_plainly(filters)]
    steps = [*filters, f"scale=flags={_EXACT}", "format=gbrp"]
    if look.has_table:
        steps.append(f"lut3d=file={TABLE_FILE}:interp=trilinear")
    back = f"scale=out_color_matrix=bt709:out_range=tv:flags={_EXACT},format=yuv420p[seen]"
    if not look.has_vignette:
        graph = f"[{pictures}]{','.join([*steps, back])}"
    else:
        graph = f"[{pictures}]{','.join(steps)}[lit];[1:v]format=gbrp[edges];[lit][edges]blend=all_mode=multiply,{back}"
    return ["-filter_complex", graph, "-map", "[seen]"]


def _mask() -> list[str]:
    return ["-protocol_whitelist", "file", "-f", "png_pipe", "-i", f"file:{VIGNETTE_FILE}"]


def _plainly(filters: list[str]) -> list[str]:
    return ["-vf", ",".join([*filters, "format=yuv420p"])]


def _h264(threads: int, most_bits: str = "8000k") -> list[str]:
    return [
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-maxrate", most_bits, "-bufsize", most_bits),
        *("-profile:v", "high", "-threads", str(threads), "-force_key_frames", "expr:gte(t,n_forced*2)"),
    ]


def _sound_of_film(facts: FilmFacts) -> list[str]:
    chosen = ["-map", f"0:{facts.audio_index}"]
    if facts.audio_codec == "aac" and facts.audio_profile == "LC" and facts.channels <= 2:
        return [*chosen, "-c:a", "copy"]
    return [*chosen, "-c:a", "aac", "-b:a", "160k", "-ac", str(min(max(facts.channels, 1), 2)), *_rate(facts)]


def _encoded_mp3(facts: FilmFacts) -> list[str]:
    return ["-c:a", "libmp3lame", "-q:a", "2", "-ac", str(min(max(facts.channels, 1), 2)), *_rate(facts)]


def _rate(facts: FilmFacts) -> list[str]:
    return [] if facts.sample_rate in _SAMPLE_RATES else ["-ar", "44100"]


def _hls(name: str) -> list[str]:
    return [
        *("-f", "hls", "-hls_time", str(_SEGMENT_SECONDS), "-hls_playlist_type", "vod"),
        *("-hls_segment_type", "fmp4", "-hls_flags", "single_file", "-hls_segment_filename", f"{name}.mp4"),
        f"{name}.m3u8",
    ]
