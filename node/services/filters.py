"""Filters: made, changed and removed by their owner. What they match is looked at when a page is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import orjson

from node import clock, db, events
from node.errors import Conflict, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.filters import ACTIONS, CONTEXTS, WARN
from node.services.visibility import visible_to
from node.text import clean

MAX_TITLE: Final = 256
MAX_KEYWORD: Final = 512
MAX_FILTERS: Final = 200
MAX_KEYWORDS: Final = 500
MAX_POSTS: Final = 1_000
"""The latter two are of all filters of one account together."""
LONGEST: Final = 100 * 365 * 86_400
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a filter does; `None` leaves as it is. `lasts` in seconds from now; 0 and less is over at once."""

    title: str | None = None
    contexts: Collection[str] | None = None
    action: str | None = None
    lasts: int | None = None
    for_good: bool = False
    """Takes away the end a filter has."""


@dataclass(frozen=True, slots=True)
class KeywordChange:
    """A keyword that is added (`keyword_id` is `None`), changed, or with `remove` taken away."""

    keyword: str | None = None
    whole_word: bool | None = None
    keyword_id: int | None = None
    remove: bool = False


async def create(account: Account, terms: Terms, keywords: Sequence[KeywordChange] = ()) -> int:
    """Make a filter and return its id. Raises `Invalid` (title, context, action, keywords)."""
    title = _title(terms.title or "")
    contexts = _contexts(terms.contexts or ())
    action = _action(terms.action or WARN)
    filter_id = new_id()
    async with _changing(account.id):
        await _check_room(account.id, "filters", MAX_FILTERS, 1)
        await db.execute(
            "INSERT INTO filters (id, account_id, title, contexts, action, expires_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (filter_id, account.id, title, contexts, action, _end(terms), to_milliseconds(clock.now())),
        )
        await _change_keywords(account.id, filter_id, keywords)
    return filter_id


async def change(account: Account, filter_id: int, terms: Terms, keywords: Sequence[KeywordChange] = ()) -> None:
    """Change one of the account's filters. Raises `NotFound`, also for a keyword of another, and `Invalid`."""
    async with _changing(account.id):
        await _check_own(account.id, filter_id)
        await _set_terms(filter_id, terms)
        await _change_keywords(account.id, filter_id, keywords)


async def remove(account: Account, filter_id: int) -> None:
    """Remove one of the account's filters with all that is in it. Raises `NotFound`."""
    async with _changing(account.id):
        await _check_own(account.id, filter_id)
        await db.execute("DELETE FROM filters WHERE id = ?", (filter_id,))


async def add_keyword(account: Account, filter_id: int, keyword: str, *, whole_word: bool = True) -> int:
    """Have a filter look for more words; returns the id of the entry. Raises `NotFound`, `Invalid` (keyword)."""
    async with _changing(account.id):
        await _check_own(account.id, filter_id)
        return await _add_keyword(account.id, filter_id, keyword, whole_word)


async def change_keyword(
    account: Account, keyword_id: int, *, keyword: str | None = None, whole_word: bool | None = None
) -> None:
    """Change words of one of the account's filters. Raises `NotFound`, `Invalid` (keyword)."""
    async with _changing(account.id):
        filter_id = await _filter_of_keyword(account.id, keyword_id)
        await _change_keyword(filter_id, KeywordChange(keyword, whole_word, keyword_id))


async def remove_keyword(account: Account, keyword_id: int, *, with_empty_filter: bool = False) -> None:
    """Take words out of a filter; `with_empty_filter` also takes the filter if nothing is left in it.

    Raises `NotFound`.
    """
    async with _changing(account.id):
        filter_id = await _filter_of_keyword(account.id, keyword_id)
        await db.execute("DELETE FROM filter_keywords WHERE id = ?", (keyword_id,))
        if with_empty_filter:
            await db.execute(
                "DELETE FROM filters WHERE id = ?"
                " AND NOT EXISTS (SELECT 1 FROM filter_keywords k WHERE k.custom_filter_id = filters.id)"
                " AND NOT EXISTS (SELECT 1 FROM filter_statuses s WHERE s.custom_filter_id = filters.id)",
                (filter_id,),
            )


async def change_single(account: Account, keyword_id: int, terms: Terms, *, whole_word: bool | None = None) -> None:
    """Change a keyword and, where it is the only one, its filter: for clients that take the two to be one.

    `terms.title` is the keyword. Raises `NotFound`, `Invalid`, and `Conflict` when others share the filter.
    """
    async with _changing(account.id):
        filter_id = await _filter_of_keyword(account.id, keyword_id)
        row = await db.fetch_one("SELECT COUNT(*) FROM filter_keywords WHERE custom_filter_id = ?", (filter_id,))
        is_shared = row is not None and row[0] > 1
        if is_shared and terms != Terms():
            raise Conflict(
                "These parameters cannot be changed from this application because they apply to more than one filter"
                " keyword. Use a more recent application or the web interface."
            )
        await _change_keyword(filter_id, KeywordChange(terms.title, whole_word, keyword_id))
        await _set_terms(filter_id, terms)


async def add_post(account: Account, filter_id: int, post_id: int) -> int:
    """Have a filter name a post; returns the id of the entry.

    Raises `NotFound`, and `Invalid` (status) for a post that is hidden or not there, or named already.
    """
    async with _changing(account.id):
        await _check_own(account.id, filter_id)
        seen = visible_to(account)
        if not await db.fetch_one(f"SELECT 1 FROM posts p WHERE p.id = ? AND {seen.sql}", (post_id, *seen.parameters)):
            raise Invalid("status", "is invalid")
        await _check_room(account.id, "filter_statuses", MAX_POSTS, 1)
        entry_id = new_id()
        added = await db.execute(
            "INSERT INTO filter_statuses (id, custom_filter_id, post_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (entry_id, filter_id, post_id),
        )
        if not added:
            raise Invalid("status", "has already been taken", code="ERR_TAKEN")
        return entry_id


async def remove_post(account: Account, entry_id: int) -> None:
    """Have a filter no longer name a post. Raises `NotFound`."""
    async with _changing(account.id):
        removed = await db.execute(
            "DELETE FROM filter_statuses WHERE id = ? AND custom_filter_id IN (SELECT id FROM filters WHERE account_id = ?)",
            (entry_id, account.id),
        )
        if not removed:
            raise NotFound


@asynccontextmanager
async def _changing(account_id: int) -> AsyncIterator[None]:
    """A transaction that changes an account's filters: one at a time, and every cache sees that they are others now."""
    async with db.transaction():
        await db.execute("UPDATE users SET filters_version = filters_version + 1 WHERE account_id = ?", (account_id,))
        yield
        await events.record(events.FiltersChanged(account_id=account_id))


async def _check_own(account_id: int, filter_id: int) -> None:
    if not await db.fetch_one("SELECT 1 FROM filters WHERE id = ? AND account_id = ?", (filter_id, account_id)):
        raise NotFound


async def _filter_of_keyword(account_id: int, keyword_id: int) -> int:
    row = await db.fetch_one(
        "SELECT k.custom_filter_id FROM filter_keywords k JOIN filters f ON f.id = k.custom_filter_id"
        " WHERE k.id = ? AND f.account_id = ?",
        (keyword_id, account_id),
    )
    if row is None:
        raise NotFound
    return int(row[0])


async def _check_room(account_id: int, table: str, limit: int, more: int) -> None:
    """Raises `Invalid` when the account would have more than `limit` rows in a table of filters."""
    column = "id" if table == "filters" else "custom_filter_id"
    row = await db.fetch_one(
        f"SELECT COUNT(*) FROM {table} WHERE {column} IN (SELECT id FROM filters WHERE account_id = ?)", (account_id,)
    )
    if row is not None and row[0] + more > limit:
        raise Invalid("filters", f"can't hold more than {limit} entries", code="ERR_TOO_MANY")


async def _set_terms(filter_id: int, terms: Terms) -> None:
    changes: dict[str, object] = {}
    if terms.title is not None:
        changes["title"] = _title(terms.title)
    if terms.contexts is not None:
        changes["contexts"] = _contexts(terms.contexts)
    if terms.action is not None:
        changes["action"] = _action(terms.action)
    if terms.lasts is not None or terms.for_good:
        changes["expires_at"] = _end(terms)
    if changes:
        assignments = ", ".join(f"{column} = ?" for column in changes)
        await db.execute(f"UPDATE filters SET {assignments} WHERE id = ?", (*changes.values(), filter_id))


async def _change_keywords(account_id: int, filter_id: int, changes: Sequence[KeywordChange]) -> None:
    for change in changes[: MAX_KEYWORDS + 1]:
        if change.keyword_id is None:
            if not change.remove:
                await _add_keyword(account_id, filter_id, change.keyword or "", change.whole_word is not False)
        elif change.remove:
            await _check_in(filter_id, change.keyword_id)
            await db.execute("DELETE FROM filter_keywords WHERE id = ?", (change.keyword_id,))
        else:
            await _change_keyword(filter_id, change)


async def _check_in(filter_id: int, keyword_id: int) -> None:
    if not await db.fetch_one(
        "SELECT 1 FROM filter_keywords WHERE id = ? AND custom_filter_id = ?", (keyword_id, filter_id)
    ):
        raise NotFound


async def _add_keyword(account_id: int, filter_id: int, keyword: str, whole_word: bool) -> int:
    words = _keyword(keyword)
    await _check_room(account_id, "filter_keywords", MAX_KEYWORDS, 1)
    keyword_id = new_id()
    await db.execute(
        "INSERT INTO filter_keywords (id, custom_filter_id, keyword, whole_word) VALUES (?, ?, ?, ?)",
        (keyword_id, filter_id, words, whole_word),
    )
    return keyword_id


async def _change_keyword(filter_id: int, change: KeywordChange) -> None:
    assert change.keyword_id is not None
    await _check_in(filter_id, change.keyword_id)
    if change.keyword is not None:
        await db.execute(
            "UPDATE filter_keywords SET keyword = ? WHERE id = ?", (_keyword(change.keyword), change.keyword_id)
        )
    if change.whole_word is not None:
        await db.execute(
            "UPDATE filter_keywords SET whole_word = ? WHERE id = ?", (change.whole_word, change.keyword_id)
        )


def _title(written: str) -> str:
    return _words("title", written, MAX_TITLE)


def _keyword(written: str) -> str:
    return _words("keyword", written, MAX_KEYWORD)


def _words(field: str, written: str, limit: int) -> str:
    text = clean(written)
    if not text:
        raise Invalid(field, "can't be blank", code="ERR_BLANK")
    if len(text) > limit:
        raise Invalid(field, f"is too long (maximum is {limit} characters)", code="ERR_TOO_LONG")
    return text


def _contexts(wanted: Collection[str]) -> str:
    """As JSON, in the order of `CONTEXTS`, each once."""
    named = {context.strip() for context in wanted} - {""}
    if not named:
        raise Invalid("context", "can't be blank", code="ERR_BLANK")
    if not named <= set(CONTEXTS):
        raise Invalid("context", "None or invalid context supplied", code="ERR_INCLUSION")
    return orjson.dumps([context for context in CONTEXTS if context in named]).decode()


def _action(wanted: str) -> str:
    if wanted not in ACTIONS:
        raise Invalid("action", "is not included in the list", code="ERR_INCLUSION")
    return wanted


def _end(terms: Terms) -> int | None:
    if terms.for_good or terms.lasts is None:
        return None
    return to_milliseconds(clock.now() + timedelta(seconds=min(max(terms.lasts, 0), LONGEST)))
