"""Scopes as sentences for the person who grants them."""

from __future__ import annotations

from collections.abc import Collection

from node.scopes import covers

_THINGS = {
    "accounts": "your account and profile",
    "blocks": "whom you block",
    "bookmarks": "what you have saved",
    "collections": "your collections of accounts",
    "conversations": "your conversations",
    "favourites": "your likes",
    "filters": "your filters",
    "follows": "whom you follow",
    "lists": "your lists",
    "media": "your photographs and videos",
    "mutes": "whom you mute",
    "notifications": "your notifications",
    "reports": "reports to the moderators",
    "search": "what can be found by searching",
    "statuses": "your posts",
}
_WHOLE = {
    "read": "See everything in your account, private posts and messages included",
    "write": "Post, edit and delete in your name, and change your account",
    "follow": "See and change whom you follow, block and mute",
    "push": "Send you push notifications",
    "profile": "See your name and picture",
    "admin:read": "See all data on this server, as an admin",
    "admin:write": "Change all data on this server, as an admin",
}


def in_words(scopes: Collection[str]) -> list[str]:
    """What the scopes allow, one sentence each; what a wider one says already is left out."""
    told = [scope for scope in scopes if not any(covers([wider], scope) for wider in scopes if wider != scope)]
    return [_sentence(scope) for scope in told]


def _sentence(scope: str) -> str:
    if scope in _WHOLE:
        return _WHOLE[scope]
    access, _, thing = scope.rpartition(":")
    if access.startswith("admin:"):
        verb = "See" if access == "admin:read" else "Change"
        return f"{verb} {thing.replace('_', ' ')} of this server, as an admin"
    return f"{'See' if access == 'read' else 'Change'} {_THINGS.get(thing, thing)}"
