"""What this node accepts and offers, as both versions of Mastodon's Instance state it."""

from __future__ import annotations

from typing import Final

import msgspec

from media.variants import EXTENSIONS
from media.video.containers import FILM_TYPES
from media.video.facts import FilmLimits
from node.runtime import runtime
from node.services import polls
from node.services.media import MAX_DESCRIPTION
from node.services.pins import MAX_PINS
from node.services.tags import MAX_FEATURED

CHARACTERS_OF_AN_ADDRESS: Final = 23
_MIME_TYPES: Final = [
    *(kind for kind in EXTENSIONS if kind.startswith("image/")),
    *FILM_TYPES,
    *("audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/ogg", "audio/vorbis", "audio/flac", "audio/wav"),
    *("audio/x-wav", "audio/aac"),
]
"""Clients look here for the type their system gives a file, so some stand here under several names."""


class Accounts(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of profiles."""

    max_display_name_length: int = 40
    max_note_length: int = 500
    max_avatar_description_length: int = 150
    max_header_description_length: int = 150
    max_featured_tags: int = MAX_FEATURED
    max_pinned_statuses: int = MAX_PINS
    max_profile_fields: int = 4
    profile_field_name_limit: int = 255
    profile_field_value_limit: int = 255


class Statuses(msgspec.Struct, frozen=True):
    """Limits of posts."""

    max_characters: int
    max_media_attachments: int
    characters_reserved_per_url: int


class MediaAttachments(msgspec.Struct, frozen=True):
    """Limits of uploads: pixels of a picture or of a film's frame, bytes, frames a second."""

    supported_mime_types: list[str]
    description_limit: int
    image_size_limit: int
    image_matrix_limit: int
    video_size_limit: int
    video_frame_rate_limit: int
    video_matrix_limit: int


class Polls(msgspec.Struct, frozen=True):
    """Limits of polls."""

    max_options: int = polls.MAX_OPTIONS
    max_characters_per_option: int = polls.MAX_OPTION_CHARACTERS
    min_expiration: int = polls.MIN_SECONDS
    max_expiration: int = polls.MAX_SECONDS


class Urls(msgspec.Struct, frozen=True):
    """Where apps find more."""

    streaming: str
    status: str | None
    about: str
    privacy_policy: str
    terms_of_service: str | None


class Vapid(msgspec.Struct, frozen=True):
    """The key that signs pushes."""

    public_key: str


class Translation(msgspec.Struct, frozen=True):
    """Whether posts are translated here."""

    enabled: bool


class Access(msgspec.Struct, frozen=True):
    """Who may read a kind of timeline, of posts from here and from elsewhere: public, authenticated or disabled."""

    local: str
    remote: str


class TimelinesAccess(msgspec.Struct, frozen=True):
    """Who may read which timelines."""

    live_feeds: Access
    hashtag_feeds: Access
    trending_link_feeds: Access


class Configuration(msgspec.Struct, frozen=True):
    """Everything a client has to know before it sends something."""

    urls: Urls
    vapid: Vapid
    accounts: Accounts
    statuses: Statuses
    media_attachments: MediaAttachments
    polls: Polls
    translation: Translation
    timelines_access: TimelinesAccess
    limited_federation: bool


class FirstConfiguration(msgspec.Struct, frozen=True):
    """The part that older clients read."""

    accounts: Accounts
    statuses: Statuses
    media_attachments: MediaAttachments
    polls: Polls


def configuration(*, terms: bool) -> Configuration:
    """This node's; `terms` says whether terms of service are written down."""
    settings = runtime().settings
    base, everybody = settings.base_url, Access("public", "public")
    first = first_configuration()
    return Configuration(
        urls=Urls(
            streaming=streaming(),
            status=settings.instance.status_url,
            about=f"{base}/about",
            privacy_policy=f"{base}/privacy-policy",
            terms_of_service=f"{base}/terms-of-service" if terms else None,
        ),
        vapid=Vapid(runtime().vapid_public_key),
        accounts=first.accounts,
        statuses=first.statuses,
        media_attachments=first.media_attachments,
        polls=first.polls,
        translation=Translation(enabled=False),
        timelines_access=TimelinesAccess(live_feeds=everybody, hashtag_feeds=everybody, trending_link_feeds=everybody),
        limited_federation=False,
    )


def first_configuration() -> FirstConfiguration:
    """This node's, for older clients."""
    settings = runtime().settings
    return FirstConfiguration(
        accounts=Accounts(),
        statuses=Statuses(settings.max_characters, settings.media.max_attachments, CHARACTERS_OF_AN_ADDRESS),
        media_attachments=MediaAttachments(
            supported_mime_types=_MIME_TYPES,
            description_limit=MAX_DESCRIPTION,
            image_size_limit=settings.media.max_photo_bytes,
            image_matrix_limit=settings.media.max_pixels,
            video_size_limit=settings.media.max_video_bytes,
            video_frame_rate_limit=round(FilmLimits().max_frame_rate),
            video_matrix_limit=settings.media.max_video_pixels,
        ),
        polls=Polls(),
    )


def streaming() -> str:
    """The base of the streams' address: clients put `/api/v1/streaming` behind it."""
    return runtime().settings.base_url.replace("http", "ws", 1)
