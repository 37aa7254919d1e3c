"""Host-meta (RFC 6415): the XML that says where a host answers WebFinger when it is not at the usual place."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote
from xml.parsers import expat

from activitypub.parse.errors import ParseError
from activitypub.parse.urls import absolute_url

MAX_BYTES: Final = 64 * 1024
_LINK: Final = "http://docs.oasis-open.org/ns/xri/xrd-1.0 Link"
_PLACE: Final = "{uri}"
_JSON: Final = ("", "application/jrd+json", "application/json")


def parse_host_meta(data: bytes) -> str:
    """The template of WebFinger's address, with `{uri}` for the resource. Raises `ParseError`.

    A document type is refused before anything it declares is read, so there are no entities, inside or out. Of several
    templates one for JSON comes first.
    """
    if len(data) > MAX_BYTES:
        raise ParseError("", "host-meta is too long")
    found: list[tuple[str, str]] = []

    def opened(name: str, attributes: dict[str, str]) -> None:
        template = attributes.get("template", "")
        if name == _LINK and attributes.get("rel") == "lrdd" and _PLACE in template:
            found.append((attributes.get("type", ""), template))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = opened
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(data, True)
    except ParseError:
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        # An encoding that is none, or one that expat cannot do, is no ExpatError.
        raise ParseError("", "host-meta is not XML") from error
    for media_type, template in sorted(found, key=lambda link: link[0] not in _JSON):
        if media_type in _JSON or media_type == "application/xrd+xml":
            absolute_url(template.replace(_PLACE, ""), "template")
            return template
    raise ParseError("template", "missing")


def fill_template(template: str, resource: str) -> str:
    """The address that a template (`parse_host_meta`) gives for a resource."""
    return template.replace(_PLACE, quote(resource, safe=""))


def _refuse(*_: Any) -> None:
    raise ParseError("", "host-meta has a document type")
