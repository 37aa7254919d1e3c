"""Polls as a page shows them, with what the viewer chose: one statement however many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from node import db
from node.queries.conditions import visible_to


class PollRow(NamedTuple):
    """A poll; `own_votes` are the positions the viewer chose. `expires_at` in milliseconds."""

    id: int
    author_id: int
    author_domain: str
    options: list[str]
    tallies: list[int]
    multiple: bool
    hide_totals: bool
    votes_count: int
    voters_count: int | None
    expires_at: int | None
    own_votes: list[int]


_POLL = (
    "SELECT po.id, p.account_id, a.domain, po.options, po.tallies, po.multiple, po.hide_totals, po.votes_count, po.voters_count,"
    " po.expires_at, v.choice FROM polls po JOIN posts p ON p.id = po.post_id JOIN accounts a ON a.id = p.account_id"
    " LEFT JOIN poll_votes v ON v.poll_id = po.id AND v.account_id = ?"
)


async def by_ids(viewer_id: int | None, poll_ids: Sequence[int]) -> list[PollRow]:
    """These polls of posts that are shown to the viewer."""
    return await _read(f"po.id IN ({db.marks(poll_ids)})", viewer_id, poll_ids)


async def one(viewer_id: int | None, poll_id: int) -> PollRow | None:
    """A poll, if the viewer may see its post."""
    seen = visible_to(viewer_id)
    rows = await _read(f"po.id = ? AND {seen.sql}", viewer_id, (poll_id, *seen.parameters))
    return rows[0] if rows else None


async def _read(where: str, viewer_id: int | None, parameters: Sequence[object]) -> list[PollRow]:
    rows = await db.fetch_all(
        f"{_POLL} WHERE {where} ORDER BY po.id, v.choice", (0 if viewer_id is None else viewer_id, *parameters)
    )
    found: dict[int, PollRow] = {}
    for row in rows:
        poll = found.get(row[0])
        if poll is None:
            poll = found[row[0]] = PollRow(
                *(row[0], row[1], row[2], orjson.loads(row[3]), orjson.loads(row[4]), bool(row[5]), bool(row[6])),
                *(row[7], row[8], row[9], []),
            )
        if row[10] is not None:
            poll.own_votes.append(int(row[10]))
    return list(found.values())
