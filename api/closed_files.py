"""Files that are not for everybody, as those get them who may see them now.

The token in an address says who asks; with `-` in its place the request's own credentials do: an app's token, a
server's signature, the session of a browser. Whether they may is looked up each time; nothing tells what is refused from
what is not there, and no answer names the key the file is stored under.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from quart import Blueprint, Response

from api import auth, media_files
from api.documentation import documented
from api.errors import Unauthorised
from api.pages import browser
from federation import policy
from federation import remote_media as fetched
from federation.outbound import askers
from media.formats import ALSO
from media.storage import private_beside
from media.video.playlists import readdressed
from node.errors import NotFound
from node.file_tokens import BARE, Reader, reader_of
from node.queries.closed_files import ReadableFile
from node.runtime import runtime
from node.scopes import covers
from node.secrecy import fingerprint
from node.services import closed_files, media, originals, remote_media

blueprint = Blueprint("closed_files", __name__)

_PRIVATE: Final = "private, no-cache"
"""A browser may keep it, and asks each time whether it still may show it."""


@blueprint.get("/media/closed/<id:media_id>/<variant>/<token>")
@documented(status=200, also={206: None, 304: None}, errors=(404, 416, 503), media_type="image/webp")
async def show(media_id: int, variant: str, token: str) -> Response:
    """A file that is not for everybody, whole or a range of its bytes, for whom the address was made; `-` in the
    place of the token when the request says who asks: by a token of the scope `read:statuses`, or by its signature."""
    reader = await _reader(media_id, token)
    file = await closed_files.readable(reader, media_id)
    if variant == media.ORIGINAL:
        key = await originals.for_reader(reader.account_id, media_id)
    elif variant in file.variants:
        key = _best_key(file.variants[variant])
    else:
        subject, shape = await remote_media.closed_subject(variant, file)
        key = (await fetched.file_of(subject, shape)).key
    place = await runtime().storage.place_of(key)
    if key.endswith(".m3u8"):
        return await _playlist(file, place, token)
    return await media_files.answer(
        place,
        cache_control=_PRIVATE,
        etag=fingerprint(key, "tag of a closed file"),
        extra=media_files.VARIES if runtime().settings.media.smaller_formats else media_files.NO_HEADERS,
    )


def _best_key(variant: Mapping[str, Any]) -> str:
    """The file of a variant that the request would rather have."""
    key = str(variant["key"])
    beside = variant.get(ALSO, {})
    wanted = media_files.types_wanted(key) if beside and media_files.varies(key) else []
    return next((private_beside(key, media_type) for media_type in wanted if media_type in beside), key)


async def _playlist(file: ReadableFile, place: str, token: str) -> Response:
    """A playlist whose addresses are those that this reader has."""
    text = (await runtime().storage.read(place)).decode()
    addresses = {media.beside(known["key"]): f"../{name}/{token}" for name, known in file.variants.items()}
    headers = {**media_files.HEADERS, "Cache-Control": _PRIVATE, "Content-Type": "application/vnd.apple.mpegurl"}
    return Response(readdressed(text, addresses), 200, headers)


async def _reader(media_id: int, token: str) -> Reader:
    """Who asks. Raises `NotFound` for nobody that is known."""
    reader = await _by_credentials() if token == BARE else reader_of(token, media_id)
    if reader is None or (reader.host is not None and await policy.is_refused(reader.host)):
        raise NotFound
    return reader


async def _by_credentials() -> Reader | None:
    try:
        caller = await auth.caller_of_request()
    except Unauthorised:
        raise NotFound from None
    if caller is not None:
        may_read = caller.refusal is None and covers(caller.scopes, "read:statuses")
        return Reader(account_id=caller.account_id) if may_read else None
    if askers.is_signed():
        signer = (await askers.asker()).account
        return Reader(account_id=signer.id) if signer is not None else None
    session = await browser.session()
    return Reader(account_id=session.user.account_id) if session is not None else None
