"""Text people write: captions to HTML, mentions and hashtags found, foreign HTML made harmless.

Everything here takes time linear in its input and bears any input: what is not understood is shown as it stands.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import nh3

from node import urls
from node.models.accounts import Account

MAX_MENTIONS: Final = 100
MAX_HASHTAGS: Final = 100
MAX_HASHTAG_LENGTH: Final = 100
MAX_TAGS_OF_HTML: Final = 5_000
MAX_ENTITIES_OF_HTML: Final = 20_000
"""HTML with more `<` or `&` than this is no post. The parser needs quadratic time for ill-nested tags and bare
ampersands (15 ms at these bounds, seconds for a megabyte), so what exceeds them is shown as text."""

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_USERNAME: Final = r"[a-zA-Z0-9_](?:[a-zA-Z0-9_.\-]{0,62}[a-zA-Z0-9_])?"
_DOMAIN: Final = r"[^\W_](?:[\w.\-]{0,251}[^\W_])?(?::[0-9]{1,5})?"
_TOKEN: Final = re.compile(
    r"(?P<url>\bhttps?://[^\s<>\"]{1,2048})"
    rf"|(?<![\w@/.=&])@(?P<user>{_USERNAME})(?:@(?P<domain>{_DOMAIN}))?(?![\w@])"
    r"|(?<![\w/&#])[#＃](?P<tag>\w{1,100})(?!\w)"
)
_HASHTAG: Final = re.compile(r"\w{1,100}")
MAX_EMOJI: Final = 32
_PICTOGRAPH: Final = (
    "(?:[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b05-\u2b55"
    "\u3030\u303d\u3297\u3299\U0001f004-\U0001f1e5\U0001f200-\U0001faff]"
    "[\ufe0f\U0001f3fb-\U0001f3ff]{0,2}[\U000e0020-\U000e007f]{0,8})"
)
_EMOJI: Final = re.compile(
    f"{_PICTOGRAPH}(?:\u200d{_PICTOGRAPH}){{0,6}}|[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3"
)
_URL_TAIL: Final = ".,;:!?'*_~"
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
_PARAGRAPHS: Final = re.compile(r"\n{2,}")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DECEPTIVE: Final = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]")
_LINK_REL: Final = 'rel="nofollow noopener noreferrer'
_BLOCK_END: Final = re.compile(r"<br\s*/?>|</(?:p|li|blockquote|pre|ul|ol)>", re.IGNORECASE)

_TAGS: Final = {
    "p", "br", "span", "a", "del", "s", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol", "li", "blockquote",
    "ruby", "rt", "rp",
}  # fmt: skip
_CLASSES: Final = {
    "a": {"mention", "hashtag", "u-url", "status-link"},
    "span": {"mention", "h-card", "invisible", "ellipsis", "quote-inline"},
    "p": {"quote-inline"},
}


def is_language_tag(text: str) -> bool:
    """Whether `text` has the form of a language tag (`en`, `pt-BR`, `zh-Hant-TW`; BCP 47)."""
    return _LANGUAGE.fullmatch(text) is not None


def clean(text: str) -> str:
    """`text` as it can be stored: one kind of line end, no control characters, no lone surrogates, outer space gone."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clean_line(text: str) -> str:
    """A name or title: `clean`, on one line, without the characters that turn the direction of what stands around."""
    return " ".join(_DECEPTIVE.sub("", clean(text)).split())


def find_mentions(text: str) -> list[tuple[str, str]]:
    """The handles in `text` as (username, domain), in lower case, in order, each once, at most `MAX_MENTIONS`.

    The domain is empty for a bare `@name`; it is not looked at whether it is our own.
    """
    found: dict[tuple[str, str], None] = {}
    for match in _TOKEN.finditer(text):
        if match["user"]:
            found[(match["user"].lower(), (match["domain"] or "").lower())] = None
            if len(found) == MAX_MENTIONS:
                break
    return list(found)


def find_hashtags(text: str) -> list[str]:
    """The hashtags in `text` without `#`, as written, in order, each once whatever its case, at most `MAX_HASHTAGS`."""
    found: dict[str, str] = {}
    for match in _TOKEN.finditer(text):
        if match["tag"] and _is_hashtag(match["tag"]):
            found.setdefault(hashtag_name(match["tag"]), match["tag"])
            if len(found) == MAX_HASHTAGS:
                break
    return list(found.values())


def is_hashtag(written: str) -> bool:
    """Whether it is a hashtag, without `#`, and nothing else."""
    return _HASHTAG.fullmatch(written) is not None and _is_hashtag(written)


def is_emoji(text: str) -> bool:
    """Whether `text` is exactly one emoji character, with what belongs to it (skin, flags, joined ones; UTS #51)."""
    return len(text) <= MAX_EMOJI and _EMOJI.fullmatch(text) is not None


def hashtag_name(written: str) -> str:
    """What two spellings of a hashtag have in common: NFKC, lower case, without `#`."""
    return unicodedata.normalize("NFKC", written.removeprefix("#")).lower()[:MAX_HASHTAG_LENGTH]


def render_caption(text: str, *, mentions: Mapping[str, Account] | None = None) -> str:
    """HTML of a caption, comment or profile note: paragraphs, links, hashtags, and links for known handles.

    `mentions` maps handles in lower case as they stand in the text (`bob`, `bob@elsewhere.example`) to accounts; other
    handles stay text.
    """
    paragraphs = _PARAGRAPHS.split(clean(text))
    return "".join(f"<p>{_render_lines(paragraph, mentions or {})}</p>" for paragraph in paragraphs if paragraph)


def render_line(text: str) -> str:
    """HTML of one line (a profile field's value), without a paragraph around it; its links say `rel=me`."""
    return _render_lines(clean_line(text), {}).replace(_LINK_REL, f"{_LINK_REL} me")


def sanitise(markup: str) -> str:
    """Foreign HTML reduced to what may be shown: the allow-list of tags, http(s) links that tell the target nothing.

    A broken or hostile document becomes harmless text; the result is safe to put into a page as it stands.
    """
    markup = clean(markup)
    if _is_beyond_parsing(markup):
        return "<p>" + html.escape(markup, quote=False) + "</p>"
    return nh3.clean(
        markup,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes={"a": {"href", "translate"}, "span": {"translate"}},
        allowed_classes=_CLASSES,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="nofollow noopener noreferrer",
        strip_comments=True,
    ).strip()


def plain_text(markup: str) -> str:
    """What a reader sees of HTML, as text: for search, previews and mail."""
    if _is_beyond_parsing(markup):
        return markup
    with_breaks = _BLOCK_END.sub(lambda match: match[0] + "\n", markup)
    return html.unescape(nh3.clean(with_breaks, tags=set(), clean_content_tags={"script", "style"})).strip()


def _is_beyond_parsing(markup: str) -> bool:
    return markup.count("<") > MAX_TAGS_OF_HTML or markup.count("&") > MAX_ENTITIES_OF_HTML


def _render_lines(text: str, mentions: Mapping[str, Account]) -> str:
    pieces: list[str] = []
    end = 0
    for match in _TOKEN.finditer(text):
        start, stop, rendered = _render_token(match, mentions)
        if rendered is None:
            continue
        pieces.append(_escape(text[end:start]))
        pieces.append(rendered)
        end = stop
    pieces.append(_escape(text[end:]))
    return "".join(pieces)


def _render_token(match: re.Match[str], mentions: Mapping[str, Account]) -> tuple[int, int, str | None]:
    if match["url"]:
        address = _without_tail(match["url"])
        return match.start(), match.start() + len(address), _link(address)
    if match["tag"]:
        return match.start(), match.end(), _hashtag(match["tag"]) if _is_hashtag(match["tag"]) else None
    handle = match["user"] if match["domain"] is None else f"{match['user']}@{match['domain']}"
    account = mentions.get(handle.lower())
    return match.start(), match.end(), None if account is None else _mention(account)


def _escape(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")


def _link(address: str) -> str:
    """Long addresses are shortened to the eye, not to the copying hand (Mastodon's `invisible` and `ellipsis`)."""
    scheme, _, rest = address.partition("://")
    hidden = f'<span class="invisible">{scheme}://</span>'
    shown = html.escape(rest, quote=False)
    if len(rest) > 30:
        tail = html.escape(rest[30:], quote=False)
        shown = (
            f'<span class="ellipsis">{html.escape(rest[:30], quote=False)}</span><span class="invisible">{tail}</span>'
        )
    href = html.escape(address)
    return f'<a href="{href}" target="_blank" {_LINK_REL}" translate="no">{hidden}{shown}</a>'


def _hashtag(written: str) -> str:
    href = html.escape(urls.hashtag(hashtag_name(written)))
    return f'<a href="{href}" class="mention hashtag" rel="tag">#<span>{html.escape(written)}</span></a>'


def _mention(account: Account) -> str:
    href = html.escape(account.url or account.uri)
    name = html.escape(account.username)
    return f'<span class="h-card" translate="no"><a href="{href}" class="u-url mention">@<span>{name}</span></a></span>'


def _is_hashtag(written: str) -> bool:
    return any(character.isalpha() for character in written)


def _without_tail(address: str) -> str:
    """An address in a sentence, without the punctuation and the closing brackets that belong to the sentence."""
    open_brackets = {closing: address.count(opening) for closing, opening in _BRACKETS.items()}
    closed = {closing: address.count(closing) for closing in _BRACKETS}
    end = len(address)
    while end > len("https://x"):
        last = address[end - 1]
        if last in _URL_TAIL:
            end -= 1
        elif last in _BRACKETS and closed[last] > open_brackets[last]:
            closed[last] -= 1
            end -= 1
        else:
            break
    return address[:end]
