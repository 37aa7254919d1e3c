"""Pictures and files named by documents: links, avatars, attachments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from activitypub.parse.reading import (
    MAX_DESCRIPTION,
    count,
    first_object,
    media_type,
    members,
    natural_text,
    number,
    objects,
    seconds,
    text,
    type_among,
)
from activitypub.parse.urls import url_or_none
from activitypub.types import Attachment, AttachmentKind, Image, PersonTag

MAX_ATTACHMENTS = 20
MAX_PEOPLE = 20
MAX_EXIF_FIELDS = 60
MAX_EXIF_TEXT = 200
MAX_LINKS = 50
MAX_PIXELS_A_SIDE = 100_000
BEST_HEIGHT = 1080

LinkedFile: TypeAlias = tuple[str, str | None, Mapping[str, Any]]
"""URL, media type, and the Link itself (empty for a bare URL)."""

_BLURHASH = re.compile(r"[0-9A-Za-z#$%*+,\-.:;=?@\[\]^_{|}~]{6,164}")
_MULTIBASE = re.compile(r"[zu][0-9A-Za-z_-]{16,200}")
_KINDS: dict[str, AttachmentKind] = {"image": "image", "video": "video", "audio": "audio"}
_KINDS_BY_ENDING: dict[str, AttachmentKind] = {
    **dict.fromkeys(("avif", "gif", "heic", "jpeg", "jpg", "png", "webp"), "image"),
    **dict.fromkeys(("m4v", "mov", "mp4", "webm"), "video"),
    **dict.fromkeys(("flac", "m4a", "mp3", "ogg", "opus", "wav"), "audio"),
}
_FILE_TYPES = frozenset({"Document", "Image", "Video", "Audio"})


def links(value: object) -> Iterator[LinkedFile]:
    """What ``url`` may hold (string, Link, list of both) as URL, media type and details."""
    for member in members(value, MAX_LINKS):
        link = member if isinstance(member, Mapping) else {}
        target = (link.get("href") or link.get("url")) if link else member
        # WordPress writes the ampersands of picture URLs as HTML does.
        url = url_or_none(target.replace("&#038;", "&") if isinstance(target, str) else None)
        if url is not None:
            # Funkwhale wrote mimeType.
            yield url, media_type(link.get("mediaType") or link.get("mimeType")), link


def page_url(value: object) -> str | None:
    """The page among the links of ``url``: the first of text/html, else the first without a type, else the first."""
    found = list(links(value))
    for wanted in ("text/html", None):
        for url, kind, _ in found:
            if kind == wanted:
                return url
    return found[0][0] if found else None


def read_image(value: object) -> Image | None:
    """``icon`` or ``image``: an Image object, a Link, a URL, or the first readable of a list."""
    for member in members(value, 10):
        document: Mapping[str, Any] = member if isinstance(member, Mapping) else {"url": member}
        link = next(links(document.get("url") or document.get("href")), None)
        if link is None:
            continue
        url, linked_type, details = link
        return Image(
            url=url,
            media_type=media_type(document.get("mediaType")) or linked_type,
            description=_description(document),
            blurhash=_blurhash(document.get("blurhash")),
            width=_side(document.get("width", details.get("width"))),
            height=_side(document.get("height", details.get("height"))),
            focus=_focus(document.get("focalPoint")),
        )
    return None


def read_attachments(document: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """The media of a post: those of ``attachment``, or for an Image, Video or Audio object its own file."""
    found = (read_attachment(member) for member in objects(document.get("attachment"), MAX_ATTACHMENTS))
    attachments = tuple(attachment for attachment in found if attachment is not None)
    kind = type_among(document, ("Image", "Video", "Audio"))
    if attachments or kind is None:
        return attachments
    own = _own_file(document, kind)
    return () if own is None else (own,)


def read_attachment(document: Mapping[str, Any]) -> Attachment | None:
    """A Document, Image, Video or Audio, or a Link to one; None for anything else (cards, profile fields, …)."""
    declared = type_among(document, _FILE_TYPES | {"Link"})
    found = list(links(document.get("url") or document.get("href")))
    if declared is None or not found:
        return None
    url, linked_type, details = _best_rendition(found)
    mime = media_type(document.get("mediaType")) or linked_type
    kind = _kind(mime, declared, url)
    if declared == "Link" and kind == "unknown":
        return None
    thumbnail = read_image(document.get("icon")) or read_image(document.get("preview"))
    return Attachment(
        kind=kind,
        url=url,
        media_type=mime,
        description=_description(document),
        blurhash=_blurhash(document.get("blurhash")),
        focus=_focus(document.get("focalPoint")),
        width=_side(details.get("width", document.get("width"))),
        height=_side(details.get("height", document.get("height"))),
        duration=seconds(document.get("duration")),
        thumbnail=thumbnail.url if thumbnail else None,
        size=count(details.get("size", document.get("size"))),
        digest=_digest(details.get("digestMultibase", document.get("digestMultibase"))),
        exif=_exif(document.get("exifData")),
        people=_people(document.get("tag")),
    )


def _own_file(document: Mapping[str, Any], declared: str) -> Attachment | None:
    """The file of an object that is itself media, named in its ``url`` beside its page."""
    wanted = _KINDS[declared.lower()]
    files = [link for link in links(document.get("url")) if link[1] and link[1].startswith(f"{wanted}/")]
    if not files:
        return None
    url, mime, details = _best_rendition(files)
    thumbnail = read_image(document.get("icon"))
    return Attachment(
        kind=wanted,
        url=url,
        media_type=mime,
        blurhash=_blurhash(document.get("blurhash")),
        width=_side(details.get("width")),
        height=_side(details.get("height")),
        duration=seconds(document.get("duration")),
        thumbnail=thumbnail.url if thumbnail else None,
        size=count(details.get("size")),
    )


def _best_rendition(found: list[LinkedFile]) -> LinkedFile:
    """The largest of at most 1080 lines, or else the smallest of those above; the first where heights are not told."""

    def rank(link: LinkedFile) -> tuple[bool, int]:
        height = _side(link[2].get("height")) or 0
        return height <= BEST_HEIGHT, height if height <= BEST_HEIGHT else -height

    return max(found, key=rank)


def _kind(mime: str | None, declared: str, url: str) -> AttachmentKind:
    """What the media type says, or else what the object calls itself, or else the file name's ending."""
    kind = _KINDS.get((mime or "").partition("/")[0]) or _KINDS.get(declared.lower())
    if kind is not None or mime is not None:
        return kind or "unknown"
    return _KINDS_BY_ENDING.get(urlsplit(url).path.rpartition(".")[2].lower(), "unknown")


def _description(document: Mapping[str, Any]) -> str | None:
    """Alt text stands in ``summary`` (GoToSocial, Mastodon's first choice) or ``name`` (everybody else)."""
    return natural_text(document, "summary", MAX_DESCRIPTION) or natural_text(document, "name", MAX_DESCRIPTION)


def _blurhash(value: object) -> str | None:
    return value if isinstance(value, str) and _BLURHASH.fullmatch(value) else None


def _digest(value: object) -> str | None:
    return value if isinstance(value, str) and _MULTIBASE.fullmatch(value) else None


def _side(value: object) -> int | None:
    return count(value, MAX_PIXELS_A_SIDE) or None


def _exif(value: object) -> tuple[tuple[str, str], ...]:
    """Fields of Exif as their server tells them (FEP-ee3a); values may come as numbers."""
    found: list[tuple[str, str]] = []
    for field in objects(value, MAX_EXIF_FIELDS):
        name, told = text(field.get("name"), MAX_EXIF_TEXT), field.get("value")
        if isinstance(told, int | float) and not isinstance(told, bool):
            told = format(told, "g")
        written = text(told, MAX_EXIF_TEXT)
        if name and written:
            found.append((name, written))
    return tuple(found)


def _people(value: object) -> tuple[PersonTag, ...]:
    """Mentions with a position inside the picture; doubles dropped."""
    found: dict[str, PersonTag] = {}
    for tag in objects(value, MAX_PEOPLE):
        href, position = url_or_none(tag.get("href")), _pair(tag.get("position"), 0, 1)
        if href is not None and position is not None and type_among(tag, ("Mention",)):
            found.setdefault(href, PersonTag(href, text(tag.get("name"), 512), *position))
    return tuple(found.values())


def _focus(value: object) -> tuple[float, float] | None:
    return _pair(value, -1, 1)


def _pair(value: object, low: float, high: float) -> tuple[float, float] | None:
    if (wrapped := first_object(value)) is not None:
        value = wrapped.get("@list")
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    x, y = (number(part, low, high) for part in value)
    return None if x is None or y is None else (x, y)
