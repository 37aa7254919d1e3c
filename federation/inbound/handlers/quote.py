"""Quotes: somebody elsewhere wants to quote a post of ours, or answers one of us who wants to quote theirs."""

from __future__ import annotations

import re

from activitypub.render import render_accept, render_reject
from activitypub.types import Document
from federation import resolve
from federation.inbound.handlers.create import own_note
from federation.inbound.handlers.registry import Received, handles, is_of
from federation.outbound import audience
from federation.outbound.send import send
from federation.received_notes import known_post, store
from node import urls
from node.errors import Forbidden, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.posts import Post
from node.models.quotes import ACCEPTED, PENDING, Quote
from node.services import received_quotes


@handles("QuoteRequest")
async def quote_request(received: Received) -> None:
    """Let the policy of the post decide, and say so: Accept with a stamp, or Reject."""
    quoted = await known_post(received.object_id)
    if quoted is None or not quoted.is_local or quoted.shared_post_id is not None:
        raise NotFound()
    if not await received_quotes.may_ask(quoted, received.actor):
        await _answer(received, quoted, None)
        return
    quoting = await _quoting_post(received)
    quote = await Quote.get_or_none(post_id=quoting.id, quoted_uri=quoted.uri)
    if quote is None:
        raise Forbidden("the post quotes something else", post=quoting.uri)
    if quote.state == PENDING:
        await received_quotes.decide(quote, quoted)
    await _answer(received, quoted, await Quote.get(id=quote.id))


async def _quoting_post(received: Received) -> Post:
    """The sender's post that quotes: known already, embedded, or fetched from their server."""
    activity, actor = received.activity, received.actor
    if activity.instrument is None or not is_of(activity.instrument, actor):
        raise Forbidden("the quoting post is not the sender's")
    post = await known_post(activity.instrument)
    if post is None and activity.instrument_object is not None and "type" in activity.instrument_object:
        note = own_note(activity.instrument_object, received)
        if note.id != activity.instrument:
            raise Forbidden("the quoting post goes by two ids")
        post = await store(note, actor, None if note.in_reply_to is None else await known_post(note.in_reply_to))
    if post is None:
        post = await resolve.resolve_post(activity.instrument, budget=received.budget)
    if post.account_id != actor.id:
        raise Forbidden("the quoting post is not the sender's", post=post.uri)
    return post


async def _answer(received: Received, quoted: Post, quote: Quote | None) -> None:
    author = await Account.get(id=quoted.account_id)
    document: Document
    if quote is not None and quote.state == ACCEPTED:
        answer_id = urls.activity(author.uri, "accepts", new_id())
        document = render_accept(received.activity, answer_id, actor=author.uri, result=quote.stamp_uri)
    else:
        answer_id = urls.activity(author.uri, "rejects", new_id())
        document = render_reject(received.activity, answer_id, actor=author.uri)
    await send(author.id, document, await audience.accounts([received.actor.id]))


@handles("Accept", "QuoteRequest")
async def accept_quote(received: Received) -> None:
    """Only the author of what is quoted can approve, with a stamp on their own server."""
    quote = await _asked(received)
    stamp_uri = received.activity.result
    if stamp_uri is None or not is_of(stamp_uri, received.actor):
        raise Forbidden("the approval has no stamp of the sender's server")
    await received_quotes.approved(quote.id, stamp_uri)


@handles("Reject", "QuoteRequest")
async def reject_quote(received: Received) -> None:
    """The author does not want to be quoted, or no longer."""
    await received_quotes.refused((await _asked(received)).id)


def is_quote_request(uri: str | None) -> bool:
    """Whether it is the id of a request of ours to quote."""
    return uri is not None and _number(uri) is not None


async def _asked(received: Received) -> Quote:
    """The quote that somebody here asked the sender for, by the request that is embedded or named."""
    number = _number(received.activity.object_id or "")
    quote = await Quote.get_or_none(id=number).select_related("post") if number is not None else None
    if quote is None or not quote.post.is_local:
        raise NotFound()
    if quote.quoted_account_id != received.actor.id:
        raise Forbidden("the request was not for the sender")
    return quote


def _number(uri: str) -> int | None:
    found = re.fullmatch(r"(.+)#quote_requests/([0-9]{1,18})", uri)
    return int(found[2]) if found is not None and urls.local_account_id(found[1]) is not None else None
