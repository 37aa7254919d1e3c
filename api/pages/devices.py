"""What a `User-Agent` header says to a person: `Firefox on Windows`."""

from __future__ import annotations

from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrom", "Chrome"),
    ("Safari/", "Safari"),
)
"""The first that is found: most also call themselves what stands further down."""
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)
_LONGEST: Final = 60


def is_mobile(user_agent: str) -> bool:
    """Whether it is a telephone or a tablet."""
    return any(mark in user_agent for mark in ("Mobile", "Android", "iPhone", "iPad"))


def device(user_agent: str) -> str:
    """The browser and the system it runs on, as far as they are known; else the beginning of the header."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser is None:
        return user_agent[:_LONGEST] or "Unknown browser"
    return f"{browser} on {system}" if system else browser
