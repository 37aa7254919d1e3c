"""Limited comments: those an author does not want under their posts are shown to them and to who wrote them alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from node import db
from node.errors import Invalid
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import FOR_STAFF, Post
from node.services import counters
from node.text import clean_line, plain_text

MAX_KEYWORDS: Final = 200
MAX_KEYWORD: Final = 100
MAX_DAYS: Final = 365
LOOKED_AT_AGAIN: Final = 1_000
"""How many of the newest comments a change of the limits is applied to."""
_DAY: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What makes a comment limited: any of these words in it, an account younger than so many days when it was
    written, or an author who does not follow the account whose post it is on."""

    keywords: tuple[str, ...] = ()
    min_account_age_days: int = 0
    followers_only: bool = False

    @property
    def are_none(self) -> bool:
        """Whether nothing is limited."""
        return not self.keywords and not self.min_account_age_days and not self.followers_only


@dataclass(frozen=True, slots=True)
class Changes:
    """What changes; `None` leaves as it is."""

    keywords: Sequence[str] | None = None
    min_account_age_days: int | None = None
    followers_only: bool | None = None


async def of_account(account_id: int) -> Limits:
    """The limits an account has set; none unless it has."""
    row = await db.fetch_one(
        "SELECT keywords, min_account_age_days, followers_only FROM comment_limits WHERE account_id = ?", (account_id,)
    )
    if row is None:
        return Limits()
    keywords = row[0] if isinstance(row[0], list) else orjson.loads(row[0])
    return Limits(tuple(keywords), int(row[1]), bool(row[2]))


async def change(account: Account, changes: Changes) -> Limits:
    """Set the limits for comments on the account's posts; the newest comments there are looked at again.

    Raises `Invalid` (keywords, min_account_age_days).
    """
    keywords = None if changes.keywords is None else _checked(changes.keywords)
    days = changes.min_account_age_days
    if days is not None and not 0 <= days <= MAX_DAYS:
        raise Invalid("min_account_age_days", f"must be between 0 and {MAX_DAYS}", code="ERR_INCLUSION")
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        limits = await of_account(account.id)
        if keywords is not None:
            limits = replace(limits, keywords=keywords)
        if days is not None:
            limits = replace(limits, min_account_age_days=days)
        if changes.followers_only is not None:
            limits = replace(limits, followers_only=changes.followers_only)
        await db.execute(
            "INSERT INTO comment_limits (id, account_id, keywords, min_account_age_days, followers_only)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (account_id) DO UPDATE SET keywords = excluded.keywords,"
            " min_account_age_days = excluded.min_account_age_days, followers_only = excluded.followers_only",
            (
                *(new_id(), account.id, orjson.dumps(limits.keywords).decode()),
                *(limits.min_account_age_days, limits.followers_only),
            ),
        )
        await _judge_anew(account.id, limits, "top.account_id = ?", (account.id,))
    return limits


def _checked(keywords: Sequence[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(word for word in map(clean_line, keywords) if word))
    if len(cleaned) > MAX_KEYWORDS:
        raise Invalid("keywords", f"can't be more than {MAX_KEYWORDS}", code="ERR_TOO_MANY")
    if any(len(word) > MAX_KEYWORD for word in cleaned):
        raise Invalid("keywords", f"can't be longer than {MAX_KEYWORD} characters each", code="ERR_TOO_LONG")
    return cleaned


async def holder(comment: Post, author: Account, parent: Post) -> int | None:
    """The account for which a new comment is held back from everybody else, if its post's author limits it."""
    owner_id = await _owner(parent)
    if owner_id is None or owner_id == author.id:
        return None
    limits = await of_account(owner_id)
    if limits.are_none:
        return None
    follows = limits.followers_only and await _follows(author.id, owner_id)
    age = to_milliseconds(comment.created_at) - to_milliseconds(author.created_at)
    return owner_id if _limits(limits, _words(comment.spoiler_text, comment.content), age, follows) else None


async def look_again(comment_id: int) -> None:
    """A comment was edited: hold it back or let it be seen by what it says now, in the caller's transaction."""
    row = await db.fetch_one(
        "SELECT top.account_id FROM posts c JOIN posts top ON top.id = c.conversation_id JOIN accounts a"
        " ON a.id = top.account_id WHERE c.id = ? AND c.parent_id IS NOT NULL AND a.domain = ''",
        (comment_id,),
    )
    if row is not None:
        owner_id = int(row[0])
        await _judge_anew(owner_id, await of_account(owner_id), "c.id = ?", (comment_id,))


async def _judge_anew(owner_id: int, limits: Limits, which: str, parameters: tuple[object, ...]) -> None:
    """Hold back or let be seen those of these comments for which that has changed; what waits for staff goes on waiting."""
    rows = await db.fetch_all(
        "SELECT c.id, c.parent_id, c.visibility, c.spoiler_text, c.content, c.held_for,"
        " c.created_at - a.created_at AS age, EXISTS (SELECT 1 FROM follows f WHERE f.account_id = c.account_id"
        " AND f.target_id = ? AND f.accepted = TRUE) AS follows FROM posts top"
        " JOIN posts c ON c.conversation_id = top.id JOIN accounts a ON a.id = c.account_id"
        f" WHERE {which} AND c.parent_id IS NOT NULL AND c.shared_post_id IS NULL AND c.account_id <> ?"
        " AND (c.held_for IS NULL OR c.held_for <> ?) ORDER BY c.id DESC LIMIT ?",
        (owner_id, *parameters, owner_id, FOR_STAFF, LOOKED_AT_AGAIN),
    )
    for row in rows:
        words = _words(row["spoiler_text"], row["content"])
        held_for = owner_id if _limits(limits, words, row["age"], bool(row["follows"])) else None
        if held_for == row["held_for"]:
            continue
        await db.execute_later(
            "UPDATE posts SET held_for = ?, version = version + 1 WHERE id = ?", (held_for, row["id"])
        )
        await counters.count_comments(row["parent_id"], row["visibility"], 1 if held_for is None else -1)


async def _owner(parent: Post) -> int | None:
    """Whose post a comment on `parent` is about, if they live here."""
    row = await db.fetch_one(
        "SELECT top.account_id FROM posts top JOIN accounts a ON a.id = top.account_id WHERE top.id = ? AND a.domain = ''",
        (parent.conversation_id or parent.id,),
    )
    return int(row[0]) if row is not None else None


async def _follows(account_id: int, target_id: int) -> bool:
    row = await db.fetch_one(
        "SELECT 1 FROM follows WHERE account_id = ? AND target_id = ? AND accepted = TRUE", (account_id, target_id)
    )
    return row is not None


def _words(spoiler_text: str, content: str) -> str:
    return f"{spoiler_text}\n{plain_text(content)}"


def _limits(limits: Limits, words: str, age: int, follows: bool) -> bool:
    if limits.followers_only and not follows:
        return True
    # A remote account may be first met after it wrote: that alone says nothing about its age.
    if limits.min_account_age_days and age < limits.min_account_age_days * _DAY:
        return True
    return any(_holds(words, keyword) for keyword in limits.keywords)


def _holds(words: str, keyword: str) -> bool:
    """Whether `words` hold the keyword as a word or phrase of its own, whatever the case."""
    before = r"(?<!\w)" if keyword[0].isalnum() else ""
    after = r"(?!\w)" if keyword[-1].isalnum() else ""
    return re.search(f"{before}{re.escape(keyword)}{after}", words, re.IGNORECASE) is not None
