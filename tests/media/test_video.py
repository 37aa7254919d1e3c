"""Films and recordings: what goes in, what comes out, what is refused, and that nothing hangs or grows."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from media.errors import MediaError
from media.pool import MediaPool
from media.probe import Limits
from media.video import ffmpeg
from media.video.facts import Crop, FilmEdits, FilmLimits
from media.video.ffmpeg import Bounds
from media.video.studio import FinishedFilm, Studio, Wishes
from tests.media.films import H264, SECRETS, film, made, streams
from tests.samples import SAMPLES

LIMITS = FilmLimits(max_seconds=90, max_bytes=32 * 1024 * 1024)


@pytest.fixture(scope="module")
async def studio() -> AsyncIterator[Studio]:
    pool = MediaPool(1, idle_seconds=600)
    yield Studio(pool, LIMITS, Limits())
    await pool.close()


async def developed(studio: Studio, source: Path, wishes: Wishes = Wishes()) -> FinishedFilm:  # noqa: B008
    folder = source.parent / f"of {source.name}"
    folder.mkdir(exist_ok=True)

    async def nobody(stage: str, share: float) -> None:
        assert stage in ("film", "small", "pictures")
        assert 0 <= share <= 1

    return await studio.develop(source, folder, wishes, nobody)


def plays_everywhere(done: FinishedFilm) -> None:
    """Whether it is what every app plays: H.264 in yuv420p, even sides, upright, square pixels, the index first."""
    facts = done.facts
    assert (facts.demuxer, facts.video_codec, facts.pixel_format) == ("mov", "h264", "yuv420p")
    assert facts.profile in ("High", "Main", "Baseline", "Constrained Baseline")
    assert (facts.rotation, facts.has_square_pixels, facts.is_hdr) == (0, True, False)
    assert facts.width % 2 == facts.height % 2 == 0
    assert facts.audio_codec in ("", "aac")
    data = done.file.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


async def test_a_film_that_plays_everywhere_is_only_stripped(studio: Studio, tmp_path: Path) -> None:
    source = film(tmp_path / "sent.mov", *H264, *SECRETS, "-movflags", "use_metadata_tags")
    assert b"Secret" in source.read_bytes()
    done = await developed(studio, source)
    plays_everywhere(done)
    data = done.file.read_bytes()
    assert not any(word in data for word in (b"Secret", b"48.2082", b"Lavf"))
    # The pictures are the very same bytes.
    raw = [
        made(tmp_path / name, "-i", str(path), "-map", "0:v", "-c", "copy", "-f", "h264").read_bytes()
        for name, path in (("a", source), ("b", done.file))
    ]
    assert raw[0] == raw[1]
    assert (done.kind, done.facts.channels, round(done.facts.seconds, 1)) == ("video", 1, 1.0)
    assert done.poster is not None
    assert (done.poster.width, done.poster.height, len(done.poster.variants)) == (320, 240, 3)


async def test_a_turned_film_stands_upright(studio: Studio, tmp_path: Path) -> None:
    lying = film(tmp_path / "lying.mp4")
    done = await developed(
        studio, made(tmp_path / "sent.mov", "-display_rotation", "90", "-i", str(lying), "-c", "copy")
    )
    plays_everywhere(done)
    assert (done.facts.width, done.facts.height) == (240, 320)
    assert "rotation" not in streams(done.file)


@pytest.mark.parametrize(
    ("name", "options", "size"),
    [
        ("vp9.webm", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"), (320, 240)),
        ("mpeg4.mkv", ("-c:v", "mpeg4", "-c:a", "libmp3lame"), (320, 240)),
        ("hevc.mov", ("-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-c:a", "pcm_s16le"), (320, 240)),
        ("444.mp4", ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"), (320, 240)),
        ("wide.mp4", (*H264, "-vf", "setsar=2"), (640, 240)),
        (
            "odd.mkv",
            ("-vf", "scale=101:51,setsar=1", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p"),
            (100, 52),
        ),
        ("strip.mkv", ("-vf", "scale=2:120", "-c:v", "huffyuv"), (2, 120)),
        ("fast.mp4", (*H264, "-r", "120"), (320, 240)),
        ("uneven.mkv", (*H264, "-vf", "select=not(mod(n\\,3))+lt(n\\,6)", "-fps_mode", "vfr"), (320, 240)),
    ],
)
async def test_films_of_all_kinds_are_made_playable(
    studio: Studio, tmp_path: Path, name: str, options: tuple[str, ...], size: tuple[int, int]
) -> None:
    done = await developed(studio, film(tmp_path / name, *options))
    plays_everywhere(done)
    assert (done.facts.width, done.facts.height) == size
    assert done.facts.audio_codec == "aac"
    assert done.facts.frame_rate <= 60.1
    assert 0.8 <= done.facts.seconds <= 1.2


async def test_high_dynamic_range_is_brought_to_plain_screens(studio: Studio, tmp_path: Path) -> None:
    tags = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none"
    options = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", tags)
    done = await developed(studio, film(tmp_path / "hdr.mov", *options, sound=False, seconds=0.5))
    plays_everywhere(done)
    assert (done.facts.transfer, done.facts.primaries, done.kind) == (1, 1, "gifv")


async def test_a_large_film_is_made_smaller_and_a_poster_is_not_black(studio: Studio, tmp_path: Path) -> None:
    black = "color=black:s=2000x1200:d=0.6:r=5[b];testsrc2=s=2000x1200:d=0.4:r=5[t];[b][t]concat"
    done = await developed(studio, made(tmp_path / "sent.mp4", "-filter_complex", black, *H264))
    assert (done.facts.width, done.facts.height) == (1800, 1080)
    assert done.poster is not None
    with Image.open(done.file.parent / "grid.jpg") as shown:
        assert ImageStat.Stat(shown.convert("L")).mean[0] > 60
    chosen = await developed(studio, tmp_path / "sent.mp4", Wishes(poster_at=0.1))
    with Image.open(chosen.file.parent / "grid.jpg") as shown:
        assert ImageStat.Stat(shown.convert("L")).mean[0] < 10


async def test_edits_are_made(studio: Studio, tmp_path: Path) -> None:
    source = film(tmp_path / "sent.mp4", seconds=2)
    edits = FilmEdits(start=0.5, end=1.25, mute=True, crop=Crop(0.25, 0, 0.5, 1))
    done = await developed(studio, source, Wishes(edits))
    plays_everywhere(done)
    assert (done.kind, done.facts.has_audio, done.facts.width, done.facts.height) == ("gifv", False, 160, 240)
    assert 0.65 <= done.facts.seconds <= 0.85
    with pytest.raises(MediaError, match="ends before"):
        await developed(studio, source, Wishes(FilmEdits(start=5)))


async def test_a_long_film_is_cut_for_streaming(studio: Studio, tmp_path: Path) -> None:
    done = await developed(studio, film(tmp_path / "sent.mp4", size="1280x720", seconds=3), Wishes(hls_seconds=2))
    assert [(part.name, part.width, part.height) for part in done.renditions] == [
        ("hls_film", 1280, 720),
        ("hls_small", 854, 480),
    ]
    for part in done.renditions:
        assert "#EXT-X-ENDLIST" in part.playlist.read_text()
        said = streams(part.playlist)
        assert f"{part.width}x{part.height}" in said
        assert "Duration: 00:00:03" in said


async def test_an_animation_becomes_a_film(studio: Studio, tmp_path: Path) -> None:
    done = await developed(studio, made(tmp_path / "sent.gif", "-f", "lavfi", "-i", "testsrc2=s=65x64:d=1:r=10"))
    plays_everywhere(done)
    assert (done.kind, done.facts.width, done.facts.height) == ("gifv", 64, 64)


@pytest.mark.parametrize(
    ("name", "codec", "becomes"),
    [("a.mp3", "libmp3lame", "audio/mpeg"), ("a.m4a", "aac", "audio/mp4"), ("a.flac", "flac", "audio/mpeg"),
     ("a.ogg", "libvorbis", "audio/mpeg"), ("a.opus", "libopus", "audio/mpeg"), ("a.wav", "pcm_s16le", "audio/mpeg")],
)  # fmt: skip
async def test_recordings_are_made_playable(
    studio: Studio, tmp_path: Path, name: str, codec: str, becomes: str
) -> None:
    tone = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2,volume='if(lt(t,1),0.1,1)':eval=frame")
    done = await developed(studio, made(tmp_path / name, *tone, "-c:a", codec, *SECRETS))
    assert (done.kind, done.facts.media_type) == ("audio", becomes)
    assert b"Secret" not in done.file.read_bytes()
    assert 1.9 <= done.facts.seconds <= 2.2
    early, late = done.waveform[len(done.waveform) // 4], done.waveform[len(done.waveform) * 3 // 4]
    assert early < 0.2 < 0.4 < late


async def test_the_cover_of_a_recording_is_its_poster(studio: Studio, tmp_path: Path) -> None:
    cover = made(tmp_path / "cover.jpg", "-f", "lavfi", "-i", "testsrc2=s=64x64", "-frames:v", "1")
    tone = ("-f", "lavfi", "-i", "sine=d=1", "-i", str(cover), "-map", "0", "-map", "1")
    options = ("-c:v", "copy", "-disposition:v", "attached_pic", "-c:a", "libmp3lame")
    done = await developed(studio, made(tmp_path / "sent.mp3", *tone, *options))
    assert done.poster is not None
    assert (done.poster.width, done.facts.has_video, done.facts.tracks) == (64, False, 1)


async def test_what_is_no_film_is_refused(studio: Studio, tmp_path: Path) -> None:
    whole = film(tmp_path / "whole.mp4").read_bytes()
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
    for number, data in enumerate(
        (b"", b"\x00\x00\x00\x18ftypmp42", whole[:200], whole[: len(whole) // 2], b"OggS" + bytes(100), b"ID3" + bytes(300),
         b"\x1a\x45\xdf\xa3" + os.urandom(300), whole[:32] + os.urandom(4000), playlist, b"RIFF\x24\0\0\0WAVE" + bytes(40))
    ):  # fmt: skip
        source = tmp_path / f"{number}.mp4"
        source.write_bytes(data)
        with pytest.raises(MediaError) as refused:
            await developed(studio, source)
        assert refused.value.reason.endswith(".")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (FilmLimits(max_seconds=0.5), "longer than"),
        (FilmLimits(max_bytes=1000), "larger than"),
        (FilmLimits(max_pixels=1000), "megapixels"),
        (FilmLimits(max_frame_rate=10), "frames a second"),
        (FilmLimits(max_tracks=1), "tracks"),
    ],
)
async def test_what_is_over_the_limits_is_refused(
    studio: Studio, tmp_path: Path, limits: FilmLimits, said: str
) -> None:
    with pytest.raises(MediaError, match=said):
        await developed(Studio(studio.pool, limits, Limits()), film(tmp_path / "sent.mp4"))


async def test_what_is_appended_or_cut_off_does_no_harm(studio: Studio, tmp_path: Path) -> None:
    polyglot = film(tmp_path / "sent.mp4")
    polyglot.write_bytes(polyglot.read_bytes() + b"<script>alert(1)</script>PK\x03\x04")
    done = await developed(studio, polyglot)
    assert b"<script>" not in done.file.read_bytes()
    cut = film(tmp_path / "cut.mkv", seconds=3)
    cut.write_bytes(cut.read_bytes()[: cut.stat().st_size // 2])
    assert (await developed(studio, cut)).facts.has_video


async def test_a_run_is_bounded_and_can_be_cancelled(tmp_path: Path) -> None:
    endless = ("-f", "lavfi", "-i", "testsrc2=s=640x480:r=30", *H264, "out.mp4")
    with pytest.raises(MediaError, match="too long"):
        await ffmpeg.run(endless, tmp_path, Bounds(seconds=0.5))
    with pytest.raises(MediaError):
        await ffmpeg.run(endless, tmp_path, Bounds(seconds=20, file_bytes=100_000))
    with pytest.raises(MediaError):
        await ffmpeg.run(endless, tmp_path, Bounds(seconds=20, memory_bytes=150_000_000))

    class Enough(Exception):
        pass

    async def stop(_seconds: float) -> None:
        raise Enough

    with pytest.raises(Enough):
        await ffmpeg.run(endless, tmp_path, Bounds(seconds=20), stop)
    running = asyncio.create_task(ffmpeg.run(endless, tmp_path, Bounds(seconds=20)))
    await asyncio.sleep(0.3)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.skipif(not (SAMPLES / "media" / "video").is_dir(), reason="no samples here")
async def test_the_samples(studio: Studio, tmp_path: Path) -> None:
    for sample in sorted((SAMPLES / "media" / "video").iterdir()):
        done = await developed(studio, Path(shutil.copy(sample, tmp_path / sample.name)))
        plays_everywhere(done)
