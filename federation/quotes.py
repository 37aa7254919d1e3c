"""What posts of others quote: fetched, and the approval of its author read where it is said to stand.

A stamp counts only as it is served at its own id, by the quoted author's server, and when it names exactly this quote:
the quoting post, the quoted one, and its author (GHSA-q4g8-82c5-9h33, CVE-2026-33869, GHSA-8h43-rcqj-wpc6). One that does
not fit changes nothing, so that nobody can spoil a quote by pointing to a wrong stamp.
"""

from __future__ import annotations

import structlog

from activitypub.parse import ParseError, origin_host, parse_quote_authorization
from activitypub.types import QuoteAuthorization
from federation import fetching, received_notes, rereading, resolve
from federation.budget import Background, Budget
from federation.resolve_errors import TryLater, Unresolvable
from node import db, jobs, urls
from node.events import QuoteReceived
from node.models.posts import PUBLIC, UNLISTED, Post
from node.models.quotes import PENDING, Quote
from node.services import received_quotes

log = structlog.get_logger()

FETCHES = 10


async def quote_received(event: QuoteReceived) -> None:
    """The job: have the quoted post here, then look at the stamp. Tried again while its server is down."""
    try:
        await _look(event)
    except TryLater:
        raise
    except Unresolvable as error:
        raise jobs.Drop(str(error)) from error


async def _look(event: QuoteReceived) -> None:
    quote = await Quote.get_or_none(id=event.quote_id, state=PENDING).select_related("post")
    if quote is None or quote.quoted_uri is None:
        return
    budget = Background(FETCHES)
    quoted = await _quoted(quote.quoted_uri, event.may_fetch, budget)
    if quoted is None or await received_quotes.decide(quote, quoted) or event.stamp_uri is None:
        return
    if await _fits(event.stamp_uri, quote.post, quoted, budget):
        await received_quotes.approved(quote.id, event.stamp_uri)


async def _quoted(uri: str, may_fetch: bool, budget: Budget) -> Post | None:
    """The quoted post. What it quotes in turn is not fetched: nobody is led from post to post without end."""
    known = await received_notes.known_post(uri)
    if known is not None or urls.is_local(uri) or not may_fetch:
        return known
    note = (await rereading.fetch(uri, budget)).note
    known = await received_notes.known_post(note.id)
    if known is not None:
        return known
    author = await resolve.resolve_actor(note.attributed_to, budget=budget)
    if received_notes.visibility_of(note, author) not in (PUBLIC, UNLISTED):
        raise Unresolvable(uri, "it is not for everybody")
    parent = None if note.in_reply_to is None else await received_notes.known_post(note.in_reply_to)
    return await received_notes.store(note, author, parent, quietly=True, levels=0)


async def _fits(stamp_uri: str, quoting: Post, quoted: Post, budget: Budget) -> bool:
    """Whether the stamp approves exactly this quote."""
    row = await db.fetch_one("SELECT uri FROM accounts WHERE id = ?", (quoted.account_id,))
    author_uri = str(row[0]) if row is not None else ""
    if not origin_host(stamp_uri) == origin_host(quoted.uri) == origin_host(author_uri):
        log.info("stamp_refused", stamp=stamp_uri, reason="on another host than the quoted post")
        return False
    expected = QuoteAuthorization(stamp_uri, author_uri, quoting.uri, quoted.uri)
    fetched = await fetching.fetch(stamp_uri, budget)
    try:
        stamp = parse_quote_authorization(fetched.document)
    except ParseError as error:
        raise Unresolvable(stamp_uri, str(error)) from error
    if stamp != expected:
        log.info("stamp_refused", stamp=stamp_uri, reason="it is for something else")
    return stamp == expected
