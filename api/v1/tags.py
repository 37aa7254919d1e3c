"""Hashtags."""

from __future__ import annotations

from quart import Blueprint, Response

from api.auth import allows, viewer_id
from api.entities import tag
from api.responses import json_response
from node.errors import NotFound
from node.text import clean_line, hashtag_name

blueprint = Blueprint("tags", __name__)


@blueprint.get("/api/v1/tags/<name>")
@allows("read")
async def show(name: str) -> Response:
    """A hashtag, used yet or not."""
    known = hashtag_name(clean_line(name))
    if not known or " " in known:
        raise NotFound
    return json_response(tag.render(known, signed_in=viewer_id() is not None))
