"""Streams, as the API describes them; `api/streaming` answers them before they come here."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api.auth import requires
from api.documentation import documented
from api.streaming.channels import PATHS
from api.streaming.entrance import HEALTH, PATH
from node.errors import NotFound

blueprint = Blueprint("streaming", __name__)


class StreamParameters(msgspec.Struct):
    """What is streamed: `tag` of a hashtag stream, `list` of a list's, `only_media` of the public ones.

    `access_token` is for browsers, which can send no header with an event stream.
    """

    tag: str | None = None
    list: str | None = None
    only_media: bool = False
    access_token: str | None = None


@blueprint.get(HEALTH)
@documented(media_type="text/plain")
async def health() -> Response:
    """`OK`: streams can be opened."""
    return Response("OK", 200, content_type="text/plain")


@requires("read:statuses", "read:notifications")
@documented(query=StreamParameters, media_type="text/event-stream", errors=(404,))
async def events() -> Response:
    """Server-sent events (`update`, `delete`, `notification` …) as they happen; a comment every fifteen seconds.

    The same streams come over one WebSocket at `/api/v1/streaming`, each named in the frames that belong to it.
    """
    raise NotFound()


class SocketParameters(StreamParameters):
    """What is streamed from the beginning, if anything: `stream` is a name such as `user` or `public:local`."""

    stream: str | None = None


@blueprint.get(PATH)
@requires("read:statuses", "read:notifications")
@documented(status=101, query=SocketParameters, errors=(404,))
async def socket() -> Response:
    """A WebSocket that carries any number of streams.

    Frames `{"type": "subscribe", "stream": "hashtag", "tag": "light"}` and `"unsubscribe"` begin and end them; what
    comes is `{"stream": ["hashtag", "light"], "event": "update", "payload": "…"}`, the payload being JSON as text. The
    token may also come as the WebSocket's protocol.
    """
    raise NotFound()


for _path in PATHS:
    blueprint.add_url_rule(f"{PATH}/{_path}", view_func=events, methods=["GET"])
