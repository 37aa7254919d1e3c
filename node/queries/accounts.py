"""Lists of accounts: ids and versions for one statement each, and the accounts behind them for those not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from node import db
from node.queries.conditions import Condition, not_blocked
from node.queries.statuses import Page


class AccountRow(NamedTuple):
    """An account of a list; `cursor` is what the list is paged by."""

    cursor: int
    id: int
    version: int


async def by_ids(account_ids: Sequence[int]) -> list[AccountRow]:
    """These accounts in the order asked for, without repeats and without those that are suspended."""
    return await visible_by_ids(None, account_ids)


async def visible_by_ids(viewer_id: int | None, account_ids: Sequence[int]) -> list[AccountRow]:
    """`by_ids` without those who block the viewer or whom the viewer blocks."""
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return []
    unblocked = not_blocked(viewer_id, "a.id")
    rows = await db.fetch_all(
        f"SELECT a.id, a.id, a.version FROM accounts a WHERE a.id IN ({db.marks(wanted)}) AND a.suspended_at IS NULL"
        f" AND {unblocked.sql}",
        (*wanted, *unblocked.parameters),
    )
    found = {row[1]: AccountRow._make(row) for row in rows}
    return [found[account_id] for account_id in wanted if account_id in found]


async def followers(viewer_id: int | None, account_id: int, page: Page) -> list[AccountRow]:
    """Who follows an account, newest follow first."""
    return await _page(
        viewer_id, "follows", "account_id", Condition("x.target_id = ? AND x.accepted = TRUE", (account_id,)), page
    )


async def following(viewer_id: int | None, account_id: int, page: Page) -> list[AccountRow]:
    """Whom an account follows, newest follow first."""
    return await _page(
        viewer_id, "follows", "target_id", Condition("x.account_id = ? AND x.accepted = TRUE", (account_id,)), page
    )


async def follow_requests(account_id: int, page: Page) -> list[AccountRow]:
    """Who waits for this account to accept them, newest first."""
    return await _page(
        None, "follows", "account_id", Condition("x.target_id = ? AND x.accepted = FALSE", (account_id,)), page
    )


async def blocked_by(account_id: int, page: Page) -> list[AccountRow]:
    """Whom this account blocks, newest first."""
    return await _page(None, "blocks", "target_id", Condition("x.account_id = ?", (account_id,)), page)


class MutedRow(NamedTuple):
    """An account of the list of mutes, and when (milliseconds) the mute ends by itself, if it does."""

    account: AccountRow
    expires_at: int | None


async def muted_by(account_id: int, now: int, page: Page) -> list[MutedRow]:
    """Whom this account mutes at the moment `now` (milliseconds), newest first."""
    bounds, values = page.condition("x.id")
    rows = await db.fetch_all(
        "SELECT x.id, a.id, a.version, x.expires_at FROM mutes x JOIN accounts a ON a.id = x.target_id"
        f" WHERE x.account_id = ? AND (x.expires_at IS NULL OR x.expires_at > ?) AND a.suspended_at IS NULL{bounds}{page.order('x.id')}",
        (account_id, now, *values),
    )
    found = [MutedRow(AccountRow(row[0], row[1], row[2]), row[3]) for row in rows]
    return found[::-1] if page.upwards else found


async def liked_by(viewer_id: int | None, post_id: int, page: Page) -> list[AccountRow]:
    """Who likes a post, newest like first."""
    return await _page(viewer_id, "likes", "account_id", Condition("x.post_id = ?", (post_id,)), page)


async def shared_by(viewer_id: int | None, post_id: int, page: Page) -> list[AccountRow]:
    """Who shared a post for the public to see, newest share first."""
    where = Condition("x.shared_post_id = ? AND x.visibility IN ('public', 'unlisted')", (post_id,))
    return await _page(viewer_id, "posts", "account_id", where, page)


async def _page(viewer_id: int | None, table: str, column: str, where: Condition, page: Page) -> list[AccountRow]:
    """Accounts named by `column` of `table`; those who block the viewer, or whom the viewer blocks, are left out."""
    unblocked = not_blocked(viewer_id, "a.id")
    bounds, values = page.condition("x.id")
    rows = await db.fetch_all(
        f"SELECT x.id, a.id, a.version FROM {table} x JOIN accounts a ON a.id = x.{column}"
        f" WHERE {where.sql} AND a.suspended_at IS NULL AND {unblocked.sql}{bounds}{page.order('x.id')}",
        (*where.parameters, *unblocked.parameters, *values),
    )
    found = [AccountRow._make(row) for row in rows]
    return found[::-1] if page.upwards else found


async def search(
    viewer_id: int | None, term: str, *, limit: int, offset: int, following_only: bool = False
) -> list[AccountRow]:
    """Accounts whose handle, or a word of whose name, begins with `term`: those the viewer follows first."""
    username, _, domain = term.lstrip("@").lower().partition("@")
    if not username:
        return []
    like = _like(username)
    name = _like(term.lower())
    where = Condition("a.suspended_at IS NULL")
    if domain:
        where = where & Condition(
            r"a.username_key LIKE ? ESCAPE '\' AND a.domain LIKE ? ESCAPE '\'", (like, _like(domain))
        )
    else:
        where = where & Condition(
            r"(a.username_key LIKE ? ESCAPE '\' OR LOWER(a.display_name) LIKE ? ESCAPE '\'"
            r" OR LOWER(a.display_name) LIKE ? ESCAPE '\')",
            (like, name, f"% {name}"),
        )
    where = where & not_blocked(viewer_id, "a.id")
    order = Condition("a.followers_count DESC, a.id")
    if viewer_id is not None:
        followed = (
            "EXISTS (SELECT 1 FROM follows f WHERE f.account_id = ? AND f.target_id = a.id AND f.accepted = TRUE)"
        )
        if following_only:
            where = where & Condition(followed, (viewer_id,))
        else:
            where = where & Condition(f"(a.silenced_at IS NULL OR a.id = ? OR {followed})", (viewer_id, viewer_id))
        order = Condition(f"CASE WHEN {followed} THEN 0 ELSE 1 END, a.followers_count DESC, a.id", (viewer_id,))
    else:
        where = where & Condition("a.silenced_at IS NULL")
    rows = await db.fetch_all(
        f"SELECT a.id, a.id, a.version FROM accounts a WHERE {where.sql} ORDER BY"
        f" CASE WHEN a.username_key = ? THEN 0 ELSE 1 END, {order.sql} LIMIT ? OFFSET ?",
        (*where.parameters, username, *order.parameters, limit, offset),
    )
    return [AccountRow._make(row) for row in rows]


def _like(text: str) -> str:
    r"""A prefix pattern in which `%`, `_` and `\` mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"{escaped}%"


async def details(account_ids: Sequence[int]) -> Sequence[Any]:
    """Everything an account entity shows, one row each, by column name."""
    return await db.fetch_all(
        "SELECT id, username, domain, actor_type, uri, url, display_name, note, profile_fields, avatar_key, header_key,"
        " avatar_remote_url, header_remote_url, avatar_description, header_description, is_private, discoverable,"
        " indexable, hide_collections, followers_count, following_count, posts_count, last_post_at, version,"
        f" suspended_at, silenced_at, created_at FROM accounts WHERE id IN ({db.marks(account_ids)})",
        account_ids,
    )
