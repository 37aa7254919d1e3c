"""A post of another server, read again at its origin: edits that were missed, its end, and what it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activitypub.parse import ParseError, origin_host, parse_note
from activitypub.types import Note
from federation import fetching, received_notes
from federation.budget import Budget
from federation.collection_reading import collection_of, total_of
from federation.resolve_errors import Gone, Unresolvable
from node.errors import DomainError
from node.models.accounts import Account
from node.models.posts import Post
from node.services import post_readings, posts
from node.services.post_readings import Counts


@dataclass(frozen=True, slots=True)
class Read:
    """A post as its origin shows it now, and the document with the collections in it."""

    note: Note
    document: Mapping[str, Any]

    @property
    def host(self) -> str:
        """Where it comes from."""
        return origin_host(self.note.id)


async def fetch(uri: str, budget: Budget) -> Read:
    """The post at `uri`, from its origin; its author is on the same host. Raises `Unresolvable`, `Gone`, `TryLater`."""
    fetched = await fetching.fetch(uri, budget)
    try:
        note = parse_note(fetched.document)
    except ParseError as error:
        raise Unresolvable(uri, str(error)) from error
    if origin_host(note.attributed_to) != origin_host(fetched.url):
        raise Unresolvable(uri, "its author is on another host")
    return Read(note, fetched.document)


async def reread(post: Post, author: Account, budget: Budget, *, count: bool = False) -> Read | None:
    """Bring a remote post up to date with its origin; one that is gone there is deleted here, and `None` returned.

    It is deleted when its origin says so (410, a Tombstone), or has been saying 404 for a day. With `count` its likes
    and shares are asked for, too. Raises `Unresolvable`, `TryLater`.
    """
    try:
        read = await fetch(post.uri, budget)
    except Gone as gone:
        if gone.deleted or await post_readings.is_believed_missing(post.id):
            await posts.receive_deletion(post.uri, author)
            return None
        raise
    if read.note.id != post.uri or read.note.attributed_to != author.uri:
        raise Unresolvable(post.uri, "it is another post now")
    try:
        await posts.receive_edit(post, await received_notes.incoming(read.note, author, None))
    except DomainError as error:
        raise Unresolvable(post.uri, error.message) from error
    await post_readings.read(post.id, await _counts(read, budget, ask=count))
    return read


async def _counts(read: Read, budget: Budget, *, ask: bool) -> Counts:
    """What the origin counts; with `ask` also what it states only in documents of their own."""

    async def total(name: str, ask: bool) -> int | None:
        collection = collection_of(read.document, name)
        if isinstance(collection, str):
            return await total_of(collection, read.host, budget) if ask else None
        return None if collection is None else collection.total_items

    # The replies are read anyway, by whoever wants them.
    return Counts(await total("likes", ask), await total("shares", ask), await total("replies", False))
