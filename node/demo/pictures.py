"""The photographs of the story: from a folder when there is one, else drawn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from node.demo.process import PROJECT

SAMPLES = PROJECT.parent / "shared" / "samples" / "media" / "photos"
KINDS = (".jpg", ".jpeg", ".png", ".heic", ".webp")


def photographs(folder: Path | None) -> Iterator[tuple[str, bytes]]:
    """File names and contents, without end."""
    chosen = folder or (SAMPLES if SAMPLES.is_dir() else None)
    files = sorted(path for path in chosen.iterdir() if path.suffix.lower() in KINDS) if chosen else []
    while files:
        for path in files:
            yield path.name, path.read_bytes()
    from media.drawn import draw_picture

    seed = 0
    while True:
        yield f"landscape-{seed}.jpg", draw_picture(seed)
        seed += 1
