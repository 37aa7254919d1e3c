"""Posts."""

from __future__ import annotations

from typing import Any

from activitypub.render.attachments import attachment_document
from activitypub.render.contexts import NOTE_CONTEXT
from activitypub.render.interaction import capabilities, interaction_policy
from activitypub.render.writing import emoji_documents, hashtag_document, image_document, timestamp, without_nothing
from activitypub.types import Document, Emoji, Note, Place, Poll
from activitypub.vocabulary import LD_JSON, MISSKEY_QUOTE


def render_note(note: Note) -> Document:
    """The post's document, with ``@context``: what its id answers.

    ``to``, ``cc``, ``tag`` and ``attachment`` are always arrays, ``summary`` and ``inReplyTo`` always present. The content
    is written as it is: sanitise and, for a quote, add the ``quote-inline`` line before.
    """
    return {"@context": NOTE_CONTEXT, **note_object(note)}


def note_object(note: Note) -> Document:
    """`render_note` without ``@context``, to be embedded in an activity."""
    document = {
        "id": note.id,
        "type": note.type,
        "attributedTo": note.attributed_to,
        "name": note.name,
        "published": timestamp(note.published),
        "updated": timestamp(note.updated),
        "url": note.url,
        "to": list(note.to),
        "cc": list(note.cc),
        "sensitive": note.sensitive,
        "conversation": note.conversation,
        "context": note.context,
        "attachment": [attachment_document(attachment) for attachment in note.attachments],
        "tag": _tags(note),
        "location": _place(note.place),
        "image": image_document(note.image),
        "audience": note.audience,
        "replies": note.replies,
        "likes": note.likes,
        "shares": note.shares,
        "interactionPolicy": interaction_policy(note.interaction_policy),
        "quoteAuthorization": note.quote_authorization,
        **dict.fromkeys(("quote", "_misskey_quote", "quoteUrl", "quoteUri"), note.quote),
    }
    if note.poll is not None:
        document.update(_poll(note.poll))
    document = without_nothing(document)
    document["summary"] = note.summary
    document["inReplyTo"] = note.in_reply_to
    if not note.is_poll_vote:
        # A vote says nothing: with content some peers show it as a reply (FEP-9967).
        document["content"] = note.content
        document["commentsEnabled"] = note.comments_enabled
        document["capabilities"] = capabilities(note)
    if note.language and note.content:
        document["contentMap"] = {note.language: note.content}
    return document


def render_emoji(emoji: Emoji) -> Document:
    """A custom emoji's document: what its id answers (FEP-9098)."""
    return {"@context": NOTE_CONTEXT, **emoji_documents([emoji])[0]}


def _tags(note: Note) -> list[Document]:
    return [
        *(without_nothing({"type": "Mention", "href": m.href, "name": m.name}) for m in note.mentions),
        *map(hashtag_document, note.hashtags),
        *_quote_link(note.quote),
        *emoji_documents(note.emojis),
    ]


def _quote_link(quoted: str | None) -> list[Document]:
    """The quoted post as an object link (FEP-e232)."""
    if quoted is None:
        return []
    return [{"type": "Link", "mediaType": LD_JSON, "rel": MISSKEY_QUOTE, "href": quoted, "name": f"RE: {quoted}"}]


def _place(place: Place | None) -> Document | None:
    if place is None:
        return None
    return without_nothing(
        {
            "id": place.id,
            "type": "Place",
            "name": place.name,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "country": place.country,
        }
    )


def _poll(poll: Poll) -> Document:
    choices: list[Any] = [
        {"type": "Note", "name": option.name, "replies": {"type": "Collection", "totalItems": option.votes}}
        for option in poll.options
    ]
    return {
        "anyOf" if poll.multiple else "oneOf": choices,
        "endTime": timestamp(poll.end_time),
        "closed": timestamp(poll.closed),
        "votersCount": poll.voters,
    }
