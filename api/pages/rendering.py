"""Templates to answers."""

from __future__ import annotations

import functools
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from quart import Response

from api.pages import browser
from api.pages.devices import device
from node import urls
from node.runtime import runtime
from node.text import plain_text

HTML = "text/html; charset=utf-8"
STYLE = (Path(__file__).parent / "heliograph.css").read_bytes()
STYLE_PATH = f"/assets/heliograph-{hashlib.sha256(STYLE).hexdigest()[:12]}.css"

_PLAIN = re.compile(r"[!-\[\]-~]+")
_NEXT = ("/oauth/authorize", "/settings")


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters["device"] = device
    environment.filters["plain"] = plain_text
    environment.filters["day"] = lambda moment: f"{moment:%-d %B %Y}"
    environment.filters["iso"] = lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return environment


async def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """`template` as an answer; it knows the instance, who is signed in, and how to make a form safe."""
    session = await browser.session()
    text = render(template, me=session.user.account if session else None, csrf_token=browser.csrf_token, **values)
    return Response(text, status, headers, content_type=HTML)


def render(template: str, **values: Any) -> str:
    """`template` as HTML; it knows the instance and its addresses."""
    return (
        _environment().get_template(template).render(instance=runtime().settings, style=STYLE_PATH, urls=urls, **values)
    )


def see_other(location: str, **query: str) -> Response:
    """Go on to another page of ours (303), with `query` parameters that are not empty."""
    kept = {name: value for name, value in query.items() if value}
    return Response("", 303, {"Location": f"{location}?{urlencode(kept)}" if kept else location})


def safe_next(wish: str) -> str:
    """Where to go on after signing in: `wish` if it is one of the few pages of ours that lead there, else nothing.

    Everything else, other sites above all, is refused: no open redirect.
    """
    if not wish.startswith("/") or not _PLAIN.fullmatch(wish):
        return ""
    try:
        parts = urlsplit(wish)
    except ValueError:
        return ""
    return wish if not parts.scheme and not parts.netloc and parts.path in _NEXT else ""
