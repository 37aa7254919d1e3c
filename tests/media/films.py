"""Short films and recordings of every kind, drawn by ffmpeg's own sources."""

from __future__ import annotations

import subprocess
from pathlib import Path

from media.video.ffmpeg import program

PICTURES = ("-f", "lavfi", "-i", "testsrc2=s=320x240:d=1:r=20")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SECRETS = (
    "-metadata",
    "location=+48.2082+016.3738/",
    "-metadata",
    "title=Secret",
    "-metadata:s",
    "handler_name=Secret",
)


def made(path: Path, *arguments: str) -> Path:
    """The file ffmpeg makes of these arguments."""
    command = [program(), "-loglevel", "error", "-nostdin", "-y", *arguments, str(path)]
    subprocess.run(command, check=True, timeout=60)
    return path


def film(
    path: Path, *options: str, seconds: float = 1, size: str = "320x240", rate: int = 20, sound: bool = True
) -> Path:
    """A film of so many seconds, H.264 and AAC unless the options say otherwise."""
    pictures = ("-f", "lavfi", "-i", f"testsrc2=s={size}:d={seconds}:r={rate}")
    sounds = ("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}") if sound else ()
    return made(path, *pictures, *sounds, *(options or H264))


def streams(path: Path) -> str:
    """What ffmpeg says of a file."""
    said = subprocess.run([program(), "-hide_banner", "-i", str(path)], capture_output=True, timeout=60, check=False)
    return said.stderr.decode()
