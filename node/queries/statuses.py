"""Posts as a page needs them: ids, versions and what the viewer did, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from node import db
from node.queries.conditions import NOT_ARCHIVED, Condition, not_domain_blocked, not_muted, shown_on_page

ANONYMOUS_ANCESTORS, ANONYMOUS_DESCENDANTS, ANONYMOUS_DEPTH = 40, 60, 20
MEMBER_ANCESTORS, MEMBER_DESCENDANTS, MEMBER_DEPTH = 4096, 4096, 100


class Page(Protocol):
    """A slice of a keyset-paged list (`api.pagination.Page`)."""

    @property
    def limit(self) -> int:
        """How many rows at most."""

    @property
    def upwards(self) -> bool:
        """Whether rows must be read oldest first and then turned around."""

    def condition(self, column: str) -> tuple[str, list[int]]:
        """SQL ` AND column < ? …` and its parameters."""

    def order(self, column: str) -> str:
        """SQL ` ORDER BY column … LIMIT n`."""


class StatusRow(NamedTuple):
    """A post of a page. `cursor` is what the list is paged by; `shared_*` are of the post it shares, if it is a share.

    `liked`, `reblogged` and `kept` are the viewer's deeds on the shown post: the shared one for a share. `muted` is
    whether the viewer wants to hear no more of its thread. `filters_version` is that of the viewer's filters, 0 for
    somebody who never had any.
    """

    cursor: int
    id: int
    version: int
    account_id: int
    account_version: int
    shared_id: int | None
    shared_version: int | None
    shared_account_id: int | None
    shared_account_version: int | None
    liked: bool
    reblogged: bool
    kept: bool
    filters_version: int
    muted: bool


_SHAPE = "p.id, p.version, p.account_id, a.version, s.id, s.version, s.account_id, sa.version"
POST_JOINS = (
    " JOIN accounts a ON a.id = p.account_id"
    " LEFT JOIN posts s ON s.id = p.shared_post_id LEFT JOIN accounts sa ON sa.id = s.account_id"
)
OPTIONAL_POST_JOINS = POST_JOINS.replace(" JOIN accounts a ", " LEFT JOIN accounts a ", 1)
"""`POST_JOINS` for a post `p` that may be missing."""


def columns(viewer_id: int | None, cursor: str = "p.id") -> Condition:
    """The columns of a `StatusRow`, for a query with `POST_JOINS`."""
    if viewer_id is None:
        return Condition(f"{cursor}, {_SHAPE}, 0, 0, 0, 0, 0")
    shown = "COALESCE(p.shared_post_id, p.id)"
    return Condition(
        f"{cursor}, {_SHAPE},"
        f" EXISTS (SELECT 1 FROM likes l WHERE l.post_id = {shown} AND l.account_id = ?),"
        f" EXISTS (SELECT 1 FROM posts r WHERE r.shared_post_id = {shown} AND r.account_id = ?),"
        f" EXISTS (SELECT 1 FROM bookmarks k WHERE k.post_id = {shown} AND k.account_id = ?),"
        " (SELECT u.filters_version FROM users u WHERE u.account_id = ?),"
        " EXISTS (SELECT 1 FROM thread_mutes WHERE account_id = ?) AND EXISTS (SELECT 1 FROM thread_mutes tm"
        " WHERE tm.account_id = ? AND tm.conversation_id = p.conversation_id)",
        (viewer_id,) * 6,
    )


async def page_of(
    viewer_id: int | None,
    source: str,
    where: Condition,
    page: Page,
    cursor: str = "p.id",
    *,
    listed: Condition = NOT_ARCHIVED,
) -> list[StatusRow]:
    """One page of a list of posts: `source` begins the FROM and brings a post `p`. Newest first.

    `listed` is what stands in lists at all.
    """
    shown = columns(viewer_id, cursor)
    seen = shown_on_page(viewer_id)
    bounds, bound_values = page.condition(cursor)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM {source}{POST_JOINS} WHERE {where.sql}{bounds} AND {listed.sql} AND {seen.sql}"
        f"{page.order(cursor)}",
        (*shown.parameters, *where.parameters, *bound_values, *seen.parameters),
    )
    found = [StatusRow._make(row) for row in rows]
    if page.upwards:
        found.reverse()
    return found


async def by_ids(viewer_id: int | None, post_ids: Sequence[int]) -> list[StatusRow]:
    """Those of these posts the viewer may see, in the order asked for, without repeats."""
    wanted = list(dict.fromkeys(post_ids))
    if not wanted:
        return []
    shown, seen = columns(viewer_id), shown_on_page(viewer_id)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM posts p{POST_JOINS} WHERE p.id IN ({db.marks(wanted)})"
        f" AND {NOT_ARCHIVED.sql} AND {seen.sql}",
        (*shown.parameters, *wanted, *seen.parameters),
    )
    found = {row[1]: StatusRow._make(row) for row in rows}
    return [found[post_id] for post_id in wanted if post_id in found]


async def whoever_looks(viewer_id: int, post_ids: Sequence[int]) -> list[StatusRow]:
    """These posts whatever their audience, for a moderator; `viewer_id` is whose deeds are shown."""
    if not post_ids:
        return []
    shown = columns(viewer_id)
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM posts p{POST_JOINS} WHERE p.id IN ({db.marks(post_ids)})",
        (*shown.parameters, *post_ids),
    )
    return [StatusRow._make(row) for row in rows]


async def one(viewer_id: int | None, post_id: int) -> StatusRow | None:
    """The post, if the viewer may see it."""
    shown, seen = columns(viewer_id), shown_on_page(viewer_id)
    row = await db.fetch_one(
        f"SELECT {shown.sql} FROM posts p{POST_JOINS} WHERE p.id = ? AND {seen.sql}",
        (*shown.parameters, post_id, *seen.parameters),
    )
    return StatusRow._make(row) if row is not None else None


async def ancestors(viewer_id: int | None, post_id: int) -> list[StatusRow]:
    """The posts this one answers, from the beginning of the thread down to its parent."""
    depth = ANONYMOUS_ANCESTORS if viewer_id is None else MEMBER_ANCESTORS
    shown, seen = columns(viewer_id), shown_on_page(viewer_id)
    unmuted = not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")
    rows = await db.fetch_all(
        f"SELECT {shown.sql} FROM (WITH RECURSIVE up(id, parent_id, depth) AS ("
        "SELECT id, parent_id, 0 FROM posts WHERE id = ? UNION ALL"
        " SELECT q.id, q.parent_id, up.depth + 1 FROM up JOIN posts q ON q.id = up.parent_id WHERE up.depth < ?)"
        f" SELECT id, depth FROM up WHERE depth > 0) thread JOIN posts p ON p.id = thread.id{POST_JOINS}"
        f" WHERE {seen.sql} AND {unmuted.sql} ORDER BY thread.depth DESC",
        (*shown.parameters, post_id, depth, *seen.parameters, *unmuted.parameters),
    )
    return [StatusRow._make(row) for row in rows]


async def descendants(viewer_id: int | None, post_id: int) -> list[StatusRow]:
    """The comments below a post as one reads them: each followed by its answers, oldest first on every level.

    Those the post's author pinned come first.
    """
    anonymous = viewer_id is None
    depth = ANONYMOUS_DEPTH if anonymous else MEMBER_DEPTH
    limit = ANONYMOUS_DESCENDANTS if anonymous else MEMBER_DESCENDANTS
    shown, seen = columns(viewer_id), shown_on_page(viewer_id)
    unmuted = not_muted(viewer_id, "p.account_id") & not_domain_blocked(viewer_id, "a.domain")
    rows = await db.fetch_all(
        f"SELECT {shown.sql}, p.parent_id, thread.pin_id FROM (WITH RECURSIVE down(id, pin_id, depth) AS ("
        "SELECT id, pin_id, 1 FROM (SELECT c.id, pc.id AS pin_id FROM posts c LEFT JOIN pinned_comments pc"
        " ON pc.comment_id = c.id WHERE c.parent_id = ? ORDER BY CASE WHEN pc.id IS NULL THEN 1 ELSE 0 END, c.id) first"
        " UNION ALL"
        " SELECT q.id, CAST(NULL AS BIGINT), down.depth + 1 FROM down JOIN posts q ON q.parent_id = down.id WHERE down.depth < ?)"
        f" SELECT id, pin_id FROM down LIMIT ?) thread JOIN posts p ON p.id = thread.id{POST_JOINS}"
        f" WHERE {seen.sql} AND {unmuted.sql} ORDER BY p.id",
        (*shown.parameters, post_id, depth, limit, *seen.parameters, *unmuted.parameters),
    )
    found = [tuple(row) for row in rows]
    pins = {row[1]: row[-1] for row in found if row[-1] is not None}
    return _as_read([(StatusRow._make(row[:-2]), row[-2]) for row in found], post_id, pins)


def _as_read(rows: list[tuple[StatusRow, int]], root_id: int, pins: Mapping[int, int]) -> list[StatusRow]:
    """Depth first, the pinned (`pins` by id of the comment) before all. What answers a comment the viewer may not see stands where that comment would have stood."""
    present = {row.id for row, _ in rows}
    answers: dict[int, list[StatusRow]] = {}
    for row, parent_id in rows:
        answers.setdefault(parent_id if parent_id in present else root_id, []).append(row)
    if pins:
        answers[root_id].sort(key=lambda row: (row.id not in pins, pins.get(row.id, row.id)))
    ordered: list[StatusRow] = []
    waiting = list(reversed(answers.get(root_id, [])))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting.extend(reversed(answers.get(row.id, [])))
    return ordered


async def media_ids(post_id: int) -> list[int]:
    """The pictures of a post, in order."""
    rows = await db.fetch_all("SELECT id FROM media_files WHERE post_id = ? ORDER BY position, id", (post_id,))
    return [int(row[0]) for row in rows]
