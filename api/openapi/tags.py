"""Capabilities, by which the calls are grouped, in the order in which somebody who writes an app meets them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from api.openapi.surface import Call


@dataclass(frozen=True, slots=True)
class Tag:
    """A capability and the blueprints that serve it."""

    name: str
    description: str
    blueprints: tuple[str, ...]


_TAGS: Final = (
    Tag(
        "Signing in",
        "An app registers, sends a person to the consent page, and exchanges the code it gets for a token.",
        ("apps", "oauth_consent", "oauth_tokens"),
    ),
    Tag(
        "Signing up",
        "Accounts opened through an app, e-mail addresses confirmed, passwords changed.",
        ("sign_up", "pixelfed_sign_up", "pixelfed_onboarding"),
    ),
    Tag(
        "Accounts",
        "People, looked at, looked up and searched; what they posted, who follows them.",
        ("accounts", "endorsements", "account_notes", "suggestions", "directory", "account_collections"),
    ),
    Tag("Profile", "The caller's own account and preferences.", ("profile", "preferences")),
    Tag(
        "Following and blocking",
        "Follows and requests to follow, blocks, mutes and blocked domains.",
        ("follows", "blocks", "domain_blocks", "relationships"),
    ),
    Tag(
        "Posts",
        "Photographs with captions, and comments, which are posts that answer one: published, read, edited, deleted.",
        ("statuses", "status_actions", "comments", "quotes", "scheduled_statuses", "drafts", "async_refreshes"),
    ),
    Tag("Media", "Files: uploaded, described, fetched.", ("media", "media_files")),
    Tag("Polls", "Questions with answers to choose from.", ("polls",)),
    Tag(
        "Timelines",
        "Pages of posts: home, public, by hashtag, list and link; and how far the caller has read.",
        ("timelines", "markers", "conversations", "bookmarks", "favourites"),
    ),
    Tag("Lists", "Accounts grouped by their follower, to read apart.", ("lists",)),
    Tag("Filters", "Words and posts the caller would rather not see.", ("filters", "single_filters")),
    Tag(
        "Hashtags",
        "Hashtags looked at, followed and featured on the profile.",
        ("tags", "followed_tags", "featured_tags"),
    ),
    Tag(
        "Notifications",
        "What the caller is told, singly and in groups, and whose notifications wait to be let through.",
        ("notifications", "grouped_notifications", "notification_policies", "notification_requests"),
    ),
    Tag("Push", "Notifications that reach a device whose app is not running.", ("push",)),
    Tag("Streaming", "What happens, as it happens: server-sent events and WebSockets.", ("streaming",)),
    Tag("Search and discovery", "Search, trends, and what else is worth a look.", ("search", "trends", "discover")),
    Tag(
        "Instance",
        "What this server is, accepts and forbids.",
        ("instance", "announcements", "oembed", "documentation", "custom_emojis"),
    ),
    Tag("Reports", "Posts and accounts brought before the moderators.", ("reports",)),
)


def tags_of(calls: Iterable[Call]) -> list[Tag]:
    """The tags these calls need, in order; a blueprint that no tag names makes one of its module's first line."""
    found = list(calls)
    present = {call.blueprint for call in found}
    known = [tag for tag in _TAGS if present.intersection(tag.blueprints)]
    named = {blueprint for tag in _TAGS for blueprint in tag.blueprints}
    views = {call.blueprint: call.view for call in found if call.blueprint not in named}
    return [*known, *(_of_module(blueprint, view) for blueprint, view in sorted(views.items()))]


def tag_names(tags: Iterable[Tag]) -> dict[str, str]:
    """The name of the tag of each blueprint."""
    return {blueprint: tag.name for tag in tags for blueprint in tag.blueprints}


def _of_module(blueprint: str, view: Callable[..., Any]) -> Tag:
    words = (sys.modules[view.__module__].__doc__ or "").strip().partition("\n")[0]
    return Tag(blueprint.replace("_", " ").capitalize(), words, (blueprint,))
