"""Posts by what they say, on SQL alone: bounded, however large the node is.

Looked through are the newest public posts of people who let them be found, and from the searcher's library (own posts,
those that name them, liked and kept ones) the newest of each; or, where an account is named, its newest posts. A
statement narrows them down by the words it can compare, and what is left is read word by word here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node import db
from node.queries.conditions import EVERYTHING, Condition, not_shunned
from node.queries.search_terms import EVERYWHERE, LIBRARY, PUBLIC, Operator, Terms
from node.text import plain_text

LOOKED_THROUGH: Final = 10_000
"""The newest public posts that are looked through, and half as many of each part of a library or of an account."""
READ: Final = 500
"""How many of those that have the words somewhere are read."""

_MEDIA_KINDS: Final = {"image": ("image",), "video": ("video", "gifv"), "audio": ("audio",)}
_PUBLIC: Final = (
    "p.visibility = 'public' AND p.shared_post_id IS NULL"
    " AND EXISTS (SELECT 1 FROM accounts x WHERE x.id = p.account_id AND x.indexable = TRUE AND x.silenced_at IS NULL)"
)
_LIBRARY: Final = (
    "p.shared_post_id IS NULL AND (p.account_id = ?"
    " OR EXISTS (SELECT 1 FROM mentions x WHERE x.account_id = ? AND x.post_id = p.id)"
    " OR EXISTS (SELECT 1 FROM likes x WHERE x.post_id = p.id AND x.account_id = ?)"
    " OR EXISTS (SELECT 1 FROM bookmarks x WHERE x.post_id = p.id AND x.account_id = ?))"
)


@dataclass(frozen=True, slots=True)
class PostSearch:
    """What is searched for: `terms`, the posts of one account only, between two ids (exclusive)."""

    terms: Terms
    account_id: int | None = None
    above: int | None = None
    below: int | None = None


async def posts(viewer_id: int, wanted: PostSearch, *, limit: int, offset: int) -> list[int]:
    """The ids of posts the viewer may search that fit, newest first. Two statements.

    Whether the viewer may (still) see each is for `statuses.by_ids` to say.
    """
    source = _source(viewer_id, wanted)
    narrowed = _narrowed(wanted.terms)
    narrowed = narrowed & not_shunned(viewer_id)
    for operator in wanted.terms.operators:
        narrowed = narrowed & _operator(operator)
    rows = await db.fetch_all(
        "SELECT p.id, p.content, p.spoiler_text FROM posts p JOIN accounts a ON a.id = p.account_id"
        f" WHERE p.id IN ({source.sql}) AND {narrowed.sql} ORDER BY p.id DESC LIMIT {READ}",
        (*source.parameters, *narrowed.parameters),
    )
    further = await _further_texts([row[0] for row in rows]) if wanted.terms.clauses else {}
    found: list[int] = []
    for row in rows:
        words = "\n".join((row[2], plain_text(row[1]), *further.get(row[0], ()))) if wanted.terms.clauses else ""
        if wanted.terms.fit(words):
            found.append(int(row[0]))
        if len(found) == offset + limit:
            break
    return found[offset:]


def _source(viewer_id: int, wanted: PostSearch) -> Condition:
    """The ids that are looked through, as a subquery."""
    if wanted.account_id is not None:
        where = Condition("p.account_id = ?", (wanted.account_id,)) & _bounds(wanted) & _searchable(viewer_id, wanted)
        return _newest("posts p", "p.id", where, LOOKED_THROUGH // 2)
    parts = []
    if wanted.terms.place != LIBRARY:
        recent = _newest("posts p", "p.id", Condition("p.visibility = 'public'") & _bounds(wanted), LOOKED_THROUGH)
        parts.append(
            Condition(f"SELECT p.id FROM posts p WHERE p.id IN ({recent.sql}) AND {_PUBLIC}", recent.parameters)
        )
    if wanted.terms.place != PUBLIC:
        own = Condition("p.account_id = ? AND p.shared_post_id IS NULL", (viewer_id,)) & _bounds(wanted)
        parts.append(_newest("posts p", "p.id", own, LOOKED_THROUGH // 2))
        for table in ("mentions", "likes", "bookmarks"):
            mine = Condition("x.account_id = ?", (viewer_id,)) & _bounds(wanted, "x.post_id")
            order = "x.post_id" if table == "mentions" else "x.id"
            parts.append(_newest(f"{table} x", "x.post_id", mine, LOOKED_THROUGH // 2, order))
    return Condition(
        " UNION ".join(f"SELECT * FROM ({part.sql}) part{number}" for number, part in enumerate(parts)),
        tuple(value for part in parts for value in part.parameters),
    )


def _newest(table: str, column: str, where: Condition, limit: int, order: str | None = None) -> Condition:
    return Condition(
        f"SELECT {column} FROM {table} WHERE {where.sql} ORDER BY {order or column} DESC LIMIT {limit}",
        where.parameters,
    )


def _bounds(wanted: PostSearch, column: str = "p.id") -> Condition:
    condition = EVERYTHING
    for bound, sign in ((wanted.above, ">"), (wanted.terms.above, ">"), (wanted.below, "<"), (wanted.terms.below, "<")):
        if bound is not None:
            condition = condition & Condition(f"{column} {sign} ?", (bound,))
    return condition


def _searchable(viewer_id: int, wanted: PostSearch) -> Condition:
    library = Condition(_LIBRARY, (viewer_id,) * 4)
    if wanted.terms.place == LIBRARY:
        return library
    if wanted.terms.place == PUBLIC:
        return Condition(_PUBLIC)
    assert wanted.terms.place == EVERYWHERE
    return Condition(f"(({_PUBLIC}) OR ({library.sql}))", library.parameters)


def _narrowed(terms: Terms) -> Condition:
    """That every required word stands somewhere, as far as the database can compare letters."""
    condition = EVERYTHING
    for word in terms.required:
        columns = ("p.content", "p.spoiler_text", "m.description", "CAST(q.options AS TEXT)")
        content, warning, alt, option = (_has(word, column) for column in columns)
        condition = condition & Condition(
            f"({content.sql} OR {warning.sql}"
            f" OR EXISTS (SELECT 1 FROM media_files m WHERE m.post_id = p.id AND ({alt.sql}))"
            f" OR EXISTS (SELECT 1 FROM polls q WHERE q.post_id = p.id AND ({option.sql})))",
            (*content.parameters, *warning.parameters, *alt.parameters, *option.parameters),
        )
    return condition


def _has(word: str, column: str) -> Condition:
    """That a word (in lower case) stands in a text. SQLite knows the case of ASCII letters only: others are spelled out."""
    spellings = (word,) if word.isascii() else dict.fromkeys((word, word.capitalize(), word.upper()))
    likes = tuple(f"%{_escaped(spelling)}%" for spelling in spellings)
    compared = f"LOWER({column})" if word.isascii() else column
    return Condition(" OR ".join(f"{compared} LIKE ? ESCAPE '~'" for _ in likes), likes)


def _escaped(word: str) -> str:
    return word.replace("~", "~~").replace("%", "~%").replace("_", "~_")


def _operator(operator: Operator) -> Condition:
    condition = _positive(operator.name, operator.value.lower())
    return Condition(f"NOT ({condition.sql})", condition.parameters) if operator.negated else condition


def _positive(name: str, value: str) -> Condition:
    """One operator; a value nothing fits finds nothing. `from` is resolved to an account before (`from_accounts`)."""
    match name, value:
        case "has", "media":
            return Condition("p.has_media = TRUE")
        case "has", ("image" | "video" | "audio"):
            kinds = _MEDIA_KINDS[value]
            marks = db.marks(kinds)
            return Condition(
                f"EXISTS (SELECT 1 FROM media_files m WHERE m.post_id = p.id AND m.kind IN ({marks}))", kinds
            )
        case "has", "poll":
            return Condition("EXISTS (SELECT 1 FROM polls q WHERE q.post_id = p.id)")
        case "has", "link":
            return Condition("p.content LIKE '%<span class=\"invisible\">%'")
        case "is", "reply":
            return Condition("(p.parent_id IS NOT NULL OR p.parent_uri IS NOT NULL)")
        case "is", "sensitive":
            return Condition("p.sensitive = TRUE")
        case "is", "bot":
            return Condition("a.actor_type IN ('Service', 'Application')")
        case "language", _:
            return Condition(
                "p.language IS NOT NULL AND (LOWER(p.language) = ? OR LOWER(p.language) LIKE ? ESCAPE '~')",
                (value, f"{_escaped(value)}-%"),
            )
        case "account", _:
            return Condition("p.account_id = ?", (int(value),))
        case _:
            return Condition("FALSE")


async def _further_texts(post_ids: Sequence[int]) -> dict[int, list[str]]:
    """What these posts say in the alt texts of their pictures and the options of their polls."""
    if not post_ids:
        return {}
    among = f"IN ({db.marks(post_ids)})"
    rows = await db.fetch_all(
        f"SELECT post_id, description FROM media_files WHERE description <> '' AND post_id {among}"
        f" UNION ALL SELECT post_id, CAST(options AS TEXT) FROM polls WHERE post_id {among}",
        (*post_ids, *post_ids),
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1])
    return found
