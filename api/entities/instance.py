"""Mastodon's Instance, in both versions: what this node is and what it accepts."""

from __future__ import annotations

from importlib import metadata
from typing import Any, Final

from media.variants import EXTENSIONS
from node.queries import instance
from node.runtime import runtime
from node.services.media import MAX_DESCRIPTION

MASTODON_COMPATIBLE: Final = "4.2.0"
API_VERSION: Final = 1
"""Mastodon's API level: 2 would promise grouped notifications."""

_MIME_TYPES: Final = [kind for kind in EXTENSIONS if kind.startswith("image/")]
_ACCESS: Final = {"local": "public", "remote": "public"}


def software_version() -> str:
    """`4.2.0 (compatible; Heliograph 0.1.0)`: clients look at the first number to learn what they may call."""
    return f"{MASTODON_COMPATIBLE} (compatible; Heliograph {metadata.version('heliograph')})"


def _statuses() -> dict[str, int]:
    settings = runtime().settings
    return {
        "max_characters": settings.max_characters,
        "max_media_attachments": settings.media.max_attachments,
        "characters_reserved_per_url": 23,
    }


def _media_attachments() -> dict[str, Any]:
    media = runtime().settings.media
    return {
        "supported_mime_types": _MIME_TYPES,
        "description_limit": MAX_DESCRIPTION,
        "image_size_limit": media.max_photo_bytes,
        "image_matrix_limit": media.max_pixels,
        "video_size_limit": 0,
        "video_frame_rate_limit": 0,
        "video_matrix_limit": 0,
    }


def _streaming() -> str:
    """Where streams will be. Clients that find no address here fail to decode the whole answer."""
    return runtime().settings.base_url.replace("http", "ws", 1)


def _accounts() -> dict[str, int]:
    return {
        "max_featured_tags": 0,
        "max_pinned_statuses": 0,
        "max_profile_fields": 4,
        "profile_field_name_limit": 255,
        "profile_field_value_limit": 255,
        "max_display_name_length": 40,
        "max_note_length": 500,
        "max_avatar_description_length": 150,
        "max_header_description_length": 150,
    }


def _polls() -> dict[str, int]:
    return {"max_options": 0, "max_characters_per_option": 0, "min_expiration": 0, "max_expiration": 0}


def _thumbnail() -> str:
    return f"{runtime().settings.base_url}/headers/original/missing.png"


async def version_2() -> dict[str, Any]:
    """`GET /api/v2/instance`."""
    settings = runtime().settings
    counts = await instance.counts()
    base = settings.base_url
    mode = settings.registrations.mode
    return {
        "domain": settings.domain,
        "title": settings.title,
        "version": software_version(),
        "source_url": f"{base}/about",
        "description": settings.description,
        "usage": {"users": {"active_month": counts.active_month}},
        "thumbnail": {"url": _thumbnail(), "blurhash": None, "versions": {}, "description": ""},
        "icon": [],
        "languages": settings.languages,
        "configuration": {
            "urls": {
                "streaming": _streaming(),
                "status": None,
                "about": f"{base}/about",
                "privacy_policy": None,
                "terms_of_service": None,
            },
            "vapid": {"public_key": runtime().vapid_public_key},
            "accounts": _accounts(),
            "statuses": _statuses(),
            "media_attachments": _media_attachments(),
            "polls": _polls(),
            "translation": {"enabled": False},
            "timelines_access": {
                "live_feeds": _ACCESS,
                "hashtag_feeds": _ACCESS,
                "trending_link_feeds": {"local": "disabled", "remote": "disabled"},
            },
            "limited_federation": False,
        },
        "registrations": {
            "enabled": mode in ("open", "approval"),
            "approval_required": mode == "approval",
            "reason_required": mode == "approval" and settings.registrations.reason_required,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "api_versions": {"mastodon": API_VERSION},
        "contact": {"email": settings.contact_email, "account": None},
        "rules": [],
    }


async def version_1() -> dict[str, Any]:
    """`GET /api/v1/instance`, which many clients still ask first."""
    settings = runtime().settings
    counts = await instance.counts()
    mode = settings.registrations.mode
    return {
        "uri": settings.domain,
        "title": settings.title,
        "short_description": settings.description,
        "description": settings.description,
        "email": settings.contact_email,
        "version": software_version(),
        "urls": {"streaming_api": _streaming()},
        "stats": {"user_count": counts.users, "status_count": counts.posts, "domain_count": counts.domains},
        "thumbnail": _thumbnail(),
        "languages": settings.languages,
        "registrations": mode in ("open", "approval"),
        "approval_required": mode == "approval",
        "invites_enabled": mode == "invite",
        "configuration": {
            "accounts": _accounts(),
            "statuses": _statuses(),
            "media_attachments": _media_attachments(),
            "polls": _polls(),
        },
        "contact_account": None,
        "rules": [],
    }
