"""OAuth scopes as Mastodon names them."""

from __future__ import annotations

from collections.abc import Collection

_READ = (
    "accounts", "blocks", "bookmarks", "collections", "favourites", "filters", "follows", "lists", "mutes", "notifications",
    "search", "statuses",
)  # fmt: skip
_WRITE = (
    "accounts", "blocks", "bookmarks", "collections", "conversations", "favourites", "filters", "follows", "lists", "media", "mutes",
    "notifications", "reports", "statuses",
)  # fmt: skip
_ADMIN = (
    "accounts",
    "reports",
    "domain_allows",
    "domain_blocks",
    "ip_blocks",
    "email_domain_blocks",
    "canonical_email_blocks",
)
_FOLLOW = frozenset(f"{access}:{what}" for access in ("read", "write") for what in ("blocks", "follows", "mutes"))

SCOPES: tuple[str, ...] = (
    "read",
    *(f"read:{what}" for what in _READ),
    "write",
    *(f"write:{what}" for what in _WRITE),
    "follow",
    "push",
    "profile",
    "admin:read",
    *(f"admin:read:{what}" for what in _ADMIN),
    "admin:write",
    *(f"admin:write:{what}" for what in _ADMIN),
)
DEFAULT_SCOPES = ("read",)

_KNOWN = frozenset(SCOPES)


def parse(text: str) -> list[str] | None:
    """The scopes of a space- (or plus-) separated string without repeats; `None` when one is unknown."""
    scopes = list(dict.fromkeys(text.replace("+", " ").split()))
    return scopes if all(scope in _KNOWN for scope in scopes) else None


def covers(granted: Collection[str], wanted: str) -> bool:
    """Whether `granted` includes `wanted`, itself or by something wider (`read` covers `read:statuses`)."""
    if wanted in granted:
        return True
    if wanted == "profile":
        return "read" in granted or "read:accounts" in granted
    if "follow" in granted and wanted in _FOLLOW:
        return True
    parts = wanted.split(":")
    return any(":".join(parts[:length]) in granted for length in range(1, len(parts)))
