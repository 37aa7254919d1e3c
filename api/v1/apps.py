"""Applications register themselves, and ask whether their token is good."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import caller, requires
from api.responses import json_response
from node import scopes
from node.errors import Invalid
from node.models.credentials import Application
from node.services import oauth

blueprint = Blueprint("apps", __name__)

NEVER = 0


class RegistrationParams(msgspec.Struct):
    """`redirect_uris` is a list, or one text with a URI a line."""

    client_name: str = ""
    redirect_uris: list[str] = []
    scopes: str = ""
    website: str | None = None


class ApplicationEntity(msgspec.Struct, omit_defaults=True):
    """Mastodon's Application, with the secret (CredentialApplication) right after registration."""

    id: str
    name: str
    website: str | msgspec.UnsetType | None
    scopes: list[str]
    redirect_uri: str
    redirect_uris: list[str]
    client_id: str | msgspec.UnsetType = msgspec.UNSET
    client_secret: str | msgspec.UnsetType = msgspec.UNSET
    client_secret_expires_at: int | msgspec.UnsetType = msgspec.UNSET


@blueprint.post("/api/v1/apps")
async def register() -> Response:
    """Register an application; anyone may."""
    asked = await params.read(RegistrationParams)
    wanted = scopes.parse(asked.scopes)
    if wanted is None:
        raise Invalid("scopes", "doesn't match configured on the server.")
    uris = [uri for line in asked.redirect_uris for uri in line.split()]
    made = await oauth.register(asked.client_name, uris, wanted or list(scopes.DEFAULT_SCOPES), asked.website)
    entity = _entity(made.application)
    entity.client_id = made.application.client_id
    entity.client_secret = made.client_secret
    entity.client_secret_expires_at = NEVER
    return json_response(entity)


@blueprint.get("/api/v1/apps/verify_credentials")
@requires(person=False)
async def verify_credentials() -> Response:
    """The application behind the token."""
    return json_response(_entity(await Application.get(id=caller().application_id)))


def _entity(application: Application) -> ApplicationEntity:
    return ApplicationEntity(
        id=str(application.id),
        name=application.name,
        website=application.website,
        scopes=application.scopes,
        redirect_uri="\n".join(application.redirect_uris),
        redirect_uris=application.redirect_uris,
    )
