"""Every blueprint of the client API and the pages, in one list."""

from __future__ import annotations

from collections.abc import Callable

from quart import Quart
from werkzeug.routing import BaseConverter

import api.errors
from api import (
    auth,
    closed_files,
    cors,
    deprecation,
    hot_documents,
    hot_inbox,
    hot_people,
    hot_posts,
    limits,
    media_files,
    oembed,
    page_headers,
    push,
    refused_addresses,
    remote_files,
    site_files,
    token_use,
)
from api.activitypub import routes as activitypub
from api.entities import memory
from api.hot import HotPaths
from api.oauth import consent, tokens
from api.openapi import routes as documentation
from api.pages import about, moving, own_data, passwords, policies, public, sign_in
from api.pages import account_collections as account_collection_pages
from api.pages import albums as album_pages
from api.pages import app_sign_up as app_sign_up_pages
from api.pages import assets as page_assets
from api.pages import federation_policy as federation_policy_pages
from api.pages import places as place_pages
from api.pages import settings as settings_pages
from api.pages import severed_relationships as severed_pages
from api.pages import sign_up as sign_up_pages
from api.pixelfed import accounts as pixelfed_accounts
from api.pixelfed import app_settings as pixelfed_app_settings
from api.pixelfed import archive as pixelfed_archive
from api.pixelfed import collections as pixelfed_collections
from api.pixelfed import compose as pixelfed_compose
from api.pixelfed import discover as pixelfed_discover
from api.pixelfed import onboarding as pixelfed_onboarding
from api.pixelfed import reports as pixelfed_reports
from api.pixelfed import sign_up as pixelfed_sign_up
from api.pixelfed import site as pixelfed_site
from api.streaming import telling
from api.streaming.entrance import Entrance
from api.v1 import (
    account_collections,
    account_notes,
    accounts,
    alt_texts,
    announcements,
    apps,
    async_refreshes,
    blocks,
    bookmark_folders,
    close_friends,
    comments,
    conversations,
    custom_emojis,
    direct_uploads,
    directory,
    domain_blocks,
    drafts,
    endorsements,
    featured_tags,
    films,
    filters,
    follows,
    instance,
    lists,
    markers,
    media,
    moves,
    notification_policies,
    notification_requests,
    notifications,
    people_in_pictures,
    photo_edits,
    places,
    polls,
    profile,
    quotes,
    reports,
    scheduled_statuses,
    severed_relationships,
    sign_up,
    status_actions,
    statuses,
    streaming,
    suggestions,
    switched_off,
    tags,
    timelines,
    trends,
    uploads,
)
from api.v1 import push as push_subscriptions
from api.v1.admin import accounts as admin_accounts
from api.v1.admin import audit_log, measures, sign_up_blocks
from api.v1.admin import deliveries as admin_deliveries
from api.v1.admin import domain_lists as admin_domain_lists
from api.v1.admin import domains as admin_domains
from api.v1.admin import received_rules as admin_received_rules
from api.v1.admin import relays as admin_relays
from api.v1.admin import reports as admin_reports
from api.v1.admin import trends as admin_trends
from api.v2 import filters as filters_v2
from api.v2 import notifications as grouped_notifications
from api.v2 import search
from api.v2.admin import accounts as admin_accounts_v2
from node.settings import Settings

BLUEPRINTS = (
    about.blueprint,
    account_collection_pages.blueprint,
    account_collections.blueprint,
    account_notes.blueprint,
    accounts.blueprint,
    activitypub.blueprint,
    admin_accounts.blueprint,
    admin_accounts_v2.blueprint,
    admin_deliveries.blueprint,
    admin_domain_lists.blueprint,
    admin_domains.blueprint,
    admin_received_rules.blueprint,
    admin_relays.blueprint,
    admin_reports.blueprint,
    admin_trends.blueprint,
    album_pages.blueprint,
    alt_texts.blueprint,
    announcements.blueprint,
    app_sign_up_pages.blueprint,
    apps.blueprint,
    async_refreshes.blueprint,
    audit_log.blueprint,
    blocks.blueprint,
    bookmark_folders.blueprint,
    close_friends.blueprint,
    closed_files.blueprint,
    comments.blueprint,
    consent.blueprint,
    conversations.blueprint,
    custom_emojis.blueprint,
    direct_uploads.blueprint,
    directory.blueprint,
    documentation.blueprint,
    domain_blocks.blueprint,
    drafts.blueprint,
    endorsements.blueprint,
    featured_tags.blueprint,
    federation_policy_pages.blueprint,
    films.blueprint,
    filters.blueprint,
    filters_v2.blueprint,
    follows.blueprint,
    grouped_notifications.blueprint,
    instance.blueprint,
    lists.blueprint,
    markers.blueprint,
    measures.blueprint,
    media.blueprint,
    media_files.blueprint,
    remote_files.blueprint,
    moves.blueprint,
    moving.blueprint,
    notification_policies.blueprint,
    notification_requests.blueprint,
    notifications.blueprint,
    people_in_pictures.blueprint,
    places.blueprint,
    oembed.blueprint,
    own_data.blueprint,
    page_assets.blueprint,
    passwords.blueprint,
    pixelfed_accounts.blueprint,
    pixelfed_app_settings.blueprint,
    pixelfed_archive.blueprint,
    pixelfed_collections.blueprint,
    pixelfed_compose.blueprint,
    pixelfed_discover.blueprint,
    pixelfed_onboarding.blueprint,
    pixelfed_reports.blueprint,
    pixelfed_sign_up.blueprint,
    pixelfed_site.blueprint,
    place_pages.blueprint,
    policies.blueprint,
    photo_edits.blueprint,
    polls.blueprint,
    profile.blueprint,
    public.blueprint,
    push_subscriptions.blueprint,
    quotes.blueprint,
    reports.blueprint,
    scheduled_statuses.blueprint,
    search.blueprint,
    severed_pages.blueprint,
    severed_relationships.blueprint,
    settings_pages.blueprint,
    sign_in.blueprint,
    sign_up.blueprint,
    sign_up_blocks.blueprint,
    sign_up_pages.blueprint,
    site_files.blueprint,
    status_actions.blueprint,
    statuses.blueprint,
    streaming.blueprint,
    suggestions.blueprint,
    switched_off.blueprint,
    tags.blueprint,
    timelines.blueprint,
    tokens.blueprint,
    trends.blueprint,
    uploads.blueprint,
)


class _IdConverter(BaseConverter):
    """Ids in paths: a signed 64-bit number; anything else is no such thing (404)."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        return min(int(value), 2**63 - 1)


def register(app: Quart, settings: Settings) -> None:
    """Put the client API and the pages into `app`."""
    app.url_map.converters["id"] = _IdConverter
    app.url_map.strict_slashes = False  # As Mastodon does; Mastodon.py asks for `/api/v1/instance/`.
    api.errors.register(app)
    cors.register(app)
    refused_addresses.register(app)
    limits.register(app, settings)
    page_headers.register(app)
    deprecation.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    hot_documents.connect()
    hot_inbox.connect()
    hot_people.connect()
    hot_posts.connect()
    app.asgi_app = Entrance(HotPaths(app.asgi_app))  # type: ignore[method-assign]


def connect() -> Callable[[], None]:
    """Start listening to what the API's caches, streams and pushes depend on; returns what ends that."""
    push.connect_subscriber()
    endings = (telling.connect(), auth.forget_callers_on_change(), memory.watch(), token_use.end_at_close())

    def end() -> None:
        for ending in endings:
            ending()

    return end
