"""Whether what is fetched in the background is there."""

from __future__ import annotations

from quart import Blueprint, Response

from api.auth import requires
from api.documentation import documented
from api.entities import thread
from api.entities.encoding import encode
from api.entities.thread import AsyncRefresh
from api.responses import json_response

blueprint = Blueprint("async_refreshes", __name__)


@blueprint.get("/api/v1_alpha/async_refreshes/<refresh_id>")
@requires("read")
@documented(AsyncRefresh, errors=(404,))
async def show(refresh_id: str) -> Response:
    """How far a refresh has come whose id a `Mastodon-Async-Refresh` header named."""
    return json_response(encode(await thread.refresh_state(refresh_id)))
