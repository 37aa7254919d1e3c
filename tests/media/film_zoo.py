"""Films as nobody should send them: odd codecs, odd headers, odd contents."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.media.films import H264, film, made

SIZE = (160, 120)

CODECS: dict[str, tuple[str, ...]] = {
    "vp8.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"),
    "prores.mov": ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le", "-c:a", "pcm_s24le"),
    "mjpeg.mov": ("-c:v", "mjpeg", "-c:a", "adpcm_ima_qt"),
    "rle.mov": ("-c:v", "qtrle", "-pix_fmt", "argb"),
    "mpeg2.mkv": ("-c:v", "mpeg2video", "-r", "25", "-c:a", "ac3"),
    "deep.mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-ac", "6"),
    "fragments.mp4": (*H264, "-movflags", "frag_keyframe+empty_moov"),
    "live.webm": ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-live", "1"),
    "clock.mov": (*H264, "-timecode", "01:00:00:00"),
    "late.mkv": (*H264, "-output_ts_offset", "36000"),
}
"""How to make each; all are one second long and have sound."""


def odd_codec(folder: Path, name: str) -> Path:
    """One of `CODECS`."""
    return _small(folder / name, *CODECS[name])


def odd_headers(folder: Path) -> dict[str, tuple[Path, bool]]:
    """Films of one second whose headers say something else, and whether they can be right nevertheless."""
    mp4 = _small(folder / "plain.mp4", *H264).read_bytes()
    mkv = _small(folder / "plain.mkv", *H264).read_bytes()
    made_up = {
        "endless": (_with_length(mp4, 0xFFFF_FFF0), True),
        "timeless": (_with_length(mp4, 0), True),
        "slow": (_with_frame_time(mp4, 0x7FFF_FFF0), False),
        "at_once": (_with_frame_time(mp4, 0), True),
        "ages.mkv": (_with_duration(mkv, 1e15), False),
        "nothing.mkv": (_with_duration(mkv, float("nan")), True),
        "before.mkv": (_with_duration(mkv, -5.0), True),
        "blink.mkv": (_with_duration(mkv, 0.001), True),
        "hole": (mp4[: len(mp4) // 2] + bytes(2000) + mp4[len(mp4) // 2 + 2000 :], True),
    }
    for name, (data, _) in made_up.items():
        (folder / name).write_bytes(data)
    return {name: (folder / name, is_right) for name, (_, is_right) in made_up.items()}


def odd_contents(folder: Path) -> dict[str, tuple[Path, tuple[str, int, int] | None]]:
    """Films with things in them, and what each becomes: kind, width and height; `None` where there is nothing."""
    plain = _small(folder / "base.mkv", *H264)
    larger = film(folder / "larger.mkv", *H264, size="320x240", rate=10)
    return {
        "attachments": (_with_attachments(folder, plain), ("video", *SIZE)),
        "one frame": (_small(folder / "one.mp4", *H264, "-frames:v", "1", sound=False), ("gifv", *SIZE)),
        "no frame": (_small(folder / "none.mp4", *H264, "-t", "0"), None),
        "no frame either": (_small(folder / "none.mkv", *H264, "-t", "0"), None),
        "a gap": (_with_gap(folder), ("video", *SIZE)),
        "another size": (_growing(folder, plain, larger), ("gifv", *SIZE)),
        "turned": (_turned(folder, plain, "270"), ("video", SIZE[1], SIZE[0])),
        "slanting": (_turned(folder, plain, "45"), ("video", *SIZE)),
    }


def _small(path: Path, *options: str, sound: bool = True) -> Path:
    return film(path, *options, size="160x120", rate=10, sound=sound)


def _with_length(mp4: bytes, length: int) -> bytes:
    """The length in the headers of the film and of its tracks (ISO 14496-12 §8.2.2, §8.3.2, §8.4.2)."""
    for box, at in ((b"mvhd", 16), (b"mdhd", 16), (b"tkhd", 20)):
        mp4 = _patched(mp4, box, at, length)
    return mp4


def _with_frame_time(mp4: bytes, time: int) -> bytes:
    """How long the first run of samples of each track takes (§8.6.1.2)."""
    return _patched(mp4, b"stts", 12, time)


def _patched(data: bytes, box: bytes, at: int, value: int) -> bytes:
    """The number that many bytes behind the end of each such box's name is changed."""
    changed, found = bytearray(data), -1
    while (found := data.find(box, found + 1)) >= 0:
        changed[found + 4 + at : found + 8 + at] = value.to_bytes(4, "big")
    return bytes(changed)


def _with_duration(mkv: bytes, milliseconds: float) -> bytes:
    at = mkv.index(b"\x44\x89\x88") + 3
    return mkv[:at] + struct.pack(">d", milliseconds) + mkv[at + 8 :]


def _with_attachments(folder: Path, plain: Path) -> Path:
    (folder / "font.ttf").write_bytes(b"\0\1\0\0" + bytes(5000))
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nSecret\n")
    words = ("-i", str(folder / "words.srt"), "-map", "0", "-map", "1", "-c:v", "copy", "-c:a", "copy")
    font = ("-attach", str(folder / "font.ttf"), "-metadata:s:t", "mimetype=application/x-truetype-font")
    return made(folder / "attached.mkv", "-i", str(plain), *words, *font)


def _with_gap(folder: Path) -> Path:
    far = "setpts='if(eq(N,0),0,80/TB)'"
    return made(folder / "gap.mkv", "-f", "lavfi", "-i", "testsrc2=s=160x120:d=1:r=2", "-vf", far, *H264)


def _growing(folder: Path, first: Path, then: Path) -> Path:
    raw = ("-map", "0:v", "-c", "copy", "-f", "h264")
    parts = [made(folder / name, "-i", str(path), *raw).read_bytes() for name, path in (("a", first), ("b", then))]
    (folder / "both.h264").write_bytes(b"".join(parts))
    return made(folder / "growing.mkv", "-r", "10", "-i", str(folder / "both.h264"), "-c", "copy")


def _turned(folder: Path, plain: Path, degrees: str) -> Path:
    return made(folder / f"{degrees}.mov", "-display_rotation", degrees, "-i", str(plain), "-c", "copy")
