"""The whole OpenAPI 3.1 document."""

from __future__ import annotations

from importlib import metadata
from typing import Any, Final

from quart import Quart

from api.oauth.scope_words import in_words
from api.openapi import errors
from api.openapi.operations import SECURITY, Dictionary, operation_of_call, types_of
from api.openapi.schemas import schemas_of
from api.openapi.surface import Call, calls
from api.openapi.tags import tag_names, tags_of
from node.scopes import SCOPES

_HEADERS: Final = {
    "X-RateLimit-Limit": ("How many calls are allowed in the present period.", {"type": "string"}),
    "X-RateLimit-Remaining": ("How many of them are left.", {"type": "string"}),
    "X-RateLimit-Reset": ("When the next period begins.", {"type": "string", "format": "date-time"}),
    "Link": ('The pages before (`rel="prev"`) and after (`rel="next"`); missing on an empty page.', {"type": "string"}),
    "Deprecation": (
        "`@` and the second since when another call takes this one's place (RFC 9745).",
        {"type": "string"},
    ),
    "RetryAfter": ("In how many seconds to come again.", {"type": "string"}),
}


def build(app: Quart, *, title: str, base_url: str) -> dict[str, Any]:
    """The document for the routes of `app`, served at `base_url`."""
    found = calls(app)
    tags = tags_of(found)
    names = tag_names(tags)
    known = Dictionary(*schemas_of([errors.Error, *(kind for call in found for kind in types_of(call))]))
    paths = _paths(found, names, known)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": metadata.version("heliograph"),
            "summary": "Mastodon's client API, with Pixelfed's extensions and Heliograph's own calls.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": base_url}],
        "externalDocs": {"description": "To read in a browser", "url": f"{base_url}/api/docs"},
        "tags": [{"name": tag.name, "description": tag.description} for tag in tags],
        "paths": paths,
        "components": {
            "schemas": known.components,
            "examples": dict(sorted(known.examples.items())),
            "responses": errors.responses(),
            "headers": {name: {"description": words, "schema": schema} for name, (words, schema) in _HEADERS.items()},
            "securitySchemes": {SECURITY: _security_scheme(base_url)},
        },
    }


def _paths(found: list[Call], names: dict[str, str], known: Dictionary) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for call in found:
        paths.setdefault(call.path, {})[call.method.lower()] = operation_of_call(call, names[call.blueprint], known)
    return paths


def _security_scheme(base_url: str) -> dict[str, Any]:
    scopes = {scope: (in_words([scope]) or [scope])[0] for scope in SCOPES}
    return {
        "type": "oauth2",
        "description": "A bearer token, of a person or of the app itself. It does not expire; it can be revoked.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": f"{base_url}/oauth/authorize",
                "tokenUrl": f"{base_url}/oauth/token",
                "scopes": scopes,
            },
            "clientCredentials": {"tokenUrl": f"{base_url}/oauth/token", "scopes": scopes},
        },
    }
