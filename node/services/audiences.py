"""Audiences of some people their author chose: close friends, one of the author's lists, mutuals.

Who is a member is fixed when a post is published: they are addressed silently. One who is added later does not see
earlier posts. One who is taken off, blocked, or no longer followed (where that was the reason) sees no more of them, nor
of the comments on them, and does not see them again by coming back. Who is named in a text is addressed by that, and stays.
"""

from __future__ import annotations

from typing import Final

from node import db, events
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.audiences import CLOSE_FRIENDS, KINDS, LIST, MUTUALS
from node.models.posts import ARCHIVED, DIRECT, MEMBERS, Post

MAX_CLOSE_FRIENDS: Final = 500
MAX_MEMBERS: Final = 1_000
"""Of a list or mutuals that a post is for: what is meant for more is better for the followers."""
_AT_ONCE: Final = 200

_CANDIDATES: Final = {
    CLOSE_FRIENDS: "close_friends x JOIN accounts a ON a.id = x.member_id WHERE x.account_id = ?",
    LIST: "list_members x JOIN accounts a ON a.id = x.account_id WHERE x.owner_id = ? AND x.list_id = ?",
    MUTUALS: "follows x JOIN accounts a ON a.id = x.target_id"
    " JOIN follows back ON back.account_id = x.target_id AND back.target_id = x.account_id AND back.accepted = TRUE"
    " WHERE x.account_id = ? AND x.accepted = TRUE",
}


def visibility_of_comment(parent: Post) -> str:
    """The visibility of a comment that is to be for one of `KINDS`. Raises `Invalid` where others may read the parent: a
    comment's members are its parent's, it has none of its own."""
    if parent.visibility not in (MEMBERS, DIRECT):
        raise Invalid("visibility", "can't be chosen for a comment on what others may read", code="ERR_INCLUSION")
    return MEMBERS


def check_list(kind: str | None, list_id: int | None) -> None:
    """Raises `Invalid` (list_id) unless a list is named exactly where the audience is one."""
    if (kind == LIST) == (list_id is not None):
        return
    if list_id is None:
        raise Invalid("list_id", "can't be blank", code="ERR_BLANK")
    raise Invalid("list_id", "needs the visibility list", code="ERR_INCLUSION")


async def chosen(author: Account, kind: str, list_id: int | None) -> list[int]:
    """Who is a member now, but for the author and those either side blocks.

    Raises `NotFound` when the list is not the author's, `Invalid` (visibility) for nobody and for too many.
    """
    if kind == LIST:
        own = await db.fetch_one("SELECT 1 FROM lists WHERE id = ? AND account_id = ?", (list_id, author.id))
        if own is None:
            raise NotFound
    limit = MAX_CLOSE_FRIENDS if kind == CLOSE_FRIENDS else MAX_MEMBERS
    rows = await db.fetch_all(
        f"SELECT a.id FROM {_CANDIDATES[kind]} AND a.id <> ? AND a.suspended_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ? AND b.target_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND b.target_id = ?) LIMIT ?",
        (author.id, *((list_id,) if kind == LIST else ()), author.id, author.id, author.id, limit + 1),
    )
    if not rows:
        raise Invalid("visibility", "needs somebody to be in the audience", code="ERR_BLANK")
    if len(rows) > limit:
        raise Invalid("visibility", f"can't be for more than {limit} people", code="ERR_TOO_MANY")
    return [int(row[0]) for row in rows]


async def of_thread(parent: Post, author_id: int) -> list[int]:
    """The members a comment takes over from what it answers."""
    rows = await db.fetch_all(
        "SELECT account_id FROM mentions WHERE post_id = ? AND account_id <> ?", (parent.id, author_id)
    )
    return [int(row[0]) for row in rows]


async def attach(post: Post, kind: str, list_id: int | None) -> None:
    """Note whom a new post is meant for, in the caller's transaction."""
    assert kind in KINDS
    await db.execute(
        "INSERT INTO post_audiences (id, post_id, account_id, kind, list_id) VALUES (?, ?, ?, ?, ?)",
        (new_id(), post.id, post.account_id, kind, list_id),
    )


async def taken_off(owner_id: int, member_id: int, list_id: int | None = None) -> None:
    """Somebody is taken off a list, or the close friends, in the caller's transaction: they lose what was for those."""
    if list_id is None:
        await _withdraw(owner_id, member_id, "pa.kind = ?", (CLOSE_FRIENDS,))
    else:
        await _withdraw(owner_id, member_id, "pa.list_id = ?", (list_id,))


async def follow_ended(follower_id: int, target_id: int) -> None:
    """A follow ends, in the caller's transaction: the two are mutuals no longer, and the followed on no list of the
    follower's."""
    await _withdraw(follower_id, target_id, "pa.kind IN (?, ?)", (LIST, MUTUALS))
    await _withdraw(target_id, follower_id, "pa.kind = ?", (MUTUALS,))


async def part(one_id: int, other_id: int) -> None:
    """Two are kept apart, in the caller's transaction: neither is among the other's chosen, for what was posted too."""
    for owner_id, member_id in ((one_id, other_id), (other_id, one_id)):
        await db.execute("DELETE FROM close_friends WHERE account_id = ? AND member_id = ?", (owner_id, member_id))
        await _withdraw(owner_id, member_id, "TRUE", ())


async def _withdraw(owner_id: int, member_id: int, which: str, parameters: tuple[object, ...]) -> None:
    """Address a member no longer in the threads of these posts. Records `AccessLost` for one elsewhere."""
    rows = await db.fetch_all(
        "DELETE FROM mentions WHERE account_id = ? AND silent = TRUE AND post_id IN (SELECT p.id FROM post_audiences pa"
        f" JOIN posts p ON p.conversation_id = pa.post_id WHERE pa.account_id = ? AND {which} AND p.visibility IN (?, ?)) RETURNING post_id",
        (member_id, owner_id, *parameters, MEMBERS, ARCHIVED),
    )
    if not rows or not await Account.filter(id=member_id).exclude(domain="").exists():
        return
    post_ids = sorted(int(row[0]) for row in rows)
    for start in range(0, len(post_ids), _AT_ONCE):
        await events.record(events.AccessLost(account_id=member_id, post_ids=post_ids[start : start + _AT_ONCE]))
