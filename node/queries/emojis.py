"""Which custom emojis stand in texts: one statement for a whole page, none for texts without a `:shortcode:`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from node import db

MAX_IN_TEXT: Final = 100
MAX_LISTED: Final = 5_000
_SHORTCODE: Final = re.compile(r"(?<![\w:]):([\w.+-]{1,100}):(?![\w:])")
_COLUMNS: Final = "id, shortcode, domain, file_key, static_key, remote_url, category, visible_in_picker, created_at"


class EmojiRow(NamedTuple):
    """An emoji as it is shown; `domain` is empty for this node's own."""

    id: int
    shortcode: str
    domain: str
    file_key: str | None
    static_key: str | None
    remote_url: str | None
    category: str | None
    visible_in_picker: bool
    created_at: int
    """In milliseconds; another picture under the same shortcode is another emoji."""


def shortcodes(text: str) -> list[str]:
    """What might be emojis in a text or HTML, in order, each once."""
    if text.count(":") < 2:
        return []
    found: dict[str, None] = {}
    for match in _SHORTCODE.finditer(text):
        found[match[1]] = None
        if len(found) == MAX_IN_TEXT:
            break
    return list(found)


async def in_texts(texts: Sequence[tuple[str, str]]) -> list[list[EmojiRow]]:
    """The emojis of each of these (domain of the author, text): an author uses those of their own server."""
    named = [(domain, shortcodes(text)) for domain, text in texts]
    wanted = {shortcode for _, found in named for shortcode in found}
    if not wanted:
        return [[] for _ in texts]
    domains = {domain for domain, found in named if found}
    rows = await db.fetch_all(
        f"SELECT {_COLUMNS} FROM custom_emojis WHERE domain IN ({db.marks(len(domains))})"
        f" AND shortcode IN ({db.marks(len(wanted))}) AND disabled = FALSE",
        (*domains, *wanted),
    )
    known = {(row[2], row[1]): EmojiRow._make(row) for row in rows}
    return [[known[domain, code] for code in found if (domain, code) in known] for domain, found in named]


async def offered() -> list[EmojiRow]:
    """This node's own emojis that may be used, by category and shortcode."""
    rows = await db.fetch_all(
        f"SELECT {_COLUMNS} FROM custom_emojis WHERE domain = '' AND disabled = FALSE"
        " ORDER BY COALESCE(category, ''), shortcode LIMIT ?",
        (MAX_LISTED,),
    )
    return [EmojiRow._make(row) for row in rows]
