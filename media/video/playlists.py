"""HLS playlists (RFC 8216). The files they name have random keys, so their addresses are put in when they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stream:
    """One rendition in a master playlist: bits a second at most, pixels, frames a second, its playlist's address."""

    bandwidth: int
    width: int
    height: int
    frame_rate: float
    address: str


def master(streams: list[Stream]) -> str:
    """The playlist that names the renditions, the best first."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for stream in streams:
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={stream.bandwidth},RESOLUTION={stream.width}x{stream.height},"
            f"FRAME-RATE={stream.frame_rate:.3f}"
        )
        lines.append(stream.address)
    return "\n".join([*lines, ""])


def readdressed(playlist: str, addresses: Mapping[str, str]) -> str:
    """The playlist with the addresses that are keys of `addresses` replaced by what stands there."""
    lines = []
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            for old, new in addresses.items():
                line = line.replace(f'URI="{old}"', f'URI="{new}"')
        lines.append(addresses.get(line, line))
    return "\n".join([*lines, ""])
