"""Quotes as others get them: asked for, answered, taken back (FEP-044f)."""

from __future__ import annotations

from dataclasses import replace

from activitypub.parse import origin_host
from activitypub.render import quote_request, render_activity, render_delete, render_update
from activitypub.render.contexts import QUOTE_CONTEXT
from activitypub.render.note import note_object
from activitypub.types import QuoteAuthorization
from activitypub.vocabulary import PUBLIC
from federation.outbound import audience
from federation.outbound.documents import local_post, told_to
from federation.outbound.publish_members import tell
from federation.outbound.send import send
from node import urls
from node.events import QuoteAnswered, QuoteRequested, QuoteRevoked
from node.models.posts import ARCHIVED
from node.models.quotes import Quote


async def quote_requested(event: QuoteRequested) -> None:
    """QuoteRequest, with the whole post that quotes, to the author of what it quotes."""
    quote = await Quote.get_or_none(id=event.quote_id)
    if quote is None or quote.quoted_account_id is None or quote.quoted_uri is None:
        return
    post = await local_post(quote.post_id)
    if post is None:
        return
    asked = quote_request(
        urls.quote_request(post.author_uri, quote.id),
        actor=post.author_uri,
        quoted=quote.quoted_uri,
        quoting=post.uri,
    )
    told = told_to(post, origin_host(quote.quoted_uri))
    document = render_activity(replace(asked, instrument_object=note_object(told.note)), QUOTE_CONTEXT)
    await send(post.account_id, document, await audience.accounts([quote.quoted_account_id]))


async def quote_answered(event: QuoteAnswered) -> None:
    """Update of the post that quotes, now with the approval or without, to those who got it. It was not edited."""
    post = await local_post(event.post_id)
    if post is None or post.visibility == ARCHIVED:
        return
    update_id = f"{post.uri}#quotes/{event.quote_id}/{event.state}"
    await tell(post, lambda told: render_update(told.note, update_id))


async def quote_revoked(event: QuoteRevoked) -> None:
    """Delete of the stamp, to the one who quotes and to those who may have seen the quote."""
    quote = await Quote.get_or_none(id=event.quote_id).select_related("post", "quoted_account")
    if quote is None or quote.quoted_account is None or quote.quoted_uri is None or quote.stamp_uri is None:
        return
    author = quote.quoted_account
    stamp = QuoteAuthorization(quote.stamp_uri, author.uri, quote.post.uri, quote.quoted_uri)
    inboxes = await audience.followers_of(author.id) | await audience.followers_of(quote.account_id)
    inboxes |= await audience.accounts([quote.account_id], personally=False)
    document = render_delete(stamp, f"{quote.stamp_uri}#delete", actor=author.uri, to=(PUBLIC,))
    await send(author.id, document, inboxes)
