"""The pictures of the instance that its admins have chosen."""

from __future__ import annotations

import asyncio

from quart import Blueprint, Response

from node.errors import NotFound
from node.services import site

blueprint = Blueprint("site_files", __name__)

_HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


@blueprint.get("/site/<name>")
async def show(name: str) -> Response:
    """The thumbnail or the icon; nothing else of the folder."""
    place = await site.read()
    for picture in (place.thumbnail, place.icon):
        if picture is not None and picture.path.name == name:
            try:
                data = await asyncio.to_thread(picture.path.read_bytes)
            except FileNotFoundError:
                raise NotFound from None
            return Response(data, 200, {**_HEADERS, "Content-Type": picture.media_type})
    raise NotFound
