"""The page of an album, for whoever is given its address."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from activitypub.vocabulary import ACTIVITY_JSON
from api import params
from api.accept import wants_document
from api.pages import grids
from api.pages.guard import guard
from api.pages.rendering import page
from node import urls
from node.errors import NotFound
from node.models.accounts import Account
from node.models.media import MediaFile
from node.models.posts import Post
from node.queries import albums
from node.queries.albums import AlbumRow

blueprint = guard(Blueprint("album_pages", __name__))


class AlbumPage(msgspec.Struct):
    """Which page, from 1."""

    page: int = 1


@blueprint.get("/c/<id:album_id>")
async def show(album_id: int) -> Response:
    """An album for everybody and what is in it; a server that asks is sent to the collection."""
    row = await albums.one(None, album_id)
    if row is None:
        raise NotFound
    uri = urls.album(urls.actor(row.account_id), row.id)
    if wants_document():
        headers = {"Location": uri, "Vary": "Accept", "Cache-Control": "public, max-age=300"}
        return Response("", 302, headers)
    return await page(
        "album.html",
        200,
        {"Link": f'<{uri}>; rel="alternate"; type="{ACTIVITY_JSON}"', "Vary": "Accept, Cookie"},
        album=row,
        address=urls.album_page(row.id),
        owner=await Account.get(id=row.account_id),
        cover=await _cover(row),
        shown=await grids.of_album(row.id, params.read_query(AlbumPage).page),
    )


async def _cover(row: AlbumRow) -> MediaFile | None:
    """The picture that links to the album show, if it is fit for everybody and lies here."""
    post_id = row.shown_post_id or 0
    if not await Post.exists(
        id=post_id, is_local=True, sensitive=False, spoiler_text="", account__sensitized_at__isnull=True
    ):
        return None
    pictures = MediaFile.filter(post_id=post_id).order_by("position", "id")
    return await (pictures if row.cover_post_id is None else pictures.filter(id=row.cover_id)).first()
