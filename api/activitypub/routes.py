"""A person's own outbox and inbox, and the pictures for it, by ActivityPub client-to-server (W3C ActivityPub §6).

Who calls is told by an OAuth token, as in the rest of the API; its scopes are the same.
"""

from __future__ import annotations

import orjson
from quart import Blueprint, Response, request

from activitypub.parse import ParseError, load_json
from activitypub.vocabulary import ACTIVITY_JSON
from api.activitypub import inbox
from api.activitypub.acting import act
from api.auth import acting_account, requires
from api.documentation import documented
from api.params import InvalidParameter
from api.uploads import uploaded_files
from node import file_tokens, urls
from node.errors import Forbidden, Invalid
from node.models.accounts import Account
from node.services import uploads
from node.services.uploads import Words

blueprint = Blueprint("activitypub", __name__)

_WRITES = ("write:statuses", "write:favourites", "write:follows", "write:blocks", "write:accounts")
_LAST = 2**63 - 1
_DIGITS = 18


@blueprint.post("/ap/users/<int:account_id>/outbox")
@requires(*_WRITES)
@documented(status=201, errors=(404, 422, 503), media_type=ACTIVITY_JSON)
async def post_to_outbox(account_id: int) -> Response:
    """Do what an activity says, in the name of its owner; a bare object is published. `Location` is the activity's id."""
    me = await _owner(account_id)
    try:
        document = load_json(await _body())
    except ParseError as error:
        raise InvalidParameter(f"Invalid document: {error}") from None
    return _made(await act(me, document), b"")


@blueprint.get("/ap/users/<int:account_id>/inbox")
@requires("read")
@documented(errors=(404,), media_type=ACTIVITY_JSON)
async def read_inbox(account_id: int) -> Response:
    """What others did that reached the caller, newest first, in pages."""
    me = await _owner(account_id)
    if "page" not in request.args:
        return _document(orjson.dumps(inbox.collection(me)))
    given = request.args.get("before", "")
    if given and not (given.isascii() and given.isdigit() and len(given) <= _DIGITS):
        raise InvalidParameter("Invalid parameter: before")
    return _document(orjson.dumps(await inbox.page(me, int(given) if given else _LAST)))


@blueprint.post("/ap/upload")
@requires("write:media")
@documented(status=201, files=("file",), errors=(422, 503), media_type=ACTIVITY_JSON)
async def upload() -> Response:
    """Upload a photograph (`file`) for a post, with what is said of it (`object`: `name` or `summary`). `Location` is
    its address, to be put into `attachment`."""
    me = await acting_account()
    said = (await request.form).get("object", "")
    try:
        described = load_json(said.encode()) if said else {}
    except ParseError as error:
        raise InvalidParameter(f"Invalid parameter: object: {error}") from None
    words = described.get("summary") or described.get("name") or ""
    async with uploaded_files("file") as files:
        if "file" not in files:
            raise Invalid("file", "can't be blank", code="ERR_BLANK")
        file = await uploads.upload(me, files["file"], Words(words if isinstance(words, str) else ""))
    shown = file.variants["full"]
    address = urls.closed_file(file.id, "full", file_tokens.for_account(me.id, file.id))
    body = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "type": "Image",
        "url": address,
        "mediaType": shown["type"],
        "name": file.description or None,
        "width": shown["width"],
        "height": shown["height"],
    }
    return _made(address, orjson.dumps(body))


async def _body() -> bytes:
    data = await request.get_data()
    return data if isinstance(data, bytes) else data.encode()


async def _owner(account_id: int) -> Account:
    """The caller, whose inbox or outbox it must be. Raises `Forbidden`."""
    me = await acting_account()
    if me.id != account_id:
        raise Forbidden("This is somebody else's")
    return me


def _made(location: str, body: bytes) -> Response:
    response = _document(body, 201)
    response.headers["Location"] = location
    return response


def _document(body: bytes, status: int = 200) -> Response:
    response = Response(body, status)
    response.headers["Content-Type"] = ACTIVITY_JSON
    response.headers["Cache-Control"] = "private, no-store"
    return response
