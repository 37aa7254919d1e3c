"""The thread around a post that somebody looks at, filled in the background with what other servers know of it.

The post is read again, then the `replies` of it and of what is found, and the `context` of its thread (FEP-7888,
FEP-f228). Those collections only name posts: each is fetched from its own origin, and kept if it answers a post of
this thread. Everything is bounded: requests, hosts, pages, items, time; one host is asked one thing at a time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Final

import structlog

from activitypub.parse import origin_host
from activitypub.types import Collection
from federation import collection_reading, policy, received_notes, rereading, resolve
from federation.budget import Background, TooMuch
from federation.collection_reading import MAX_ITEMS, collection_of
from federation.rereading import Read
from federation.resolve_errors import ResolveError, Unresolvable
from node import db, urls
from node.errors import DomainError
from node.models.posts import PUBLIC, UNLISTED, Post
from node.services import post_readings

log = structlog.get_logger()

FETCHES: Final = 400
FETCHES_PER_HOST: Final = 200
SECONDS: Final = 120.0
HOSTS_AT_ONCE: Final = 4
KNOWN_REREAD: Final = 20
"""How many posts of the thread that are here already are asked for their replies."""
MOST_WAITING: Final = 30
"""How many posts may wait for what they answer; each can be a megabyte."""


async def fill(post_id: int) -> None:
    """Fill the thread around a post."""
    post = await Post.get_or_none(id=post_id).select_related("account")
    if post is None or post.visibility not in (PUBLIC, UNLISTED):
        return
    filling = _Filling(post)
    try:
        await filling.run()
    except ResolveError as error:
        log.info("thread_not_filled", post=post.id, reason=str(error))
    finally:
        await post_readings.filled(post.id, filling.found)


class _Filling:
    """One walk down a thread. It holds ids and addresses, and no more than a few documents at a time."""

    def __init__(self, post: Post) -> None:
        self.found = 0
        self._post = post
        self._thread = post.conversation_id or post.id
        self._budget = Background(FETCHES, SECONDS, fetches_per_host=FETCHES_PER_HOST)
        self._kept = {post.id}
        self._named: dict[str, None] = {}
        """Every post that was named, in order; at most 500."""
        self._fetched = 0
        """How many of those have been looked at."""
        self._collections: deque[tuple[str, str]] = deque()
        """Collections yet to be read, each with the host it has to come from."""
        self._waiting: list[Read] = []
        """Posts whose parents are not here (yet)."""
        self._keeping = asyncio.Lock()

    async def run(self) -> None:
        """Raises what keeps the post itself from being read; whatever else fails is left out."""
        try:
            if not self._post.is_local:
                if await policy.is_refused(self._post.account.domain):
                    return
                read = await rereading.reread(self._post, self._post.account, self._budget, count=True)
                if read is None:
                    return
                self._note_replies(read)
                await self._note_context(read)
            await self._descend()
            for known in await self._known_below():
                await self._reread(known)
            await self._descend()
        except TooMuch as limit:
            log.info("thread_filled_in_part", post=self._post.id, found=self.found, reason=limit.reason)

    def _note_replies(self, read: Read) -> None:
        """What came along of its replies is taken at once; the rest is read later."""
        self._note(collection_of(read.document, "replies"), read.host)

    async def _note_context(self, read: Read) -> None:
        """The same of the whole thread, which is told by the post's own host, or that of the post it began with."""
        context = collection_of(read.document, "context")
        row = await db.fetch_one("SELECT uri FROM posts WHERE id = ? AND is_local = FALSE", (self._thread,))
        began_at = read.host if row is None else origin_host(row[0])
        is_told_there = isinstance(context, str) and origin_host(context) == began_at
        self._note(context, began_at if is_told_there else read.host)

    def _note(self, collection: Collection | str | None, host: str) -> None:
        ids, rest = collection_reading.begun(collection)
        self._name(ids)
        if rest is not None:
            self._collections.append((rest, host))

    def _name(self, uris: Sequence[str]) -> None:
        for uri in uris:
            if len(self._named) < MAX_ITEMS:
                self._named.setdefault(uri)

    async def _descend(self) -> None:
        while True:
            if self._fetched < len(self._named):
                await self._take_in(list(self._named)[self._fetched :])
            elif self._collections:
                url, host = self._collections.popleft()
                self._name(await collection_reading.item_ids(url, host, self._budget))
            else:
                return

    async def _known_below(self) -> Sequence[Post]:
        """Posts of other servers in this thread that have not been asked for their replies lately: the newest."""
        rows = await db.fetch_all(
            "SELECT p.id FROM posts p LEFT JOIN post_readings r ON r.post_id = p.id"
            " WHERE p.conversation_id = ? AND p.is_local = FALSE AND p.shared_post_id IS NULL AND p.id <> ?"
            " AND p.visibility IN ('public', 'unlisted') AND (r.read_at IS NULL OR r.read_at < ?)"
            " ORDER BY p.id DESC LIMIT ?",
            (self._thread, self._post.id, post_readings.due_before(), KNOWN_REREAD),
        )
        found = await Post.filter(id__in=[int(row[0]) for row in rows]).select_related("account")
        return [post for post in found if post.id not in self._kept]

    async def _reread(self, known: Post) -> None:
        try:
            read = await rereading.reread(known, known.account, self._budget)
        except TooMuch:
            raise
        except ResolveError:
            return
        if read is not None:
            self._note_replies(read)

    async def _take_in(self, uris: Sequence[str]) -> None:
        """Fetch those of these posts that are not here, a few hosts at a time, and keep what belongs to the thread."""
        self._fetched += len(uris)
        by_host: dict[str, list[str]] = defaultdict(list)
        for uri in await received_notes.unknown([uri for uri in uris if not urls.is_local(uri)]):
            by_host[origin_host(uri)].append(uri)
        places = asyncio.Semaphore(HOSTS_AT_ONCE)

        async def ask(mine: list[str]) -> None:
            async with places:
                await self._fetch(mine)

        await asyncio.gather(*(ask(mine) for mine in by_host.values()))
        await post_readings.found_comments(self._post.id, self.found)

    async def _fetch(self, uris: list[str]) -> None:
        """Posts of one host, one after another; what the budget does not allow any more is left out."""
        for uri in uris:
            try:
                read = await rereading.fetch(uri, self._budget)
            except TooMuch:
                return
            except ResolveError:
                continue
            async with self._keeping:
                await self._consider(read)

    async def _consider(self, read: Read) -> None:
        """Keep what answers a post of the thread, and of those that wait what that makes answers."""
        if not await self._keep(read):
            self._waiting = [*self._waiting, read][-MOST_WAITING:]
            return
        is_progress = True
        while self._waiting and is_progress:
            left = [other for other in self._waiting if not await self._keep(other)]
            is_progress = len(left) < len(self._waiting)
            self._waiting = left

    async def _keep(self, read: Read) -> bool:
        """Whether the post needs no further look: it was kept, or never will be."""
        note = read.note
        if note.in_reply_to is None:
            return True
        parent = await received_notes.known_post(note.in_reply_to)
        if parent is None:
            return False
        if parent.id not in self._kept and (parent.conversation_id or parent.id) != self._thread:
            return True
        try:
            author = await resolve.resolve_actor(note.attributed_to, budget=self._budget)
            if received_notes.visibility_of(note, author) not in (PUBLIC, UNLISTED):
                raise Unresolvable(note.id, "it is not for everybody")
            self._kept.add((await received_notes.store(note, author, parent, quietly=True)).id)
        except (ResolveError, DomainError) as error:
            log.info("comment_left_out", uri=note.id, reason=str(error))
            return True
        self.found += 1
        self._note_replies(read)
        return True
