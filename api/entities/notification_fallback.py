"""What an app shows of a notification whose kind it does not know: words instead of a picture of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

import msgspec

from api.entities import account
from node.queries import accounts
from node.runtime import runtime

NAMING_THE_SENDER: Final = frozenset(
    ("admin.sign_up", "admin.report", "added_to_collection", "collection_update", "tagged")
)
_NEWER: Final = frozenset((*NAMING_THE_SENDER, "severed_relationships", "moderation_warning"))


class Fallback(msgspec.Struct, frozen=True):
    """A sentence (HTML) about what happened, and another about where to see it."""

    title: str
    summary: str | None
    description: str | None = None


def is_needed(kind: str, supported: list[str] | None) -> bool:
    """Whether an app that said which kinds it knows (`supported`) may not know this one."""
    return supported is not None and kind in _NEWER and kind not in supported


async def sender_links(account_ids: Iterable[int]) -> dict[int, str]:
    """By account, its handle as a link (HTML); one statement."""
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return {}
    return {row["id"]: _link(row) for row in await accounts.details(wanted)}


def render(kind: str, sender: str, others: int, subject: str) -> Fallback:
    """The words for a notification: `sender` and `subject` as HTML, and how many `others` did the same."""
    if kind == "severed_relationships":
        return Fallback(f"Lost connections with {subject}", _look("to see which relationships ended"))
    if kind == "moderation_warning":
        return Fallback("You have received a moderation warning.", _look("to read it"))
    sentences = {
        "admin.sign_up": f"{_together(sender, others)} signed up",
        "admin.report": f"{sender} reported {subject}",
        "added_to_collection": f"{sender} added you to a collection",
        "collection_update": f"{sender} updated a collection you are in",
        "tagged": f"{sender} tagged you in a picture",
    }
    return Fallback(sentences[kind], _look("for everything this app does not show"))


def _together(sender: str, others: int) -> str:
    if not others:
        return sender
    return f"{sender} and one other" if others == 1 else f"{sender} and {others} others"


def _look(why: str) -> str:
    settings = runtime().settings
    return f'<a href="{escape(settings.base_url)}/">Open {escape(settings.title)}</a> {why}.'


def _link(row: Mapping[str, str]) -> str:
    href = escape(account.profile_url(row["username"], row["domain"], row["url"], row["uri"]))
    name = escape(account.acct(row["username"], row["domain"]))
    return f'<span class="h-card" translate="no"><a href="{href}" class="u-url mention">@<span>{name}</span></a></span>'
