"""NodeInfo 2.0 and 2.1, and the index that points to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from activitypub.parse.errors import ParseError
from activitypub.parse.reading import count, flag, members, objects, text
from activitypub.parse.urls import url_or_none
from activitypub.types import Document, Link, NodeInfo

INSTANCE_ACTOR = "https://www.w3.org/ns/activitystreams#Application"
"""``rel`` of the instance actor in the index (FEP-2677)."""

_SCHEMA = "http://nodeinfo.diaspora.software/ns/schema/"
_SOFTWARE_NAME = re.compile(r"[a-z0-9-]{1,100}")
_NAMED_METADATA = ("nodeName", "nodeDescription", "staffAccounts")


def media_type_of(version: Literal["2.0", "2.1"]) -> str:
    """The content type a NodeInfo document is served with."""
    return f'application/json; profile="{_SCHEMA}{version}#"'


def parse_nodeinfo_links(document: Mapping[str, Any]) -> tuple[Link, ...]:
    """The http(s) links of ``/.well-known/nodeinfo``, newest schema first. Raises ParseError when there is none."""
    links = [
        Link(rel=rel, href=href)
        for link in objects(document.get("links"), 20)
        if (rel := text(link.get("rel"), 512)) and (href := url_or_none(link.get("href")))
    ]
    schemas = sorted((link for link in links if link.rel.startswith(_SCHEMA)), key=lambda link: link.rel, reverse=True)
    if not schemas:
        raise ParseError("links", "no NodeInfo among them")
    return (*schemas, *(link for link in links if link not in schemas))


def render_nodeinfo_links(hrefs: Mapping[Literal["2.0", "2.1"], str], instance_actor: str | None = None) -> Document:
    """The index: where each version is, and the instance actor (FEP-2677)."""
    links: list[Document] = [{"rel": f"{_SCHEMA}{version}", "href": href} for version, href in hrefs.items()]
    if instance_actor is not None:
        links.append({"rel": INSTANCE_ACTOR, "href": instance_actor})
    return {"links": links}


def parse_nodeinfo(document: Mapping[str, Any]) -> NodeInfo:
    """Read a NodeInfo document of any 1.x or 2.x version. Raises ParseError without ``software.name``.

    The software's name is put in lower case; one that the schema does not allow is refused.
    """
    software = _mapping(document, "software")
    name = (text(software.get("name"), 200) or "").strip().lower()
    if not _SOFTWARE_NAME.fullmatch(name):
        raise ParseError("software.name", "missing or not of a-z, 0-9 and -")
    usage = _mapping(document, "usage")
    users = _mapping(usage, "users")
    metadata = _mapping(document, "metadata")
    staff = (text(account, 2048) for account in members(metadata.get("staffAccounts"), 50))
    return NodeInfo(
        version=text(document.get("version"), 10) or "2.0",
        software_name=name,
        software_version=text(software.get("version"), 200) or "",
        software_repository=url_or_none(software.get("repository")),
        software_homepage=url_or_none(software.get("homepage")),
        protocols=_protocols(document.get("protocols")),
        open_registrations=flag(document.get("openRegistrations")),
        users_total=count(users.get("total")),
        users_active_month=count(users.get("activeMonth")),
        users_active_half_year=count(users.get("activeHalfyear")),
        local_posts=count(usage.get("localPosts")),
        local_comments=count(usage.get("localComments")),
        node_name=text(metadata.get("nodeName"), 500),
        node_description=text(metadata.get("nodeDescription"), 5000),
        staff_accounts=tuple(account for account in staff if account is not None),
    )


def render_nodeinfo(nodeinfo: NodeInfo, version: Literal["2.0", "2.1"] | None = None) -> Document:
    """The document in ``version`` (default: its own). 2.0 knows neither ``repository`` nor ``homepage``.

    ``metadata`` of the value is written beside the named entries, which win.
    """
    written_version = version or nodeinfo.version
    software = {"name": nodeinfo.software_name, "version": nodeinfo.software_version}
    if written_version != "2.0":
        software |= _stated(repository=nodeinfo.software_repository, homepage=nodeinfo.software_homepage)
    users = _stated(
        total=nodeinfo.users_total,
        activeMonth=nodeinfo.users_active_month,
        activeHalfyear=nodeinfo.users_active_half_year,
    )
    return {
        "version": written_version,
        "software": software,
        "protocols": list(nodeinfo.protocols),
        "services": {"inbound": [], "outbound": []},
        "usage": {
            "users": users,
            **_stated(localPosts=nodeinfo.local_posts, localComments=nodeinfo.local_comments),
        },
        "openRegistrations": nodeinfo.open_registrations,
        "metadata": {
            **{key: value for key, value in nodeinfo.metadata.items() if key not in _NAMED_METADATA},
            **_stated(nodeName=nodeinfo.node_name, nodeDescription=nodeinfo.node_description),
            "staffAccounts": list(nodeinfo.staff_accounts),
        },
    }


def _mapping(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, Mapping) else {}


def _protocols(value: object) -> tuple[str, ...]:
    """A list of names; NodeInfo 1.0 had them under ``inbound``."""
    if isinstance(value, Mapping):
        value = value.get("inbound")
    return tuple(name for protocol in members(value, 20) if (name := text(protocol, 100)))


def _stated(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
