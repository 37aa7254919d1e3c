"""Posts: Note, Question, and the kinds other software makes (Article, Page, Image, Video, Audio, Event)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from activitypub.parse.errors import ParseError
from activitypub.parse.interaction import read_comments_enabled, read_interaction_policy, read_shares_enabled
from activitypub.parse.media import MAX_ATTACHMENTS, page_url, read_attachments, read_image
from activitypub.parse.place import read_place
from activitypub.parse.poll import read_poll
from activitypub.parse.reading import (
    MAX_CONTENT,
    MAX_NAME,
    MAX_SUMMARY,
    addressees,
    document_id,
    flag,
    members,
    natural_text,
    objects,
    opaque,
    reference,
    text,
    time,
    type_among,
)
from activitypub.parse.tags import read_tags
from activitypub.parse.urls import origin_host, url_or_none
from activitypub.types import Note
from activitypub.vocabulary import NOTE_TYPES, PUBLIC

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")


def parse_note(document: Mapping[str, Any]) -> Note:
    """Read a post. Raises ParseError.

    Refused: no http(s) ``id``, an author that is missing or on another host than the id, and types that are no post's.
    More than 100 tags, 20 attachments or 500 addressees are cut off there.
    """
    kind = type_among(document, NOTE_TYPES)
    if kind is None:
        raise ParseError("type", "not a post")
    note_id = document_id(document)
    tags = read_tags(document.get("tag"))
    published = time(document.get("published"))
    content, language = _content(document)
    audience = reference(document.get("audience"))
    return Note(
        id=note_id,
        type=kind,
        attributed_to=_author(document, note_id),
        content=content,
        language=language,
        summary=natural_text(document, "summary", MAX_SUMMARY),
        name=natural_text(document, "name", MAX_NAME),
        sensitive=_sensitive(document),
        published=published,
        updated=time(document.get("updated")),
        in_reply_to=reference(document.get("inReplyTo")),
        url=page_url(document.get("url")),
        to=addressees(document.get("to")),
        cc=addressees(document.get("cc")),
        attachments=read_attachments(document),
        mentions=tags.mentions,
        hashtags=tags.hashtags,
        emojis=tags.emojis,
        place=read_place(document),
        comments_enabled=read_comments_enabled(document),
        shares_enabled=read_shares_enabled(document),
        interaction_policy=read_interaction_policy(document),
        conversation=opaque(document.get("conversation")),
        context=opaque(document.get("context")),
        poll=read_poll(document, published) if kind == "Question" else None,
        quote=_quote(document, tags.quote),
        quote_authorization=reference(document.get("quoteAuthorization")),
        image=read_image(document.get("image")),
        audience=audience if audience != PUBLIC else None,
        replies=reference(document.get("replies")),
        likes=reference(document.get("likes")),
        shares=reference(document.get("shares")),
    )


def _author(document: Mapping[str, Any], note_id: str) -> str:
    """The one of ``attributedTo`` on the post's own host, a person before a group (PeerTube names both)."""
    candidates = [
        (author, isinstance(member, Mapping) and type_among(member, ("Group",)) is not None)
        for member in members(document.get("attributedTo"), 10)
        if (author := reference(member)) is not None
    ]
    if not candidates:
        raise ParseError("attributedTo", "missing or not a URL")
    own = [(is_group, author) for author, is_group in candidates if origin_host(author) == origin_host(note_id)]
    if not own:
        raise ParseError("attributedTo", "on another host than the id")
    return min(own, key=lambda candidate: candidate[0])[1]


def _content(document: Mapping[str, Any]) -> tuple[str, str | None]:
    """HTML and its language: the entry of ``contentMap`` that equals ``content``, or the only (first) one."""
    content = text(document.get("content"), MAX_CONTENT)
    translations = document.get("contentMap")
    language: str | None = None
    if isinstance(translations, Mapping):
        entries = [
            (tag, entry)
            for tag, value in list(translations.items())[:50]
            if isinstance(tag, str) and _LANGUAGE.fullmatch(tag) and (entry := text(value, MAX_CONTENT)) is not None
        ]
        if content is None and entries:
            language, content = entries[0]
        else:
            language = next((tag for tag, entry in entries if entry == content), None)
    if content is not None and document.get("mediaType") in ("text/plain", "text/markdown"):
        content = "<p>" + html.escape(content, quote=False).replace("\n", "<br>") + "</p>"
    return content or "", language


def _sensitive(document: Mapping[str, Any]) -> bool:
    """Whether the post, or one of its attachments, says so."""
    holders = (document, *objects(document.get("attachment"), MAX_ATTACHMENTS))
    return any(flag(holder.get("sensitive")) for holder in holders)


def _quote(document: Mapping[str, Any], linked: str | None) -> str | None:
    """The quoted post (FEP-044f, then its forerunners). A quote that became a Tombstone is none."""
    stated = document.get("quote")
    if isinstance(stated, Mapping) and type_among(stated, ("Tombstone",)):
        return None
    if (quoted := reference(stated)) is not None:
        return quoted
    for name in ("_misskey_quote", "quoteUrl", "quoteUri"):
        if (quoted := url_or_none(document.get(name))) is not None:
            return quoted
    return linked
