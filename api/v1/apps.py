"""Applications register themselves, and ask whether their token is good."""

from __future__ import annotations

from typing import Any

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import caller, requires
from api.documentation import documented
from api.responses import json_response
from node import scopes
from node.errors import Invalid
from node.models.credentials import Application
from node.runtime import runtime
from node.services import oauth

blueprint = Blueprint("apps", __name__)

NEVER = 0


class RegistrationParams(msgspec.Struct):
    """`redirect_uris` is a list, or one text with a URI a line."""

    client_name: str = ""
    redirect_uris: list[str] = []
    scopes: str = ""
    website: str | None = None


class RegisteredApplication(msgspec.Struct, kw_only=True):
    """Mastodon's Application, as the app itself sees it."""

    id: str
    name: str
    website: str | None
    scopes: list[str]
    redirect_uri: str
    redirect_uris: list[str]
    vapid_key: str


class CredentialApplication(RegisteredApplication, kw_only=True):
    """The same right after registration, with the secret, which is shown this once and never expires (`0`)."""

    client_id: str
    client_secret: str
    client_secret_expires_at: int


@blueprint.post("/api/v1/apps")
@documented(CredentialApplication, body=RegistrationParams, errors=(422,))
async def register() -> Response:
    """Register an application; anyone may, without a token.

    `scopes` are the most that its tokens may have; `read` when none are named.
    """
    asked = await params.read(RegistrationParams)
    wanted = scopes.parse(asked.scopes)
    if wanted is None:
        raise Invalid("scopes", "doesn't match configured on the server.")
    uris = [uri for line in asked.redirect_uris for uri in line.split()]
    made = await oauth.register(asked.client_name, uris, wanted or list(scopes.DEFAULT_SCOPES), asked.website)
    return json_response(
        CredentialApplication(
            **_described(made.application),
            client_id=made.application.client_id,
            client_secret=made.client_secret,
            client_secret_expires_at=NEVER,
        )
    )


@blueprint.get("/api/v1/apps/verify_credentials")
@requires(person=False)
@documented(RegisteredApplication)
async def verify_credentials() -> Response:
    """The application behind the token."""
    return json_response(RegisteredApplication(**_described(await Application.get(id=caller().application_id))))


def _described(application: Application) -> dict[str, Any]:
    return {
        "id": str(application.id),
        "name": application.name,
        "website": application.website,
        "scopes": application.scopes,
        "redirect_uri": "\n".join(application.redirect_uris),
        "redirect_uris": application.redirect_uris,
        "vapid_key": runtime().vapid_public_key,
    }
