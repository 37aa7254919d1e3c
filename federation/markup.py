"""The tags of a stranger's page, found in time linear in its length: HTML parsers are quadratic on hostile input."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

MAX_TAGS: Final = 10_000
MAX_TAG: Final = 2_048
_TAG: Final = re.compile(r"<(/?[a-zA-Z][\w-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*+)>")
_COMMENT_END: Final = re.compile("-->")
_ATTRIBUTE: Final = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_RAW: Final = {
    name: re.compile(f"</{name}", re.IGNORECASE)
    for name in ("script", "style", "textarea", "title", "template", "noscript", "iframe", "xmp")
}
"""Elements whose content is no part of the page's own markup."""


def links(markup: str) -> Iterator[dict[str, str]]:
    """The attributes of every `a` and `link` of a page, names in lower case."""
    position = 0
    for _ in range(MAX_TAGS):
        position = markup.find("<", position)
        if position < 0:
            return
        if markup.startswith("<!--", position):
            position = _after(_COMMENT_END, markup, position)
            continue
        tag = _TAG.match(markup, position, position + MAX_TAG)
        if tag is None:
            position += 1
            continue
        position, name = tag.end(), tag[1].lower()
        if name in _RAW:
            position = _after(_RAW[name], markup, position)
        elif name in ("a", "link"):
            yield {key.lower(): html.unescape(one or two or three) for key, one, two, three in _attributes(tag[2])}


def _attributes(text: str) -> list[tuple[str, str, str, str]]:
    found: list[tuple[str, str, str, str]] = _ATTRIBUTE.findall(text)
    return found


def _after(end: re.Pattern[str], markup: str, position: int) -> int:
    """The place behind the next `end`; that of the end of everything when there is none."""
    found = end.search(markup, position)
    return len(markup) if found is None else found.end()
