"""What pages are made of besides HTML: the style sheet and the icon. Their names change with their content."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from quart import Blueprint, Response

from node.services import site

blueprint = Blueprint("page_assets", __name__)

_FOLDER: Final = Path(__file__).parent
_FOR_GOOD: Final = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_STYLE: Final = (_FOLDER / "heliograph.css").read_bytes()
_ICON: Final = (_FOLDER / "icon.svg").read_bytes()


def _named(name: str, content: bytes, ending: str) -> str:
    return f"/assets/{name}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"


STYLE_PATH: Final = _named("heliograph", _STYLE, "css")
ICON_PATH: Final = _named("icon", _ICON, "svg")


@blueprint.get(STYLE_PATH)
async def style() -> Response:
    """The one style sheet."""
    return Response(_STYLE, 200, _FOR_GOOD, content_type="text/css; charset=utf-8")


@blueprint.get(ICON_PATH)
async def icon() -> Response:
    """The small picture of a node whose admins have chosen none."""
    return Response(_ICON, 200, _FOR_GOOD, content_type="image/svg+xml")


@blueprint.get("/favicon.ico")
async def favicon() -> Response:
    """Where browsers look for the icon of what is no page of ours."""
    chosen = (await site.read()).icon
    location = site.url(chosen) if chosen else ICON_PATH
    return Response("", 302, {"Location": location, "Cache-Control": "public, max-age=3600"})
