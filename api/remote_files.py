"""Files of other servers, as readers get them from here.

An address names an attachment, an avatar, a header or an emoji that this node knows, never a URL; the token in it was
made here, for the address its server gave it (no open proxy). What another server of our kind asks for on its own
account is refused: files are fetched from where they are, so that no two nodes can be set to fetch from each other.
"""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response, request

from api import media_files
from api.documentation import documented
from federation import remote_media as fetched
from federation.fetching import SOFTWARE
from node import urls
from node.errors import Forbidden, NotFound
from node.runtime import runtime
from node.services import remote_media

blueprint = Blueprint("remote_files", __name__)

_KEPT_FOR: Final = "public, max-age=86400"
_MOST_DIGITS: Final = 19


@blueprint.get("/media/remote/<kind>/<number>/<token>/<shape>")
@documented(status=200, also={206: None, 302: None, 304: None}, errors=(403, 404, 416, 503), media_type="image/jpeg")
async def show(kind: str, number: str, token: str, shape: str) -> Response:
    """A file of another server: a picture made anew without what was written in it, or a recording as it is."""
    if request.headers.get("User-Agent", "").startswith(f"{SOFTWARE}/"):
        raise Forbidden("Fetch it from its own server")
    if shape not in remote_media.SHAPES or len(number) > _MOST_DIGITS or not (number.isascii() and number.isdigit()):
        raise NotFound
    subject = await remote_media.find(kind, int(number), token)
    file = await fetched.file_of(subject, shape)
    settings = runtime().settings
    if settings.media.public_url is not None:
        return Response(b"", 302, {"Location": urls.media(file.key), "Cache-Control": "public, max-age=3600"})
    return await media_files.answer(file.key, cache_control=_KEPT_FOR)
