"""Albums of people here, as ordered collections of posts: what everybody may see of them, and nothing else."""

from __future__ import annotations

from typing import Final

import orjson
from quart import Blueprint, Response

from activitypub.render import render_collection
from activitypub.render.contexts import NOTE_CONTEXT
from activitypub.types import Collection, Image
from federation.outbound import answering
from federation.outbound.askers import may_read, not_found
from node import urls
from node.models.accounts import Account
from node.models.fields import from_milliseconds
from node.queries import albums, content
from node.queries.albums import AlbumRow
from node.services.albums import MAX_ALBUMS, MAX_POSTS
from node.text import render_caption

blueprint = Blueprint("federation_albums", __name__)

_PICTURES: Final = ("feed", "full", "grid")
"""What may stand for an album, best first."""


@blueprint.before_request
async def ask_for_a_signature() -> Response | None:
    """With authorized fetch nobody is answered who does not say who they are; a browser is only shown the way."""
    return await answering.refusal(with_page="get_album")


@blueprint.get("/ap/users/<number:account_id>/albums")
async def get_albums(account_id: int) -> Response:
    """The albums an account shows to everybody, newest first, by id."""
    account = await _readable(account_id)
    if account is None:
        return not_found()
    rows = await albums.of_account(None, account.id, limit=MAX_ALBUMS, offset=0)
    items = tuple(urls.album(account.uri, row.id) for row in rows)
    listed = Collection(
        urls.albums(account.uri), "OrderedCollection", len(items), items=items, attributed_to=account.uri
    )
    return answering.document(render_collection(listed))


@blueprint.get("/ap/users/<number:account_id>/albums/<number:album_id>")
async def get_album(account_id: int, album_id: int) -> Response:
    """An album and its posts in order, by id; a browser is sent to its page."""
    if answering.wants_page():
        return answering.to_page(urls.album_page(album_id))
    account = await _readable(account_id)
    row = await albums.one(None, album_id) if account is not None else None
    if account is None or row is None or row.account_id != account.id:
        return not_found()
    uris = await albums.uris_in(row.id, limit=MAX_POSTS)
    return answering.document(
        render_collection(
            Collection(
                urls.album(account.uri, row.id),
                "OrderedCollection",
                len(uris),
                items=tuple(uris),
                attributed_to=account.uri,
                name=row.title or None,
                summary=render_caption(row.description) or None,
                url=urls.album_page(row.id),
                image=await _cover(row),
                published=from_milliseconds(row.published_at or row.created_at),
                updated=from_milliseconds(row.updated_at),
            ),
            NOTE_CONTEXT,
        )
    )


async def _cover(row: AlbumRow) -> Image | None:
    """The picture that stands for the album, where it lies here and everybody may see it."""
    picture = row.picture(await content.media([row.shown_post_id])) if row.shown_post_id is not None else None
    if picture is None or not picture["is_open"]:
        return None
    variants = orjson.loads(picture["variants"])
    file = next((variants[name] for name in _PICTURES if name in variants), None)
    if file is None:
        return None
    return Image(
        urls.media(file["key"]),
        file.get("type"),
        picture["description"] or None,
        blurhash=picture["blurhash"],
        width=file.get("width"),
        height=file.get("height"),
    )


async def _readable(account_id: int) -> Account | None:
    """The account, if whoever asks may read what it shows to everybody."""
    account = await Account.get_or_none(id=account_id, domain="", uri=urls.actor(account_id), suspended_at=None)
    return account if account is not None and await may_read(account_id) else None
