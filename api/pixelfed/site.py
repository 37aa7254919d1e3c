"""What this server can, as Pixelfed's apps ask."""

from __future__ import annotations

from importlib import metadata

import msgspec
from quart import Blueprint, Response

from api.auth import requires
from api.documentation import documented
from api.entities import instance_configuration
from api.pixelfed.paths import served
from api.responses import json_response
from node.passwords import MIN_LENGTH
from node.runtime import runtime
from node.services.albums import MAX_POSTS

blueprint = Blueprint("pixelfed_site", __name__)


class Uploader(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of posts; `max_photo_size` in kilobytes."""

    max_photo_size: int
    max_caption_length: int
    max_altext_length: int
    album_limit: int
    max_collection_length: int
    media_types: str
    mime_types: list[str]
    image_quality: int = 85
    optimize_image: bool = True
    optimize_video: bool = False
    enforce_account_limit: bool = False


class ActivityPub(msgspec.Struct, frozen=True):
    """Whether this server talks to others."""

    enabled: bool = True
    remote_follow: bool = True


class Site(msgspec.Struct, frozen=True):
    """What this server is called."""

    name: str
    domain: str
    url: str
    description: str


class AccountLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of profiles; `max_avatar_size` in kilobytes."""

    max_avatar_size: int
    max_bio_length: int
    max_name_length: int
    min_password_length: int
    max_account_size: int | None = None


class TimelineFeatures(msgspec.Struct, frozen=True):
    """Which timelines of everybody there are."""

    local: bool = True
    network: bool = True


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """What this server has."""

    timelines: TimelineFeatures
    mobile_apis: bool = True
    stories: bool = False
    video: bool = False


class SiteConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """What Pixelfed's apps want to know before they do anything."""

    version: str
    open_registration: bool
    uploader: Uploader
    activitypub: ActivityPub
    site: Site
    account: AccountLimits
    features: Features


class Nag(msgspec.Struct, frozen=True):
    """Whether there is something to ask for."""

    active: bool = False


@blueprint.get("/api/v2/config")
@documented(SiteConfiguration)
async def configuration() -> Response:
    """What this server can and allows."""
    settings, limits = runtime().settings, instance_configuration.first_configuration()
    kinds = limits.media_attachments.supported_mime_types
    return json_response(
        SiteConfiguration(
            version=metadata.version("heliograph"),
            open_registration=settings.registrations.mode in ("open", "approval"),
            uploader=Uploader(
                max_photo_size=limits.media_attachments.image_size_limit // 1000,
                max_caption_length=limits.statuses.max_characters,
                max_altext_length=limits.media_attachments.description_limit,
                album_limit=limits.statuses.max_media_attachments,
                max_collection_length=MAX_POSTS,
                media_types=",".join(kinds),
                mime_types=kinds,
            ),
            activitypub=ActivityPub(),
            site=Site(settings.title, settings.domain, settings.base_url, settings.description),
            account=AccountLimits(
                max_avatar_size=limits.media_attachments.image_size_limit // 1000,
                max_bio_length=limits.accounts.max_note_length,
                max_name_length=limits.accounts.max_display_name_length,
                min_password_length=MIN_LENGTH,
            ),
            features=Features(timelines=TimelineFeatures()),
        )
    )


@blueprint.get("/api/v2/streaming/config")
@documented(list[str])
async def streaming_configuration() -> Response:
    """`[]`: there is no service of Pusher's kind; streams are Mastodon's, under `/api/v1/streaming`."""
    return json_response(b"[]")


@served(blueprint, "GET", "/nag/state")
@requires("read")
@documented(Nag)
async def nag() -> Response:
    """Whether the app should ask to be allowed to push: not by Pixelfed's gateway, which this server does not use."""
    return json_response(Nag())


@blueprint.get("/api/service/health-check")
@documented(None, media_type="text/plain")
async def health() -> Response:
    """`OK`, as long as this server answers."""
    headers = {"Cache-Control": "max-age=0, must-revalidate, no-cache, no-store"}
    return Response("OK", 200, headers, content_type="text/plain; charset=utf-8")
