"""What others fetch from us: actors, posts, their collections.

A document is served to whoever asks for ActivityPub; a browser that comes by an id is sent to the page. What is not
public is served to a signed request of somebody who may see it, and to everybody else it is exactly as if it were not
there (GHSA-gwhw-gcjx-72v8).
"""

from __future__ import annotations

import orjson
from quart import Blueprint, Response, request

from activitypub.parse import origin_host
from activitypub.render import (
    render_actor,
    render_emoji,
    render_key_owner,
    render_note,
    render_quote_authorization,
    render_tombstone,
)
from activitypub.types import Document, QuoteAuthorization, Tombstone
from federation import followers_sync
from federation.answers import document_response, json_error
from federation.outbound import answering, askers, collections, thread_collections
from federation.outbound.actors import local_actor
from federation.outbound.askers import VARY_OPEN, as_personal, asker, is_closed, is_signed, not_found
from federation.outbound.documents import LocalPost, for_host, local_post, told_to
from federation.outbound.emojis import local_emoji
from federation.outbound.publish import publication
from node import db, urls
from node.models.accounts import Account
from node.models.posts import MEMBERS, Post
from node.models.quotes import ACCEPTED, Quote
from node.services import post_holders
from node.services.visibility import may_see

blueprint = Blueprint("federation_outbound", __name__)

LONGEST_SHORTCODE = 100
ALWAYS_OPEN = frozenset({"get_instance_actor", "get_instance_outbox", "get_actor"})
"""Views that answer unsigned requests even with authorized fetch: an account shows its keys then, and no more."""


@blueprint.before_request
async def ask_for_a_signature() -> Response | None:
    """With authorized fetch nobody is answered who does not say who they are; a browser is only shown the way."""
    return await answering.refusal(with_page="get_post", always_open=ALWAYS_OPEN)


@blueprint.get("/actor")
async def get_instance_actor() -> Response:
    """The node itself; always open, or two servers that demand signatures could never meet."""
    account = await Account.get_or_none(uri=urls.instance_actor())
    if account is None:
        return not_found()
    return answering.document(render_actor(await local_actor(account)), keep_as=account.uri)


@blueprint.get("/actor/outbox")
async def get_instance_outbox() -> Response:
    """Always empty: the node says nothing by itself."""
    return answering.document(collections.empty(f"{urls.instance_actor()}/outbox"))


@blueprint.get("/ap/users/<number:account_id>")
async def get_actor(account_id: int) -> Response:
    """An account, suspended ones too; a Tombstone with 410 when it is gone. Its keys are open even where everything
    else needs a signature: without them nobody could check what we send."""
    account = await _local_account(account_id)
    if account is None:
        return await _gone_or_not_found(urls.actor(account_id))
    if account.suspended_by_origin:
        return _tombstone(account.uri)
    if answering.wants_page():
        return answering.to_page(account.url or urls.profile(account.username))
    actor = await local_actor(account)
    if is_closed() and (await asker()).account is None:
        return answering.document(render_key_owner(actor))
    return answering.document(render_actor(actor), keep_as=account.uri)


@blueprint.get("/ap/emojis/<shortcode>")
async def get_emoji(shortcode: str) -> Response:
    """A custom emoji of this node."""
    emoji = await local_emoji(shortcode) if len(shortcode) <= LONGEST_SHORTCODE else None
    if emoji is None or emoji.name != shortcode:
        return not_found()
    return answering.document(render_emoji(emoji))


@blueprint.get("/ap/users/<number:account_id>/outbox")
async def get_outbox(account_id: int) -> Response:
    """Public posts and shares, newest first."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    return answering.document(await collections.outbox(account, request.args))


@blueprint.get("/ap/users/<number:account_id>/<any(followers, following):name>")
async def get_relations(account_id: int, name: str) -> Response:
    """Followers and followed accounts; only their number where the account hides them."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    return answering.document(await collections.relations(account, name, request.args))


@blueprint.get("/ap/users/<number:account_id>/followers_synchronization")
async def get_followers_of_asker(account_id: int) -> Response:
    """Which people of the server that asks, and signs, follow the account (FEP-8fcf)."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    who = await asker()
    if who.account is None:
        return json_error(401, "a signed request is needed")
    return answering.document(await followers_sync.listed_for(account, who.account.uri), is_signed=True)


@blueprint.get("/ap/users/<number:account_id>/<any(featured, featured_tags):name>")
async def get_featured(account_id: int, name: str) -> Response:
    """The account's pinned posts, and the hashtags it shows."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    shown = collections.featured if name == "featured" else collections.featured_tags
    return answering.document(await shown(account))


@blueprint.get("/ap/users/<number:account_id>/quote_authorizations/<number:quote_id>")
async def get_quote_authorization(account_id: int, quote_id: int) -> Response:
    """The stamp of a quote, as long as it is approved. It is shown to whom the quoted post is."""
    quote = await Quote.get_or_none(id=quote_id, state=ACCEPTED, quoted_account_id=account_id).select_related("post")
    quoted = None if quote is None or quote.quoted_post_id is None else await _visible_post(quote.quoted_post_id)
    if quote is None or quoted is None or quote.stamp_uri is None:
        return not_found()
    stamp = QuoteAuthorization(quote.stamp_uri, quoted.author_uri, quote.post.uri, quoted.uri)
    return answering.document(render_quote_authorization(stamp), is_signed=not quoted.is_public)


@blueprint.get("/ap/posts/<number:post_id>")
async def get_post(post_id: int) -> Response:
    """A post or comment."""
    post = await _visible_post(post_id)
    if post is None:
        return await _gone_or_not_found(urls.post(post_id))
    if answering.wants_page() and post.note.url is not None:
        return answering.to_page(post.note.url)
    keep_as = post.uri if post.is_public else None
    document = {**render_note(post.note), "replies": await thread_collections.attached_replies(post)}
    return await _document_of_post(document, post, keep_as=keep_as)


@blueprint.get("/ap/posts/<number:post_id>/activity")
async def get_post_activity(post_id: int) -> Response:
    """The Create of a post."""
    post = await _visible_post(post_id)
    if post is None:
        return await _gone_or_not_found(urls.post(post_id))
    return await _document_of_post(await publication(post), post)


@blueprint.get("/ap/posts/<number:post_id>/<any(replies, context, likes, shares):name>")
async def get_post_collection(post_id: int, name: str) -> Response:
    """What hangs on a post: public comments and, of a post that begins a thread, the whole of it by id; numbers of
    likes and shares. It is shown to whom the post is."""
    post = await _visible_post(post_id)
    if post is None:
        return await _gone_or_not_found(urls.post(post_id))
    document: Document | None
    match name:
        case "replies":
            document = await thread_collections.replies(post, request.args)
        case "context":
            document = await thread_collections.context(post, request.args)
        case _:
            document = await collections.count_of_post(post, name)
    return not_found() if document is None else answering.document(document, is_signed=not post.is_public)


async def _local_account(account_id: int) -> Account | None:
    return await Account.get_or_none(id=account_id, domain="", uri=urls.actor(account_id))


async def _open_account(account_id: int) -> tuple[Account | None, Response]:
    """The account whose collections may be read by whoever asks, or the answer that says why not."""
    account = await _local_account(account_id)
    if account is None:
        return None, await _gone_or_not_found(urls.actor(account_id))
    if account.suspended_by_origin:
        return None, _tombstone(account.uri)
    if account.suspended_at is not None:
        return None, json_error(403, "the account is suspended")
    if (await asker()).is_refused:
        return None, not_found()
    if not await askers.is_blocked_by(account.id):
        return account, not_found()
    return None, answering.document(collections.empty(f"{urls.base()}{request.path}"))


async def _visible_post(post_id: int) -> LocalPost | None:
    """The post if whoever asks may see it. A share is an activity, not a document: it is not served as a post."""
    post = await local_post(post_id)
    if post is None or post.shared_uri is not None:
        return None
    if post.is_public and not is_signed():
        return post
    who = await asker()
    if who.is_refused or (who.account is None and not post.is_public):
        return None
    if not await may_see(who.account, Post(id=post.id)):
        return None
    if who.account is None:
        return post
    if post.visibility == MEMBERS:  # Its members hear of everything as they are.
        return told_to(post, origin_host(who.account.uri))
    if await post_holders.note_fetch(post.id, who.account):
        return await local_post(post_id)
    return post


async def _gone_or_not_found(uri: str) -> Response:
    """410 for what was public knowledge once and is deleted, 404 for everything else, always the same bytes."""
    known = "SELECT 1 FROM tombstones WHERE uri = ? AND was_public = TRUE"
    if await db.fetch_one(known, (uri,)) is not None:
        return _tombstone(uri)
    return not_found()


async def _document_of_post(document: Document, post: LocalPost, *, keep_as: str | None = None) -> Response:
    """A document with the post in it, and where whoever asks gets its files."""
    if post.is_public:
        return answering.document(document, keep_as=keep_as)
    account = (await asker()).account
    body = orjson.dumps(document)
    shown = body if account is None else for_host(body, origin_host(account.uri))
    return as_personal(document_response(shown, vary=VARY_OPEN))


def _tombstone(uri: str) -> Response:
    return document_response(orjson.dumps(render_tombstone(Tombstone(uri))), 410)
