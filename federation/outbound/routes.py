"""What others fetch from us: actors, posts, their collections.

A document is served to whoever asks for ActivityPub; a browser that comes by an id is sent to the page. What is not
public is served to a signed request of somebody who may see it, and to everybody else it is exactly as if it were not
there (GHSA-gwhw-gcjx-72v8).
"""

from __future__ import annotations

import orjson
from quart import Blueprint, Response, request

from activitypub.render import render_actor, render_note, render_tombstone
from activitypub.signatures import SignatureError
from activitypub.types import Document, Tombstone
from federation import hosts, policy, ready
from federation.answers import document_response, json_error
from federation.inbound.verify import Blocked, Signer, signed_request, verify
from federation.negotiation import wants_page
from federation.outbound import collections
from federation.outbound.documents import LocalPost, local_actor, local_post
from federation.outbound.publish import publication
from node import db, urls
from node.models.accounts import Account
from node.models.posts import Post
from node.runtime import runtime
from node.services.visibility import may_see

blueprint = Blueprint("federation_outbound", __name__)

VARY_OPEN = "Accept"
VARY_SIGNED = "Accept, Signature, Signature-Input"


@blueprint.get("/actor")
async def get_instance_actor() -> Response:
    """The node itself; always open, or two servers that demand signatures could never meet."""
    account = await Account.get_or_none(uri=urls.instance_actor())
    if account is None:
        return _not_found()
    return _document(render_actor(await local_actor(account)), keep_as=account.uri)


@blueprint.get("/actor/outbox")
async def get_instance_outbox() -> Response:
    """Always empty: the node says nothing by itself."""
    return _document(collections.empty(f"{urls.instance_actor()}/outbox"))


@blueprint.get("/ap/users/<int:account_id>")
async def get_actor(account_id: int) -> Response:
    """An account, suspended ones too; a Tombstone with 410 when it is gone. Its key is open even where everything else needs a signature."""
    account = await _local_account(account_id)
    if account is None:
        return await _gone_or_not_found(urls.actor(account_id))
    if account.suspended_by_origin:
        return _tombstone(account.uri)
    if wants_page(_accept()):
        return _to_page(account.url or urls.profile(account.username))
    return _document(render_actor(await local_actor(account)), keep_as=account.uri)


@blueprint.get("/ap/users/<int:account_id>/outbox")
async def get_outbox(account_id: int) -> Response:
    """Public posts and shares, newest first."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    return _document(await collections.outbox(account, request.args), is_signed=_is_closed())


@blueprint.get("/ap/users/<int:account_id>/<any(followers, following):name>")
async def get_relations(account_id: int, name: str) -> Response:
    """Followers and followed accounts; only their number where the account hides them."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    return _document(await collections.relations(account, name, request.args), is_signed=_is_closed())


@blueprint.get("/ap/users/<int:account_id>/<any(featured, featured_tags):name>")
async def get_featured(account_id: int, name: str) -> Response:
    """The account's pinned posts, and the hashtags it shows."""
    account, refusal = await _open_account(account_id)
    if account is None:
        return refusal
    shown = collections.featured if name == "featured" else collections.featured_tags
    return _document(await shown(account), is_signed=_is_closed())


@blueprint.get("/ap/posts/<int:post_id>")
async def get_post(post_id: int) -> Response:
    """A post or comment."""
    post = await _visible_post(post_id)
    if post is None:
        return await _gone_or_not_found(urls.post(post_id))
    if wants_page(_accept()) and post.note.url is not None:
        return _to_page(post.note.url)
    is_open = post.is_public and not _is_closed()
    return _document(render_note(post.note), keep_as=post.uri if is_open else None, is_signed=not is_open)


@blueprint.get("/ap/posts/<int:post_id>/activity")
async def get_post_activity(post_id: int) -> Response:
    """The Create of a post."""
    post = await _visible_post(post_id)
    if post is None:
        return await _gone_or_not_found(urls.post(post_id))
    return _document(await publication(post), is_signed=not post.is_public or _is_closed())


@blueprint.get("/ap/posts/<int:post_id>/<any(replies, likes, shares):name>")
async def get_post_collection(post_id: int, name: str) -> Response:
    """What hangs on a post: public comments by id, numbers of likes and shares. It is shown to whom the post is."""
    post = await _visible_post(post_id)
    if post is None:
        return await _gone_or_not_found(urls.post(post_id))
    is_signed = not post.is_public or _is_closed()
    return _document(await collections.of_post(post, name), is_signed=is_signed)


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
    viewer = await _viewer() if _is_closed() or _is_signed() else None
    if viewer is None:
        return (None, json_error(401, "a signed request is needed")) if _is_closed() else (account, _not_found())
    row = await db.fetch_one("SELECT 1 FROM blocks WHERE account_id = ? AND target_id = ?", (account.id, viewer.id))
    return (account, _not_found()) if row is None else (None, _not_found())


async def _visible_post(post_id: int) -> LocalPost | None:
    """The post if whoever asks may see it. A share is an activity, not a document: it is not served as a post."""
    post = await local_post(post_id)
    if post is None or post.shared_uri is not None:
        return None
    if post.is_public and not _is_closed() and not _is_signed():
        return post
    viewer = await _viewer()
    if viewer is None and (_is_closed() or not post.is_public):
        return None
    return post if await may_see(viewer, Post(id=post.id)) else None


async def _viewer() -> Account | None:
    """Who signed the request, if anybody did who may be here; a bad signature counts as none."""
    signer = await _signer()
    if signer is None:
        return None
    account = await Account.get_or_none(id=signer.account_id)
    return account if account is not None and account.suspended_at is None else None


async def _signer() -> Signer | None:
    if not _is_signed():
        return None
    try:
        signer = await verify(signed_request(request))
    except (SignatureError, Blocked):
        return None
    if await policy.is_refused(signer.actor_uri.split("/")[2]):
        return None
    hosts.saw(signer.actor_uri.split("/")[2])
    return signer


async def _gone_or_not_found(uri: str) -> Response:
    """410 for what was public knowledge once and is deleted, 404 for everything else, always the same bytes."""
    if await db.fetch_one("SELECT 1 FROM tombstones WHERE uri = ?", (uri,)) is not None:
        return _tombstone(uri)
    return _not_found()


def _document(document: Document, *, keep_as: str | None = None, is_signed: bool = False) -> Response:
    body = orjson.dumps(document)
    if keep_as is not None:
        ready.keep_document(keep_as, body)
    response = document_response(body, vary=VARY_SIGNED if is_signed else VARY_OPEN)
    if is_signed:
        # Kept by nobody in between: another requester gets another answer (GHSA-ccpr-m53r-mfwr).
        response.headers["Cache-Control"] = "private, no-store"
    return response


def _tombstone(uri: str) -> Response:
    return document_response(orjson.dumps(render_tombstone(Tombstone(uri))), 410)


def _not_found() -> Response:
    response = json_error(404, "Record not found")
    response.headers["Vary"] = VARY_SIGNED
    return response


def _to_page(url: str) -> Response:
    return Response(b"", 302, headers={"Location": url, "Vary": VARY_OPEN})


def _accept() -> str:
    return request.headers.get("Accept", "")


def _is_signed() -> bool:
    return "Signature" in request.headers


def _is_closed() -> bool:
    return runtime().settings.federation.authorized_fetch
