"""Lists of accounts: ids and versions for one statement each, and the accounts behind them for those not known yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from node import db
from node.queries.conditions import Condition, not_blocked, not_domain_blocked, not_shunned
from node.queries.statuses import Page


class AccountRow(NamedTuple):
    """An account of a list; `cursor` is what the list is paged by."""

    cursor: int
    id: int
    version: int


ADMITTED = Condition(
    "NOT (a.domain = '' AND a.suspended_by_origin = TRUE)"
    " AND NOT EXISTS (SELECT 1 FROM users u WHERE u.account_id = a.id AND (u.confirmed_at IS NULL OR u.approved_at IS NULL))"
)
"""That an account `a` is there for others: not deleted, and no sign-up that has not been confirmed and approved yet."""


async def by_ids(account_ids: Sequence[int]) -> list[AccountRow]:
    """Those of these accounts that are there for others, suspended ones too, in the order asked for, without repeats."""
    return await _in_order(account_ids, ADMITTED)


async def visible_by_ids(viewer_id: int | None, account_ids: Sequence[int]) -> list[AccountRow]:
    """`by_ids` without suspended accounts, those who block the viewer and those whom the viewer blocks."""
    return await _in_order(account_ids, Condition("a.suspended_at IS NULL") & ADMITTED & not_blocked(viewer_id, "a.id"))


async def _in_order(account_ids: Sequence[int], where: Condition) -> list[AccountRow]:
    wanted = list(dict.fromkeys(account_ids))
    if not wanted:
        return []
    rows = await db.fetch_all(
        f"SELECT a.id, a.id, a.version FROM accounts a WHERE a.id IN ({db.marks(wanted)}) AND {where.sql}",
        (*wanted, *where.parameters),
    )
    found = {row[1]: AccountRow._make(row) for row in rows}
    return [found[account_id] for account_id in wanted if account_id in found]


async def followers(viewer_id: int | None, account_id: int, page: Page) -> list[AccountRow]:
    """Who follows an account, newest follow first; to others than itself without those whom they shun."""
    return await _page(
        _other(viewer_id, account_id),
        "follows",
        "account_id",
        Condition("x.target_id = ? AND x.accepted = TRUE", (account_id,)),
        page,
    )


async def following(viewer_id: int | None, account_id: int, page: Page) -> list[AccountRow]:
    """Whom an account follows, newest follow first; to others than itself without those whom they shun."""
    return await _page(
        _other(viewer_id, account_id),
        "follows",
        "target_id",
        Condition("x.account_id = ? AND x.accepted = TRUE", (account_id,)),
        page,
    )


def _other(viewer_id: int | None, account_id: int) -> int | None:
    return viewer_id if viewer_id != account_id else None


async def follow_requests(account_id: int, page: Page) -> list[AccountRow]:
    """Who waits for this account to accept them, newest first."""
    return await _page(
        None, "follows", "account_id", Condition("x.target_id = ? AND x.accepted = FALSE", (account_id,)), page
    )


async def blocked_by(account_id: int, page: Page) -> list[AccountRow]:
    """Whom this account blocks, newest first."""
    return await _page(None, "blocks", "target_id", Condition("x.account_id = ?", (account_id,)), page)


async def endorsed_by(account_id: int, page: Page) -> list[AccountRow]:
    """Whom this account recommends, newest first."""
    return await _page(None, "endorsements", "target_id", Condition("x.account_id = ?", (account_id,)), page)


async def domains_blocked_by(account_id: int, page: Page) -> list[tuple[int, str]]:
    """The domains this account blocks as (cursor, domain), newest first."""
    bounds, values = page.condition("x.id")
    rows = await db.fetch_all(
        f"SELECT x.id, x.domain FROM account_domain_blocks x WHERE x.account_id = ?{bounds}{page.order('x.id')}",
        (account_id, *values),
    )
    found = [(int(row[0]), str(row[1])) for row in rows]
    return found[::-1] if page.upwards else found


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


async def on_list(list_id: int, page: Page) -> list[AccountRow]:
    """Who is on a list, newest account first; the cursor is the account's id."""
    bounds, values = page.condition("x.account_id")
    rows = await db.fetch_all(
        "SELECT x.account_id, a.id, a.version FROM list_members x JOIN accounts a ON a.id = x.account_id"
        f" WHERE x.list_id = ? AND a.suspended_at IS NULL{bounds}{page.order('x.account_id')}",
        (list_id, *values),
    )
    found = [AccountRow._make(row) for row in rows]
    return found[::-1] if page.upwards else found


async def close_friends(owner_id: int, page: Page) -> list[AccountRow]:
    """Somebody's close friends, newest account first; the cursor is the account's id."""
    bounds, values = page.condition("x.member_id")
    rows = await db.fetch_all(
        "SELECT x.member_id, a.id, a.version FROM close_friends x JOIN accounts a ON a.id = x.member_id"
        f" WHERE x.account_id = ? AND a.suspended_at IS NULL{bounds}{page.order('x.member_id')}",
        (owner_id, *values),
    )
    found = [AccountRow._make(row) for row in rows]
    return found[::-1] if page.upwards else found


async def liked_by(viewer_id: int | None, post_id: int, page: Page) -> list[AccountRow]:
    """Who likes a post, newest like first; for its author alone where the author hides how many do."""
    where = Condition(
        "x.post_id = ? AND EXISTS (SELECT 1 FROM posts liked WHERE liked.id = x.post_id"
        " AND (liked.hide_like_counts = FALSE OR liked.account_id = ?))",
        (post_id, viewer_id or 0),
    )
    return await _page(viewer_id, "likes", "account_id", where, page)


async def shared_by(viewer_id: int | None, post_id: int, page: Page) -> list[AccountRow]:
    """Who shared a post for the public to see, newest share first."""
    where = Condition("x.shared_post_id = ? AND x.visibility IN ('public', 'unlisted')", (post_id,))
    return await _page(viewer_id, "posts", "account_id", where, page)


async def _page(viewer_id: int | None, table: str, column: str, where: Condition, page: Page) -> list[AccountRow]:
    """Accounts named by `column` of `table`, without those the viewer shuns and those who block the viewer."""
    welcome = not_shunned(viewer_id)
    bounds, values = page.condition("x.id")
    rows = await db.fetch_all(
        f"SELECT x.id, a.id, a.version FROM {table} x JOIN accounts a ON a.id = x.{column}"
        f" WHERE {where.sql} AND a.suspended_at IS NULL AND {welcome.sql}{bounds}{page.order('x.id')}",
        (*where.parameters, *welcome.parameters, *values),
    )
    found = [AccountRow._make(row) for row in rows]
    return found[::-1] if page.upwards else found


async def familiar_followers(viewer_id: int, account_ids: Sequence[int], limit: int) -> dict[int, list[AccountRow]]:
    """Of those the viewer follows, who follows these accounts: at most `limit` each, newest follow first.

    Nobody is named who hides whom they follow, nor for an account that hides who follows it.
    """
    found: dict[int, list[AccountRow]] = {}
    if not account_ids:
        return found
    rows = await db.fetch_all(
        "SELECT target_id, cursor, id, version FROM (SELECT f.target_id, f.id AS cursor, a.id, a.version,"
        " ROW_NUMBER() OVER (PARTITION BY f.target_id ORDER BY f.id DESC) AS place"
        " FROM follows mine JOIN accounts a ON a.id = mine.target_id"
        " JOIN follows f ON f.account_id = a.id AND f.accepted = TRUE JOIN accounts t ON t.id = f.target_id"
        " WHERE mine.account_id = ? AND mine.accepted = TRUE AND a.hide_collections = FALSE"
        " AND a.suspended_at IS NULL AND t.hide_collections = FALSE"
        f" AND f.target_id IN ({db.marks(account_ids)})) familiar WHERE place <= ? ORDER BY target_id, place",
        (viewer_id, *account_ids, limit),
    )
    for target_id, cursor, account_id, version in rows:
        found.setdefault(target_id, []).append(AccountRow(cursor, account_id, version))
    return found


async def search(
    viewer_id: int | None, term: str, *, limit: int, offset: int, following_only: bool = False
) -> list[AccountRow]:
    """Accounts whose handle, or a word of whose name, begins with `term`: those the viewer follows first."""
    username, _, domain = term.lstrip("@").lower().partition("@")
    if not username:
        return []
    like = beginning_with(username)
    name = beginning_with(term.lower())
    where = Condition("a.suspended_at IS NULL AND a.moved_to_uri IS NULL") & ADMITTED
    if domain:
        where = where & Condition(
            r"a.username_key LIKE ? ESCAPE '\' AND a.domain LIKE ? ESCAPE '\'", (like, beginning_with(domain))
        )
    else:
        where = where & Condition(
            r"(a.username_key LIKE ? ESCAPE '\' OR LOWER(a.display_name) LIKE ? ESCAPE '\'"
            r" OR LOWER(a.display_name) LIKE ? ESCAPE '\')",
            (like, name, f"% {name}"),
        )
    where = where & not_blocked(viewer_id, "a.id") & not_domain_blocked(viewer_id, "a.domain")
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


def beginning_with(text: str) -> str:
    r"""A prefix pattern in which `%`, `_` and `\` mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"{escaped}%"


async def details(account_ids: Sequence[int]) -> Sequence[Any]:
    """Everything an account entity shows, one row each, by column name; `moved_to_id` only of an account known here."""
    if not account_ids:
        return []
    return await db.fetch_all(
        "SELECT a.id, a.username, a.domain, a.actor_type, a.uri, a.url, a.display_name, a.note, a.profile_fields,"
        " a.avatar_key, a.header_key, a.avatar_remote_url, a.header_remote_url, a.avatar_description,"
        " a.header_description, a.is_private, a.discoverable, a.indexable, a.hide_collections, a.memorial, a.show_media,"
        " a.show_media_replies, a.show_featured, a.attribution_domains, a.followers_count, a.following_count,"
        " a.posts_count, a.last_post_at, a.version, a.suspended_at, a.silenced_at, a.created_at, a.also_known_as, u.role,"
        " CASE WHEN a.domain = '' AND a.suspended_by_origin = TRUE OR u.id IS NOT NULL AND (u.confirmed_at IS NULL"
        " OR u.approved_at IS NULL) THEN 0 ELSE 1 END AS admitted, m.id AS moved_to_id FROM accounts a LEFT JOIN users u ON u.account_id = a.id"
        f" LEFT JOIN accounts m ON m.uri = a.moved_to_uri WHERE a.id IN ({db.marks(account_ids)})",
        account_ids,
    )
