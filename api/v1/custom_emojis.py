"""The custom emojis of this node."""

from __future__ import annotations

from quart import Blueprint, Response

from api.documentation import documented
from api.entities import emoji
from api.entities.emoji import CustomEmoji
from api.responses import json_response
from node.queries import emojis

blueprint = Blueprint("custom_emojis", __name__)


@blueprint.get("/api/v1/custom_emojis")
@documented(list[CustomEmoji])
async def offered() -> Response:
    """The custom emojis of this node that may be used, with the category they stand under in a picker."""
    return json_response([emoji.render(row, with_category=True) for row in await emojis.offered()])
