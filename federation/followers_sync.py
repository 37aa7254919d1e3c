"""Who follows whom, kept the same on both ends (FEP-8fcf): lost Undos and Rejects are found out and made good.

What is only for followers goes out with a digest of those followers who live on the receiver's server. A receiver who
knows of others asks for the list, and believes it only if it has that very digest.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from activitypub.collection_synchronization import (
    Synchronization,
    digest_of,
    parse_synchronization,
    render_synchronization,
)
from activitypub.parse import ParseError, absolute_url, origin_host
from activitypub.render import render_collection
from activitypub.types import Collection, Document
from federation import fetching
from federation.budget import Background, Budget
from federation.resolve_errors import Unresolvable
from node import clock, db, events, jobs, urls
from node.cache import BoundedCache
from node.errors import DomainError
from node.ids import new_id
from node.models.accounts import LOCAL, Account
from node.models.graph import Follow
from node.services import follows

log = structlog.get_logger()

SYNCHRONISE: Final = "synchronise_followers"
MAX_LISTED: Final = 20_000
MAX_PAGES: Final = 10
AT_ONCE: Final = 5_000
SOME: Final = 500

_digests: BoundedCache[int, Mapping[str, str]] = BoundedCache(256, 600.0)
"""By activity: the digest for each server that has followers."""


def address(actor_uri: str) -> str:
    """Where a server learns which of its people follow an account of ours."""
    return f"{actor_uri}/followers_synchronization"


async def header_for(activity_id: int, account_id: int, inbox_url: str) -> str:
    """The header that goes along with an activity for followers to this inbox. One statement for each activity."""
    found = _digests.get(activity_id)
    if found is None:
        found = await _digests_of(account_id)
        _digests.put(activity_id, found)
    actor = urls.actor(account_id)
    digest = found.get(_authority(inbox_url), digest_of(()))
    return render_synchronization(Synchronization(urls.followers(actor), address(actor), digest))


async def _digests_of(account_id: int) -> dict[str, str]:
    of_server: defaultdict[str, int] = defaultdict(int)
    last = 0
    while rows := await db.fetch_all(
        "SELECT f.id, a.uri FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ?"
        " AND f.accepted = TRUE AND a.domain <> '' AND f.id > ? ORDER BY f.id LIMIT ?",
        (account_id, last, AT_ONCE),
    ):
        for row in rows:
            of_server[_authority(row[1])] ^= int(digest_of((row[1],)), 16)
        last = int(rows[-1][0])
        await asyncio.sleep(0)
    return {authority: value.to_bytes(32).hex() for authority, value in of_server.items()}


async def listed_for(account: Account, asker_uri: str) -> Document:
    """The followers of an account of ours that live on the server of whoever asks."""
    rows = await db.fetch_all(
        "SELECT a.uri FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ?"
        " AND f.accepted = TRUE AND a.domain <> '' AND a.uri LIKE ? ESCAPE '~' ORDER BY f.id LIMIT ?",
        (account.id, f"{_literal(_authority(asker_uri))}/%", MAX_LISTED),
    )
    items = tuple(row[0] for row in rows)
    return render_collection(Collection(address(account.uri), "OrderedCollection", total_items=len(items), items=items))


def offered(header: str | None) -> dict[str, str] | None:
    """What a signed header offers, as it is kept with the activity until that is processed."""
    value = parse_synchronization(header) if header else None
    return None if value is None else {"collection": value.collection_id, "url": value.url, "digest": value.digest}


async def compare(account: Account, offer: Mapping[str, str]) -> None:
    """Have the list fetched if the remote `account` counts other followers here than we do. One statement.

    Only its own collection is compared, and only its own server asked.
    """
    try:
        url = absolute_url(offer["url"], "url")
    except ParseError:
        return
    if offer["collection"] != account.followers_url or origin_host(url) != origin_host(account.uri):
        return
    rows = await db.fetch_all(
        "SELECT a.uri FROM follows f JOIN accounts a ON a.id = f.account_id"
        " WHERE f.target_id = ? AND f.accepted = TRUE AND a.domain = ''",
        (account.id,),
    )
    ours = digest_of(row[0] for row in rows)
    if ours == offer["digest"]:
        return
    hour = int(clock.timestamp() // 3600)
    await jobs.enqueue(
        SYNCHRONISE,
        {"account_id": account.id, "url": url, "digest": offer["digest"]},
        key=f"{SYNCHRONISE}:{hour}:{account.id}:{offer['digest']}:{ours}",
    )


async def synchronise(payload: dict[str, Any]) -> None:
    """The job: bring our end in line with the list, if it is the one the digest was made of. Raises `Drop`."""
    account = await Account.get_or_none(id=payload["account_id"])
    if account is None or account.suspended_at is not None:
        return
    try:
        listed = await _listed(payload["url"], account)
    except Unresolvable as error:
        raise jobs.Drop(str(error)) from error
    if digest_of(listed) != payload["digest"]:
        log.info("followers_list_is_not_the_one_meant", account=account.id)
        return
    await _end_unlisted(account, listed)
    ours = sorted(uri for uri in listed if urls.is_local(uri))
    for start in range(0, len(ours), SOME):
        await _answer_for(account, ours[start : start + SOME])


async def _listed(url: str, account: Account) -> set[str]:
    """Every id of the list; more than may be are cut off, so that the digest does not fit."""
    budget = Background(MAX_PAGES + 1)
    page: Mapping[str, Any] = await _page(url, account, budget)
    found = _ids(page)
    following = page.get("first")
    while following is not None and len(found) <= MAX_LISTED:
        page = following if isinstance(following, Mapping) else await _page(str(following), account, budget)
        found |= _ids(page)
        following = page.get("next")
    return found


async def _page(url: str, account: Account, budget: Budget) -> Mapping[str, Any]:
    fetched = await fetching.fetch_unchecked(url, budget)
    if origin_host(fetched.url) != origin_host(account.uri):
        raise Unresolvable(url, "another server answered")
    return fetched.document


def _ids(page: Mapping[str, Any]) -> set[str]:
    items = page.get("orderedItems", page.get("items"))
    return {item for item in items if isinstance(item, str)} if isinstance(items, list) else set()


async def _end_unlisted(account: Account, listed: set[str]) -> None:
    """Whom the other server does not count does not follow, whatever became of its Reject."""
    for follow in await Follow.filter(target_id=account.id, accepted=True, account__domain=LOCAL).select_related(
        "account"
    ):
        if follow.account.uri not in listed:
            await follows.rejected_by_remote(account, follow.account, follow.uri)


async def _answer_for(account: Account, listed: list[str]) -> None:
    """Who is counted and asked to follow does so now; who does not follow says so again."""
    people = await Account.filter(uri__in=listed, domain=LOCAL, suspended_by_origin=False)
    known = {
        follow.account_id: follow
        for follow in await Follow.filter(target_id=account.id, account_id__in=[person.id for person in people])
    }
    for person in people:
        follow = known.get(person.id)
        try:
            if follow is None:
                async with db.transaction():
                    undone = urls.activity(person.uri, "follows", new_id())
                    await events.record(events.Unfollowed(person.id, account.id, undone))
            elif not follow.accepted:
                await follows.accepted_by_remote(account, person, follow.uri)
        except DomainError as error:
            log.info("follower_not_synchronised", account=account.id, person=person.id, reason=error.message)


def _authority(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _literal(text: str) -> str:
    return text.replace("~", "~~").replace("_", "~_").replace("%", "~%")


def forget_everything() -> None:
    """Empty the memory of this process."""
    _digests.clear()
