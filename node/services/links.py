"""The links of posts: found in what is shown of them, kept so that everybody's posts about one page can be listed."""

from __future__ import annotations

import hashlib
import html
import re
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from node import db
from node.ids import new_id

MAX_LINKS: Final = 5
"""How many of a post's links are kept; a post with more is about none of them."""
MAX_ADDRESS: Final = 2048

_ANCHOR: Final = re.compile(r'<a\s((?:"[^"]*"|[^">])*)>(?:<[^>]*>)*([#＃@])?')
_HREF: Final = re.compile(r'\bhref="([^"]*)"')
_CLASS: Final = re.compile(r'\bclass="([^"]*)"')
_OF_NAMES: Final = {"mention", "hashtag"}


def links_in(content: str) -> list[str]:
    """Where a post's sanitised HTML leads, each address once, at most `MAX_LINKS`; mentions and hashtags are no links."""
    found: dict[str, None] = {}
    for attributes, sigil in _ANCHOR.findall(content):
        href, classes = _HREF.search(attributes), _CLASS.search(attributes)
        if href is None or sigil or (classes and _OF_NAMES & set(classes[1].split())):
            continue
        address = same_address(html.unescape(href[1]))
        if address:
            found[address] = None
            if len(found) == MAX_LINKS:
                break
    return list(found)


def same_address(written: str) -> str:
    """What spellings of one address have in common: scheme and host in lower case, no fragment. "" for none."""
    try:
        parts = urlsplit(written.strip())
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.netloc or len(written) > MAX_ADDRESS:
        return ""
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def address_key(written: str) -> str:
    """Under which key an address is kept: whatever its length, an index holds it."""
    return hashlib.sha256(same_address(written).encode(errors="replace")).hexdigest()


async def attach(post_id: int, content: str) -> None:
    """Keep the links of a post that has none kept yet, in the caller's transaction. No statement when there are none."""
    await db.execute_many(
        "INSERT INTO post_links (id, post_id, address_key) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(new_id(), post_id, address_key(address)) for address in links_in(content)],
    )


async def replace(post_id: int, content: str) -> None:
    """Keep the links of a post that was edited, instead of those it had."""
    await db.execute("DELETE FROM post_links WHERE post_id = ?", (post_id,))
    await attach(post_id, content)


async def is_known(written: str) -> bool:
    """Whether any public post links there."""
    row = await db.fetch_one(
        "SELECT 1 FROM post_links l JOIN posts p ON p.id = l.post_id WHERE l.address_key = ?"
        " AND p.visibility = 'public' LIMIT 1",
        (address_key(written),),
    )
    return row is not None
