"""Mastodon's MediaAttachment."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import orjson

from api.entities import account
from media import shown_facts
from media.edits.foreign import foreign_name
from media.edits.frames import shown_focus
from media.edits.looks import LOOKS
from media.variants import FEED
from node import file_tokens, urls
from node.file_tokens import TokenMaker
from node.services import originals, remote_media
from node.services.media import ORIGINAL

SHOWN: Final = "full"
PREVIEW: Final = "feed"
PLAYED: Final = ("video", "audio")
FILM_KINDS: Final = frozenset(("gifv", "video", "audio"))
_LONGEST: Final = 1e7
"""Seconds above which a server's word on the length of its film is not passed on."""
_KINDS: Final = FILM_KINDS | {"image"}


class Dimensions(msgspec.Struct, frozen=True, omit_defaults=True):
    """Pixels; `size` is `1080x720`, `aspect` width by height. Films and recordings say how long they are, in seconds,
    frames a second as a fraction, and bits a second."""

    width: int | None = None
    height: int | None = None
    size: str | None = None
    aspect: float | None = None
    frame_rate: str | None = None
    duration: float | None = None
    bitrate: int | None = None


class Focus(msgspec.Struct, frozen=True):
    """The point to keep when cropping: -1 to 1 from left to right and from bottom to top."""

    x: float
    y: float


class Meta(msgspec.Struct, frozen=True, omit_defaults=True):
    """Sizes of what `url` and `preview_url` lead to; of films and recordings also length (`0:01:28.65`) and sound."""

    original: Dimensions | None = None
    small: Dimensions | None = None
    focus: Focus | None = None
    length: str | None = None
    duration: float | None = None
    fps: float | None = None
    size: str | None = None
    width: int | None = None
    height: int | None = None
    aspect: float | None = None
    audio_encode: str | None = None
    audio_bitrate: str | None = None
    audio_channels: str | None = None


class Captions(msgspec.Struct, frozen=True):
    """WebVTT in one language."""

    language: str
    url: str


class TaggedAccount(msgspec.Struct, frozen=True):
    """Somebody who is seen in a picture."""

    id: str
    username: str
    acct: str
    url: str


class TaggedPerson(msgspec.Struct, frozen=True):
    """Who is seen in a picture and where: `x` from the left, `y` from the top, 0 to 1 (ours)."""

    account: TaggedAccount
    x: float
    y: float


class Camera(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the owner shows of the camera's facts. `exposure_time` in seconds, `focal_length` in millimetres, `taken_at` in ISO 8601
    as the camera's clock showed it, with its zone if it told that; `film` as the owner wrote it."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    exposure_time: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    film: str | None = None
    taken_at: str | None = None


class MediaAttachment(msgspec.Struct, frozen=True):
    """A picture of a post, or one that waits for its post. What follows `blurhash` is Pixelfed's. `filter_name`
    is the filter worked into the picture: Pixelfed's name where it has one like it, else ours. `filter_class` is `null`, as
    with Pixelfed for such a picture: whoever was given one would apply it once more."""

    id: str
    type: str
    url: str | None
    preview_url: str | None
    remote_url: str | None
    preview_remote_url: str | None
    text_url: str | None
    meta: Meta
    description: str | None
    blurhash: str | None
    is_nsfw: bool
    mime: str
    license: None = None
    filter_name: str | None = None
    filter_class: None = None
    optimized_url: None = None
    people: list[TaggedPerson] = []
    hls_manifest: str | None = None
    captions: list[Captions] = []
    waveform: list[float] | None = None
    """How loud a recording is along its length, 0 to 1."""
    camera: Camera | None = None
    original_url: str | None = None
    """The photograph in the quality it came in, where its owner shows that (ours)."""


def render(
    row: Mapping[str, Any],
    *,
    is_sensitive: bool = False,
    people: Sequence[Any] = (),
    token: TokenMaker = file_tokens.placeholder,
) -> MediaAttachment:
    """The entity of a row with `queries.content.MEDIA_COLUMNS`; `is_sensitive` when its post is. `people`
    are rows of `queries.content.people`.

    `token` makes those of the reader it is for (`of_reader`); without it, what is encoded goes through `personal` before
    anybody is shown it.
    """
    variants = orjson.loads(row["variants"]) if isinstance(row["variants"], str | bytes) else row["variants"]
    kind = _kind(row)
    is_film = kind in FILM_KINDS
    picture = SHOWN if SHOWN in variants else PREVIEW
    best = next((name for name in PLAYED if name in variants), "") if is_film else picture
    shown, preview = variants.get(best), variants.get(PREVIEW) or variants.get(picture)
    size = (shown.get("width"), shown.get("height")) if shown else (row["width"], row["height"])
    small = _dimensions(preview["width"], preview["height"]) if preview else _dimensions(*_fitted(*size))
    focus = Focus(*shown_focus(row["focus_x"], row["focus_y"]))
    return MediaAttachment(
        id=str(row["id"]),
        type=kind,
        url=address(row, best, shown["key"], token) if shown else _remote(row, _whole(row), token),
        preview_url=address(row, PREVIEW if PREVIEW in variants else picture, preview["key"], token)
        if preview
        else _remote(row, remote_media.SMALL, token),
        remote_url=None if _hides_origin(row) else row["remote_url"],
        preview_remote_url=None if _hides_origin(row) else row["thumbnail_remote_url"],
        text_url=None,
        meta=film_meta(row, shown or {}, small, focus)
        if is_film
        else Meta(original=_dimensions(*size), small=small, focus=focus),
        description=row["description"] or None,
        blurhash=row["blurhash"],
        is_nsfw=is_sensitive,
        mime="video/mp4" if kind == "gifv" and _is_picture(row) else row["media_type"],
        people=[_person(seen) for seen in people],
        hls_manifest=address(row, "hls", variants["hls"]["key"], token) if "hls" in variants else None,
        captions=[
            Captions(variant["language"], address(row, name, variant["key"], token))
            for name, variant in variants.items()
            if name.startswith("captions-")
        ],
        waveform=shown.get("waveform") if is_film and shown else None,
        camera=_camera(row["camera"]),
        original_url=_original(row, token),
        filter_name=filter_name(row["look"]) if row["look"] else None,
    )


def _kind(row: Mapping[str, Any]) -> str:
    """What apps are told it is. Where readers are sent to other servers they get the picture that moves itself."""
    if row["kind"] == "gifv" and _is_picture(row) and urls.links_to_remote_files():
        return "image"
    return row["kind"] if row["kind"] in _KINDS else "unknown"


def _whole(row: Mapping[str, Any]) -> str:
    """The shape in which a file of another server is shown large."""
    return remote_media.FILM if row["kind"] == "gifv" and _is_picture(row) else remote_media.ORIGINAL


def _is_picture(row: Mapping[str, Any]) -> bool:
    """Whether its server has a picture there, one that may move."""
    return not row["media_type"].startswith(("video/", "audio/"))


def _original(row: Mapping[str, Any], token: TokenMaker) -> str | None:
    if not originals.is_shown(row):
        return None
    return urls.original(row["id"]) if row["is_open"] else urls.closed_file(row["id"], ORIGINAL, token(row["id"]))


def filter_name(look: str) -> str:
    """What apps call one of our filters."""
    return foreign_name(look) or LOOKS[look].title


def _person(row: Mapping[str, Any]) -> TaggedPerson:
    url = account.profile_url(row["username"], row["domain"], row["url"], row["uri"])
    shown = TaggedAccount(str(row["account_id"]), row["username"], account.acct(row["username"], row["domain"]), url)
    return TaggedPerson(shown, row["x"], row["y"])


def _camera(column: Any) -> Camera | None:
    facts = shown_facts.shown(orjson.loads(column) if isinstance(column, str | bytes) else column)
    return msgspec.convert(facts, Camera) if facts else None


def of_reader(account_id: int | None) -> TokenMaker:
    """What makes the tokens of an account."""
    return functools.partial(file_tokens.for_account, account_id)


def personal(body: bytes, account_id: int | None) -> bytes:
    """What was rendered for many readers, with the addresses that one of them has for files that are not for everybody."""
    return file_tokens.personal(body, of_reader(account_id))


def is_closed(row: Mapping[str, Any]) -> bool:
    """Whether the addresses in its entity differ from reader to reader."""
    return not row["is_open"]


def address(row: Mapping[str, Any], variant: str, key: str, token: TokenMaker) -> str:
    """Where the file of that name under `key` is served: the one place that knows. A key is shown of what is for
    everybody alone."""
    return urls.media(key) if row["is_open"] else urls.closed_file(row["id"], variant, token(row["id"]))


def _hides_origin(row: Mapping[str, Any]) -> bool:
    """Whether the addresses another server gave this one are nobody else's: they may let in whoever has them."""
    return not row["is_open"] and not urls.links_to_remote_files()


def _remote(row: Mapping[str, Any], shape: str, token: TokenMaker) -> str | None:
    """A file of another server, as readers get it."""
    kind, origin = remote_media.ATTACHMENT, row["remote_url"]
    if shape == remote_media.SMALL and row["thumbnail_remote_url"]:
        kind, origin, shape = remote_media.THUMBNAIL, row["thumbnail_remote_url"], remote_media.ORIGINAL
    if not origin:
        return None
    if not _hides_origin(row):
        return urls.remote_file(kind, row["id"], origin, shape)
    return urls.closed_file(row["id"], remote_media.closed_variant(kind, shape), token(row["id"]))


def _fitted(width: int | None, height: int | None) -> tuple[int | None, int | None]:
    """The size a picture of another server is shown in as a preview."""
    if not width or not height or urls.links_to_remote_files():
        return width, height
    scale = min(FEED.max_width / width, FEED.max_height / height, 1)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _dimensions(width: int | None, height: int | None) -> Dimensions | None:
    if not width or not height:
        return None
    return Dimensions(width, height, f"{width}x{height}", width / height)


def film_meta(row: Mapping[str, Any], film: Mapping[str, Any], small: Dimensions | None, focus: Focus) -> Meta:
    """What Mastodon says of a film or recording: `film` is the variant that is played, empty for a remote one."""
    seconds = row["duration"] if row["duration"] and row["duration"] < _LONGEST else None
    width, height = film.get("width") or row["width"], film.get("height") or row["height"]
    size = _dimensions(width, height)
    rate = film.get("frame_rate") or None
    original = Dimensions(
        width=width or None, height=height or None, frame_rate=rate, duration=seconds, bitrate=film.get("bitrate")
    )
    channels = film.get("channels")
    return Meta(
        original=original if original != Dimensions() else None,
        small=small,
        focus=focus,
        length=None if seconds is None else _length(seconds),
        duration=seconds,
        fps=_frames_a_second(rate),
        size=size.size if size else None,
        width=size.width if size else None,
        height=size.height if size else None,
        aspect=size.aspect if size else None,
        audio_encode=film.get("audio"),
        audio_bitrate=f"{film['rate']} Hz" if film.get("rate") else None,
        audio_channels=None if not channels else "mono" if channels == 1 else "stereo",
    )


def _length(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02}:{rest:05.2f}"


def _frames_a_second(rate: str | None) -> float | None:
    if not rate:
        return None
    frames, _, seconds = rate.partition("/")
    return round(int(frames) / int(seconds or 1), 2) if int(seconds or 1) else None
