"""``tag``: mentions, hashtags, custom emojis and object links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activitypub.parse.media import read_image
from activitypub.parse.reading import objects, text, time, type_among
from activitypub.parse.urls import url_or_none
from activitypub.types import Emoji, Hashtag, Mention
from activitypub.vocabulary import ACTIVITY_MEDIA_TYPES, MISSKEY_QUOTE

MAX_TAGS = 100
MAX_HANDLE = 512
MAX_HASHTAG = 256

_SHORTCODE = re.compile(r"[\w.+-]{1,100}")


@dataclass(frozen=True, slots=True)
class Tags:
    mentions: tuple[Mention, ...]
    hashtags: tuple[Hashtag, ...]
    emojis: tuple[Emoji, ...]
    quote: str | None


def read_tags(value: object) -> Tags:
    """The first 100 tags, sorted by what they are; doubles and unreadable ones dropped."""
    mentions: dict[str, Mention] = {}
    hashtags: dict[str, Hashtag] = {}
    emojis: dict[str, Emoji] = {}
    quote: str | None = None
    for tag in objects(value, MAX_TAGS):
        match type_among(tag, ("Mention", "Hashtag", "Emoji", "Link")):
            case "Mention" if (mention := _mention(tag)) is not None:
                mentions.setdefault(mention.href, mention)
            case "Hashtag" if (hashtag := _hashtag(tag)) is not None:
                hashtags.setdefault(hashtag.name.casefold(), hashtag)
            case "Emoji" if (emoji := _emoji(tag)) is not None:
                emojis.setdefault(emoji.name, emoji)
            case "Link" if quote is None:
                quote = _quote(tag)
    return Tags(tuple(mentions.values()), tuple(hashtags.values()), tuple(emojis.values()), quote)


def _mention(tag: Mapping[str, Any]) -> Mention | None:
    href = url_or_none(tag.get("href"))
    return None if href is None else Mention(href, text(tag.get("name"), MAX_HANDLE))


def read_hashtag(document: Mapping[str, Any]) -> Hashtag | None:
    """A Hashtag by itself, as collections and activities carry it; `None` for anything else."""
    return _hashtag(document) if type_among(document, ("Hashtag",)) else None


def _hashtag(tag: Mapping[str, Any]) -> Hashtag | None:
    name = (text(tag.get("name"), MAX_HASHTAG) or "").strip().lstrip("#＃")
    return Hashtag(name, url_or_none(tag.get("href"))) if name else None


def _emoji(tag: Mapping[str, Any]) -> Emoji | None:
    name = (text(tag.get("name"), MAX_HANDLE) or "").strip(":")
    image = read_image(tag.get("icon"))
    if image is None or not _SHORTCODE.fullmatch(name):
        return None
    return Emoji(name, image.url, image.media_type, url_or_none(tag.get("id")), time(tag.get("updated")))


def _quote(tag: Mapping[str, Any]) -> str | None:
    """An object link (FEP-e232) is a quote when its ``rel`` says so, or when it has none and is named ``RE: …``."""
    relations = tag.get("rel")
    if isinstance(relations, str | list):
        is_quote = MISSKEY_QUOTE in relations
    else:
        is_quote = (text(tag.get("name"), MAX_HANDLE) or "").startswith("RE:")
    is_object = str(tag.get("mediaType", "")).lower() in ACTIVITY_MEDIA_TYPES
    return url_or_none(tag.get("href")) if is_quote and is_object else None
