"""Who may see what, as SQL: the rule of `node/services/visibility.py`, and what a reader chose not to see.

A post is seen by nobody when its author is suspended, nor by somebody its author blocks or who blocks the author.
Else public and unlisted posts are seen by everyone; a followers-only post by its author, the followers its author (or
the author's server) accepted and those it addresses; a direct post by its author and those it addresses. A share is
seen by those who may see both it and what it shares. A comment held for its post's author is seen by that author and
its own alone. An archived post is seen by its author, who meets it in the archive and by its number, in no other list.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from node import clock


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of SQL for a `WHERE`, and the values for its question marks, in order."""

    sql: str
    parameters: tuple[object, ...] = ()

    def __and__(self, other: Condition) -> Condition:
        return Condition(f"{self.sql} AND {other.sql}", self.parameters + other.parameters)


EVERYTHING = Condition("TRUE")
NOT_ARCHIVED = Condition("p.visibility <> 'archived' AND (s.id IS NULL OR s.visibility <> 'archived')")
"""For lists of posts `p`, shares of `s` among them: what its author put away stands in no list but the archive."""


def visible_to(viewer_id: int | None, posts: str = "p") -> Condition:
    """The condition under which a row of `posts` (an alias in the caller's query) may be shown to this account.

    `None` is somebody who is not signed in, or an unsigned request.
    """
    return _about(viewer_id, _visible_sql(viewer_id is None, posts))


def shown_on_page(viewer_id: int | None) -> Condition:
    """`visible_to` for a query with `statuses.POST_JOINS`, which has the authors and the shared post at hand."""
    return _about(viewer_id, _shown_on_page_sql(viewer_id is None))


def shown_to(viewer_id: int | None, posts: str = "p") -> Condition:
    """`visible_to`, of no share, as if the viewer blocked nobody: whether the author lets them see the post."""
    return _about(viewer_id, _seen_sql(viewer_id is None, posts, own_blocks=False))


def not_muted(viewer_id: int | None, *columns: str, notifications: bool = False) -> Condition:
    """That the viewer muted none of the accounts in `columns` (which may be NULL).

    With `notifications`, only mutes that also silence notifications count.
    """
    if viewer_id is None:
        return EVERYTHING
    now = int(clock.timestamp() * 1000)
    return Condition(_not_muted_sql(columns, notifications), (viewer_id, viewer_id, now) * len(columns))


def not_blocked(viewer_id: int | None, column: str) -> Condition:
    """That neither the viewer blocks the account in `column` nor the other way round."""
    return EVERYTHING if viewer_id is None else _about(viewer_id, _not_blocked_sql(column))


def not_domain_blocked(viewer_id: int | None, *domains: str) -> Condition:
    """That the viewer blocks none of the domains in these columns (which may be NULL, and empty for this node)."""
    return EVERYTHING if viewer_id is None else _about(viewer_id, _not_domain_blocked_sql(domains))


def not_shunned(viewer_id: int | None, account: str = "a") -> Condition:
    """That the viewer neither blocks nor mutes the account in this alias, nor blocks its domain, nor is blocked by it:
    the rule for accounts that are offered rather than asked for."""
    return (
        not_blocked(viewer_id, f"{account}.id")
        & not_muted(viewer_id, f"{account}.id")
        & not_domain_blocked(viewer_id, f"{account}.domain")
    )


def _about(viewer_id: int | None, sql: str) -> Condition:
    """A condition in which every question mark stands for the viewer."""
    return Condition(sql, (viewer_id,) * _marks_in(sql))


@functools.lru_cache(maxsize=256)
def _marks_in(sql: str) -> int:
    return sql.count("?")


@functools.lru_cache(maxsize=256)
def _visible_sql(is_anonymous: bool, posts: str) -> str:
    own, shared = _seen_sql(is_anonymous, posts), _seen_sql(is_anonymous, "shared_post")
    return (
        f"{own} AND ({posts}.shared_post_id IS NULL OR EXISTS ("
        f"SELECT 1 FROM posts shared_post WHERE shared_post.id = {posts}.shared_post_id AND {shared}))"
    )


@functools.cache
def _shown_on_page_sql(is_anonymous: bool) -> str:
    own, shared = _seen_sql(is_anonymous, "p", author="a"), _seen_sql(is_anonymous, "s", author="sa")
    return f"{own} AND (p.shared_post_id IS NULL OR s.id IS NOT NULL AND {shared})"


@functools.lru_cache(maxsize=256)
def _seen_sql(is_anonymous: bool, post: str, *, author: str | None = None, own_blocks: bool = True) -> str:
    """`visible_to` for a post regarded alone, without what it shares; `author` is its account, where that is joined."""
    author_is_there = (
        f"{author}.suspended_at IS NULL"
        if author is not None
        else f"NOT EXISTS (SELECT 1 FROM accounts author WHERE author.id = {post}.account_id"
        " AND author.suspended_at IS NOT NULL)"
    )
    if is_anonymous:
        return f"{post}.visibility IN ('public', 'unlisted') AND {post}.held_for IS NULL AND {author_is_there}"
    blocks = _none_of("blocks", "target_id", f"account_id = {post}.account_id")
    if own_blocks:
        blocks = f"{blocks} AND {_none_of('blocks', 'account_id', f'target_id = {post}.account_id')}"
    return (
        f"({post}.account_id = ? OR {author_is_there} AND {blocks}"
        f" AND ({post}.held_for IS NULL OR {post}.held_for = ?)"
        f" AND ({post}.visibility IN ('public', 'unlisted')"
        f" OR {post}.visibility <> 'archived'"
        f" AND EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = {post}.id AND m.account_id = ?)"
        f" OR {post}.visibility = 'followers' AND EXISTS (SELECT 1 FROM follows f"
        f" WHERE f.account_id = ? AND f.target_id = {post}.account_id AND f.accepted = TRUE)))"
    )


@functools.lru_cache(maxsize=256)
def _not_muted_sql(columns: tuple[str, ...], notifications: bool) -> str:
    kind = " AND x.hide_notifications = TRUE" if notifications else ""
    return " AND ".join(
        _none_of("mutes", "account_id", f"target_id = {column}{kind} AND (x.expires_at IS NULL OR x.expires_at > ?)")
        for column in columns
    )


@functools.lru_cache(maxsize=256)
def _not_blocked_sql(column: str) -> str:
    blocking = _none_of("blocks", "account_id", f"target_id = {column}")
    return f"{blocking} AND {_none_of('blocks', 'target_id', f'account_id = {column}')}"


@functools.lru_cache(maxsize=256)
def _not_domain_blocked_sql(domains: tuple[str, ...]) -> str:
    return " AND ".join(_none_of("account_domain_blocks", "account_id", f"domain = {domain}") for domain in domains)


def _none_of(table: str, column: str, row: str) -> str:
    """That no row of `table` has the viewer in `column` and meets `row`.

    Whether the viewer has any rows there at all is asked once for a statement: most have none, and then no row of the
    page needs a look-up.
    """
    return (
        f"(NOT EXISTS (SELECT 1 FROM {table} WHERE {column} = ?)"
        f" OR NOT EXISTS (SELECT 1 FROM {table} x WHERE x.{column} = ? AND x.{row}))"
    )
