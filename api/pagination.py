"""Keyset pages: `max_id` (older than), `since_id` (the newest above), `min_id` (the next above), and `Link` headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from quart import request

from api.params import InvalidParameter
from node.runtime import runtime

STATUSES = (20, 40)
ACCOUNTS = (40, 80)
NOTIFICATIONS = (40, 80)
TAGS = (100, 200)
"""Default and greatest page sizes; larger wishes are cut down, not refused."""

_LARGEST_ID = 2**63 - 1
CURSORS = ("max_id", "since_id", "min_id")


@dataclass(frozen=True, slots=True)
class Page:
    """Which slice of a list is wanted. Rows are always shown newest first, also when read upwards from `min_id`."""

    limit: int
    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None

    @property
    def upwards(self) -> bool:
        """Whether rows must be read oldest first and then turned around."""
        return self.min_id is not None

    def condition(self, column: str) -> tuple[str, list[int]]:
        """SQL ` AND column < ? …` and its parameters."""
        sql = ""
        parameters: list[int] = []
        if self.max_id is not None:
            sql, parameters = sql + f" AND {column} < ?", [*parameters, self.max_id]
        above = self.min_id if self.min_id is not None else self.since_id
        if above is not None:
            sql, parameters = sql + f" AND {column} > ?", [*parameters, above]
        return sql, parameters

    def order(self, column: str) -> str:
        """SQL ` ORDER BY column … LIMIT n`."""
        return f" ORDER BY {column} {'ASC' if self.upwards else 'DESC'} LIMIT {self.limit}"


def page_of_request(sizes: tuple[int, int]) -> Page:
    """The page this request asks for. Raises `InvalidParameter` for a limit or cursor that is no number."""
    return page_of_query(request.args, sizes)


def page_of_query(query: Mapping[str, str], sizes: tuple[int, int]) -> Page:
    """`page_of_request` for these query parameters."""
    default, greatest = sizes
    limit = _number(query, "limit")
    return Page(
        min(max(limit, 1), greatest) if limit is not None else default, *(_number(query, name) for name in CURSORS)
    )


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if text == "":
        return None
    if not (text.isascii() and text.isdigit()):
        raise InvalidParameter(f"Invalid parameter: {name}")
    return min(int(text[:20]), _LARGEST_ID)


def link_header(cursors: Sequence[int], page: Page) -> dict[str, str]:
    """`Link` to the pages before and after one whose rows have these cursors, newest first; nothing for no rows."""
    return links(request.path, list(request.args.items(multi=True)), cursors, page)


def links(path: str, query: Sequence[tuple[str, str]], cursors: Sequence[int], page: Page) -> dict[str, str]:
    """`link_header` for a request of `path` with these query parameters."""
    if not cursors:
        return {}
    kept = urlencode([(name, value) for name, value in query if name not in CURSORS])
    address = f"{runtime().settings.base_url}{path}?{kept}{'&' if kept else ''}"
    links = [f'<{address}min_id={cursors[0]}>; rel="prev"']
    if len(cursors) >= page.limit or page.upwards:
        links.insert(0, f'<{address}max_id={cursors[-1]}>; rel="next"')
    return {"Link": ", ".join(links)}


def offset_links(found: int, limit: int, offset: int) -> dict[str, str]:
    """`Link` of a list paged by offset, of which this page has `found` entries; nothing when it is the only one."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in ("limit", "offset")]
    address = f"{runtime().settings.base_url}{request.path}"

    def link(rel: str, start: int) -> str:
        return f'<{address}?{urlencode([*kept, ("limit", str(limit)), ("offset", str(start))])}>; rel="{rel}"'

    shown = [link("next", offset + limit)] if found == limit else []
    shown += [link("prev", max(offset - limit, 0))] if offset > 0 else []
    return {"Link": ", ".join(shown)} if shown else {}
