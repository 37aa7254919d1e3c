"""WebFinger (RFC 7033) documents and the host-meta that points to it (RFC 6415)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import quoteattr

from activitypub.parse.errors import ParseError
from activitypub.parse.reading import objects, text
from activitypub.parse.urls import url_or_none
from activitypub.types import Document, Link, WebFinger
from activitypub.vocabulary import ACTIVITY_JSON

MAX_LINKS = 50
MAX_ALIASES = 50
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
AVATAR = "http://webfinger.net/rel/avatar"


def parse_webfinger(document: Mapping[str, Any]) -> WebFinger:
    """Read a JRD; links without an http(s) ``href`` or a template are skipped. Raises ParseError without a ``subject``.

    That the actor points back to the subject is for the caller to check.
    """
    subject = text(document.get("subject"), 2048)
    if subject is None:
        raise ParseError("subject", "missing")
    aliases = document.get("aliases")
    urls = (url_or_none(alias) for alias in (aliases if isinstance(aliases, list) else [])[:MAX_ALIASES])
    links = (_link(link) for link in objects(document.get("links"), MAX_LINKS))
    return WebFinger(
        subject=subject,
        aliases=tuple(url for url in urls if url is not None),
        links=tuple(link for link in links if link is not None),
    )


def render_webfinger(webfinger: WebFinger) -> Document:
    """The JRD of one account."""
    return {
        "subject": webfinger.subject,
        "aliases": list(webfinger.aliases),
        "links": [render_link(link) for link in webfinger.links],
    }


def webfinger_of(
    acct: str, actor_id: str, *, profile_url: str | None = None, subscribe_template: str | None = None
) -> WebFinger:
    """The usual JRD of an account ``user@host``: the profile page and the actor as aliases and links."""
    page = [] if profile_url is None else [Link(rel=PROFILE_PAGE, href=profile_url, type="text/html")]
    subscribe = [] if subscribe_template is None else [Link(rel=SUBSCRIBE, template=subscribe_template)]
    return WebFinger(
        subject=f"acct:{acct}",
        aliases=tuple(alias for alias in (profile_url, actor_id) if alias is not None),
        links=(*page, Link(rel="self", href=actor_id, type=ACTIVITY_JSON), *subscribe),
    )


def render_host_meta(webfinger_template: str) -> str:
    """The XRD naming where WebFinger is asked: ``https://host/.well-known/webfinger?resource={uri}``."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">\n'
        f'  <Link rel="lrdd" type="application/jrd+json" template={quoteattr(webfinger_template)}/>\n'
        "</XRD>\n"
    )


def render_link(link: Link) -> Document:
    """One link of a JRD or NodeInfo index."""
    written = {"rel": link.rel, "type": link.type, "href": link.href, "template": link.template}
    return {key: value for key, value in written.items() if value is not None}


def _link(document: Mapping[str, Any]) -> Link | None:
    rel = text(document.get("rel"), 512)
    href = url_or_none(document.get("href"))
    template = text(document.get("template"), 2048)
    if template is not None and url_or_none(template.replace("{", "").replace("}", "")) is None:
        template = None
    if rel is None or (href is None and template is None):
        return None
    return Link(rel=rel, href=href, type=text(document.get("type"), 200), template=template)
