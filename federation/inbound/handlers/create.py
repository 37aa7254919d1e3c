"""Create: a new post or comment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.parse import ParseError, parse_note
from activitypub.types import Note
from activitypub.vocabulary import NOTE_TYPES
from federation import resolve, signed_gets
from federation.inbound.handlers.registry import ANY, Received, handles, is_of
from federation.received_notes import concerns_us, known_post, store
from federation.resolve_errors import Unresolvable
from node.errors import Forbidden, NotFound
from node.models.posts import Post
from node.services import polls


@handles("Create", *NOTE_TYPES)
async def create(received: Received) -> None:
    """Take in a post of the sender, if it concerns anybody here; what it answers may come later."""
    note = delivered_note(received)
    if note.is_poll_vote:
        await vote(note, received)
        return
    if not await concerns_us(note, received.actor):
        return
    await store(note, received.actor, await _known_parent(note))


@handles("Create", ANY)
async def create_by_id(received: Received) -> None:
    """A post that is only named is fetched, if it is on the sender's host; other kinds of objects are not for us.

    Several objects are the votes of one person in one poll (GoToSocial).
    """
    if received.activity.objects:
        for document in received.activity.objects:
            if (note := own_note(document, received)).is_poll_vote:
                await vote(note, received)
        return
    if received.activity.object is not None or not is_of(received.object_id, received.actor):
        return
    await signed_gets.ask_as_addressee(received.budget, received.activity, received.actor)
    await resolve.resolve_post(received.object_id, budget=received.budget, quietly=False)


def delivered_note(received: Received) -> Note:
    """The embedded post, known to be the sender's own.

    It must lie on the sender's host and name the sender as its author: anything else would be speaking for others
    (rules 1 and 2; CVE-2024-23832).
    """
    assert received.activity.object is not None
    return own_note(received.activity.object, received)


async def vote(note: Note, received: Received) -> None:
    """Count a vote in a poll of ours."""
    assert note.in_reply_to is not None and note.name is not None
    asked = await known_post(note.in_reply_to)
    if asked is None:
        raise NotFound()
    await polls.receive_vote(received.actor, asked.id, note.name)


def own_note(document: Mapping[str, Any], received: Received) -> Note:
    """`delivered_note` of any embedded document."""
    try:
        note = parse_note(document)
    except ParseError as error:
        raise Unresolvable(received.activity.id or received.activity.actor, f"object.{error}") from error
    if note.attributed_to != received.actor.uri or not is_of(note.id, received.actor):
        raise Forbidden("the post is not the sender's", post=note.id)
    return note


async def _known_parent(note: Note) -> Post | None:
    return None if note.in_reply_to is None else await known_post(note.in_reply_to)
