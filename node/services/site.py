"""What the admins say and show of the place: files in `<data>/site`, read anew within a minute of a change.

    about.md           the extended description            thumbnail.png|jpg|webp   a picture of the instance
    privacy.md         the privacy policy                  icon.png                 a small square picture
    terms-DATE.md      terms of service from that day on (terms-2026-05-01.md); several may stand beside each other

Texts are Markdown, or HTML in a file ending in `.html`; either is reduced to what may be shown.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import nh3

from media.errors import MediaError
from media.probe import probe
from node import clock
from node.cache import BoundedCache
from node.runtime import runtime

FOLDER: Final = "site"
MAX_TEXT: Final = 512 * 1024
MAX_TERMS: Final = 50
_KEPT_SECONDS: Final = 60.0
_TEXT_ENDINGS: Final = (".md", ".html")
_PICTURE_TYPES: Final = {"image/png": (".png",), "image/jpeg": (".jpg", ".jpeg"), "image/webp": (".webp",)}
_TERMS: Final = re.compile(r"terms-(\d{4}-\d{2}-\d{2})")
_TAGS: Final = {
    "p", "br", "hr", "a", "em", "strong", "b", "i", "u", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "address",
}  # fmt: skip


DEFAULT_SINCE: Final = datetime(2026, 11, 1, tzinfo=UTC)
DEFAULT_PRIVACY: Final = """
## What is kept

- **Your account**: user name, e-mail address, a password that nobody can read back, and what you put on your profile.
  Everybody can see the profile.
- **What you post**: public posts and their pictures can be seen by everybody and are sent to other servers. Posts for
  followers, and direct ones, are kept here too and sent to the servers of those they are for. They are not encrypted:
  whoever runs {domain}, or a server they are sent to, can read them.
- **What you like, save, follow, mute and block**.
- **How you sign in**: apps you have let in, browsers you are signed in with, and when you were last here.

Pictures are encoded anew before anybody sees them: positions and camera serial numbers in the files are not passed on.

## What becomes of it

It is used to run {domain} and to keep it safe. It is not sold, and no advertiser sees it. Other servers that received
your posts are told when you delete them; whether they do so is up to them.

You can delete posts at any time, and your account in the settings; what is left of either here is a note that it is gone.
"""


@dataclass(frozen=True, slots=True)
class Text:
    """A text as HTML that is safe to show, and when it was last changed."""

    html: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of service and the day they come into force."""

    html: str
    effective_from: date


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the folder; `version` changes with its content."""

    path: Path
    media_type: str
    width: int
    height: int
    version: int


@dataclass(frozen=True, slots=True)
class Site:
    """What there is. `terms` by their day, oldest first."""

    about: Text | None
    privacy: Text | None
    terms: tuple[Terms, ...]
    thumbnail: Picture | None
    icon: Picture | None


_kept: BoundedCache[Path, Site] = BoundedCache(4, _KEPT_SECONDS)


async def read() -> Site:
    """Everything in the folder, up to a minute old."""
    folder = runtime().settings.data_dir / FOLDER
    known = _kept.get(folder)
    if known is None:
        known = await asyncio.to_thread(_read, folder)
        _kept.put(folder, known)
    return known


async def privacy() -> Text:
    """The privacy policy: the admins' own, else what holds for this software in any case."""
    written = (await read()).privacy
    return written or Text(as_html(DEFAULT_PRIVACY.format(domain=runtime().settings.domain)), DEFAULT_SINCE)


def forget_all() -> None:
    """Read anew."""
    _kept.clear()


def terms_of(terms: tuple[Terms, ...], day: str) -> Terms | None:
    """Those that came, or will come, into force on that day (`2026-05-01`)."""
    return next((one for one in terms if one.effective_from.isoformat() == day), None)


def terms_in_force(terms: tuple[Terms, ...]) -> Terms | None:
    """The newest terms that hold today, else those that will come next."""
    today = clock.now().astimezone(UTC).date()
    held = [one for one in terms if one.effective_from <= today]
    return held[-1] if held else (terms[0] if terms else None)


def url(picture: Picture) -> str:
    """Where a picture is served; the address changes with it."""
    return f"{runtime().settings.base_url}/{FOLDER}/{picture.path.name}?v={picture.version:x}"


def as_html(markdown: str) -> str:
    """Markdown as HTML that is safe to show; HTML in it is shown as text."""
    # Imported here: hardly any process shows these texts, and each would load it at its start.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return safe(parser.render(markdown[:MAX_TEXT])).strip()


def safe(markup: str) -> str:
    """HTML reduced to what a text of the admins may be made of."""
    return nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )


def _read(folder: Path) -> Site:
    if not folder.is_dir():
        return Site(None, None, (), None, None)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    dated = [(match[1], path) for path in files if (match := _TERMS.fullmatch(path.stem)) and _is_text(path)]
    terms = [Terms(_html(path), day) for written, path in dated if (day := _day(written)) is not None]
    return Site(
        about=_text(files, "about"),
        privacy=_text(files, "privacy"),
        terms=tuple(sorted(terms, key=lambda one: one.effective_from)[:MAX_TERMS]),
        thumbnail=_picture(files, "thumbnail"),
        icon=_picture(files, "icon"),
    )


def _text(files: list[Path], name: str) -> Text | None:
    path = next((path for path in files if path.stem == name and _is_text(path)), None)
    if path is None:
        return None
    return Text(_html(path), datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _is_text(path: Path) -> bool:
    return path.suffix in _TEXT_ENDINGS


def _html(path: Path) -> str:
    with path.open("rb") as file:
        written = file.read(MAX_TEXT).decode("utf-8", "replace")
    return as_html(written) if path.suffix == ".md" else safe(written).strip()


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def _picture(files: list[Path], name: str) -> Picture | None:
    for path in files:
        if path.stem != name:
            continue
        try:
            found = probe(path)
        except (MediaError, OSError):
            continue
        if path.suffix in _PICTURE_TYPES.get(found.media_type, ()):
            return Picture(path, found.media_type, found.width, found.height, path.stat().st_mtime_ns)
    return None
