"""The older posts of a remote account somebody here looks at or follows: what it features, and the newest of its outbox.

They come in as what they are, old: their ids say when they were published, nobody is told of them, and they stand in
home timelines where they would stand had they been here all along. A server whose outbox lists nothing leaves things as
they are. Shares are not asked for: they would lead on to other hosts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import structlog

from activitypub.parse import origin_host, url_or_none
from activitypub.types import CollectionItem
from federation import collection_reading, featured, policy, received_notes, rereading, resolve
from federation.budget import Background, TooMuch
from federation.rereading import Read
from federation.resolve_errors import ResolveError, TryLater
from node import urls
from node.models.accounts import Account
from node.models.posts import PUBLIC, UNLISTED

log = structlog.get_logger()

OUTBOX_PAGES: Final = 3
OUTBOX_POSTS: Final = 40
FETCHES: Final = 80
SECONDS: Final = 120.0
MOST_WAITING: Final = 10
"""How many answers may wait for what they answer; each can be a megabyte."""


async def fill(account_id: int) -> None:
    """Read a remote profile again if it is stale, and take in what it features and posted lately."""
    account = await Account.get_or_none(id=account_id)
    if account is None or account.is_local or await policy.is_refused(account.domain):
        return
    budget = Background(FETCHES, SECONDS)
    try:
        account = await resolve.resolve_actor(account.uri, budget=budget)
        if account.suspended_at is not None:
            return
        await featured.refresh(account, budget)
        taken = await _take_in(account, await _outbox(account, budget), budget)
    except ResolveError as error:
        log.info("profile_not_filled", account=account_id, reason=str(error))
        return
    log.info("profile_filled", account=account_id, posts=taken)


async def _outbox(account: Account, budget: Background) -> list[str]:
    """The ids of the newest posts in the outbox that are not here yet."""
    host = origin_host(account.uri)

    def is_wanted(item: CollectionItem) -> bool:
        """Not an answer to somebody elsewhere, as far as that can be seen: it would be fetched in vain."""
        note = item.get("object", item) if isinstance(item, Mapping) else None
        answered = note.get("inReplyTo") if isinstance(note, Mapping) else None
        return not isinstance(answered, str) or _is_on(url_or_none(answered) or account.uri, host)

    recent = await collection_reading.item_ids(
        account.outbox_url, host, budget, pages=OUTBOX_PAGES, items=OUTBOX_POSTS, is_wanted=is_wanted
    )
    own = [uri for uri in recent if _is_on(uri, host) and not urls.is_local(uri)]
    return await received_notes.unknown(own)


def _is_on(uri: str, host: str) -> bool:
    return origin_host(uri) == host


async def _take_in(account: Account, uris: list[str], budget: Background) -> int:
    """Fetch these posts from their origin and keep them; an answer to oneself is kept when what it answers is here.

    What the budget does not allow any more is left out.
    """
    taken = 0
    waiting: list[Read] = []
    for uri in uris:
        try:
            read = await rereading.fetch(uri, budget)
        except (TooMuch, TryLater):
            break
        except ResolveError:
            continue
        if await _keep(account, read):
            taken += 1
        elif read.note.in_reply_to in uris:
            waiting = [*waiting, read][-MOST_WAITING:]
    # The oldest come last in an outbox, so what they began is here by now.
    for read in reversed(waiting):
        taken += await _keep(account, read)
    return taken


async def _keep(account: Account, read: Read) -> bool:
    note = read.note
    is_public = received_notes.visibility_of(note, account) in (PUBLIC, UNLISTED)
    if note.attributed_to != account.uri or not is_public:
        return False
    parent = None if note.in_reply_to is None else await received_notes.known_post(note.in_reply_to)
    if note.in_reply_to is not None and parent is None:
        return False
    try:
        await received_notes.store(note, account, parent, quietly=True)
    except ResolveError as error:
        log.info("older_post_left_out", uri=note.id, reason=str(error))
        return False
    return True
