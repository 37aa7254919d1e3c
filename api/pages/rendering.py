"""Templates to answers."""

from __future__ import annotations

import functools
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from quart import Response

from api.oauth.scope_words import in_words
from api.pages import browser
from api.pages.assets import ICON_PATH, STYLE_PATH
from api.pages.devices import device
from node import urls
from node.runtime import runtime
from node.services import site
from node.text import plain_text

HTML = "text/html; charset=utf-8"

_PLAIN = re.compile(r"[!-\[\]-~]+")
_NEXT = (
    "/oauth/authorize",
    "/settings",
    "/settings/delete-account",
    "/settings/move",
    "/severed_relationships",
    "/admin/federation",
)
_HEADING = re.compile(r"<(/?)h([1-6])>")


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
    environment.filters["in_words"] = in_words
    environment.filters["plain"] = plain_text
    environment.filters["day"] = lambda moment: f"{moment:%-d %B %Y}"
    environment.filters["iso"] = lambda moment: f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return environment


async def page(template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Response:
    """`template` as an answer; it knows the instance, who is signed in, and how to make a form safe."""
    session = await browser.session()
    place = await site.read()
    known = {
        "me": session.user.account if session else None,
        "csrf_token": browser.csrf_token,
        "has_terms": bool(place.terms),
        "icon": site.url(place.icon) if place.icon else ICON_PATH,
    }
    return Response(render(template, **(known | values)), status, headers, content_type=HTML)


def render(template: str, **values: Any) -> str:
    """`template` as HTML; it knows the instance and its addresses."""
    known = {"instance": runtime().settings, "style": STYLE_PATH, "icon": ICON_PATH, "urls": urls, "has_terms": False}
    return _environment().get_template(template).render(**(known | values))


def text_of_admins(html: str) -> Markup:
    """A text of the admins, made safe where it was read, for a page that has the one great heading already."""
    if "<h1>" in html:
        html = _HEADING.sub(lambda found: f"<{found[1]}h{min(int(found[2]) + 1, 6)}>", html)
    return Markup(html)  # noqa: S704


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
