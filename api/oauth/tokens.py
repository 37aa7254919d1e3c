"""Tokens: given (RFC 6749 §4.1.3, §4.4), taken back (RFC 7009), and whose they are (OpenID's userinfo)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.auth import acting_account, requires
from api.params import InvalidParameter
from api.responses import empty, json_response
from node import scopes, urls
from node.errors import Unavailable
from node.runtime import runtime
from node.services import oauth
from node.services.oauth import IssuedToken, OAuthRefusal

blueprint = Blueprint("oauth_tokens", __name__)

_STATUS = {"invalid_client": 401, "unauthorized_client": 403}
_PRIVATE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenParams(msgspec.Struct):
    """The parameters of both calls."""

    grant_type: str = ""
    client_id: str = ""
    client_secret: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str | None = None
    scope: str = ""
    token: str = ""


class Token(msgspec.Struct):
    """Mastodon's Token: `scope` is a string, `created_at` in seconds, and it never expires."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


def token_entity(issued: IssuedToken) -> Token:
    """A new token as the client gets it, once."""
    record = issued.record
    return Token(issued.value, "Bearer", " ".join(record.scopes), int(record.created_at.timestamp()))


@blueprint.post("/oauth/token")
async def give_token() -> Response:
    """A token for an authorisation code, or for the application itself."""
    asked = await params.read(TokenParams)
    if not asked.grant_type:
        raise OAuthRefusal("invalid_request", "Missing required parameter: grant_type.")
    if asked.grant_type not in ("authorization_code", "client_credentials"):
        raise OAuthRefusal("unsupported_grant_type")
    application = await oauth.authenticated_application(*_client(asked))
    if asked.grant_type == "client_credentials":
        wanted = scopes.parse(asked.scope)
        if wanted is None:
            raise OAuthRefusal("invalid_scope")
        issued = await oauth.token_for_application(application, wanted or list(scopes.DEFAULT_SCOPES))
        return json_response(token_entity(issued), 200, _PRIVATE)
    for name in ("code", "redirect_uri"):
        if not getattr(asked, name):
            raise OAuthRefusal("invalid_request", f"Missing required parameter: {name}.")
    issued = await oauth.exchange(
        application, code=asked.code, redirect_uri=asked.redirect_uri, verifier=asked.code_verifier or None
    )
    return json_response(token_entity(issued), 200, _PRIVATE)


@blueprint.post("/oauth/revoke")
async def revoke_token() -> Response:
    """End a token. An unknown one is as good as ended; another application's is refused."""
    asked = await params.read(TokenParams)
    if not asked.token:
        return empty()
    try:
        application = await oauth.authenticated_application(*_client(asked))
    except OAuthRefusal:
        raise OAuthRefusal("unauthorized_client") from None
    await oauth.revoke(application, asked.token)
    return empty()


@blueprint.route("/oauth/userinfo", methods=["GET", "POST"])
@requires("profile")
async def userinfo() -> Response:
    """Whose token this is, in OpenID Connect's words."""
    account = await acting_account()
    claims = {
        "iss": f"{urls.base()}/",
        "sub": account.uri,
        "name": account.display_name or account.username,
        "preferred_username": account.username,
        "profile": urls.profile(account.username),
    }
    if account.avatar_key:
        claims["picture"] = urls.media(account.avatar_key)
    return json_response(claims, 200, _PRIVATE)


@blueprint.get("/.well-known/oauth-authorization-server")
async def metadata() -> Response:
    """What this authorization server can do (RFC 8414)."""
    base = runtime().settings.base_url
    return json_response(
        {
            "issuer": f"{base}/",
            "service_documentation": f"{base}/api/docs",
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "userinfo_endpoint": f"{base}/oauth/userinfo",
            "app_registration_endpoint": f"{base}/api/v1/apps",
            "scopes_supported": scopes.SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        },
        200,
        {"Cache-Control": "public, max-age=3600"},
    )


@blueprint.errorhandler(OAuthRefusal)
async def refused(refusal: OAuthRefusal) -> Response:
    """The protocol's own shape of errors (RFC 6749 §5.2)."""
    status = _STATUS.get(refusal.code, 400)
    headers = {**_PRIVATE, "WWW-Authenticate": 'Basic realm="Heliograph"'} if status == 401 else _PRIVATE
    return json_response({"error": refusal.code, "error_description": refusal.message}, status, headers)


@blueprint.errorhandler(InvalidParameter)
async def invalid_parameter(error: InvalidParameter) -> Response:
    """A body that cannot be read, in the same shape."""
    return json_response({"error": "invalid_request", "error_description": str(error)}, 400, _PRIVATE)


@blueprint.errorhandler(Unavailable)
async def unavailable(error: Unavailable) -> Response:
    """Busy, in the same shape."""
    return json_response({"error": "temporarily_unavailable", "error_description": error.message}, 503, _PRIVATE)


def _client(asked: TokenParams) -> tuple[str, str]:
    """Name and secret of the application: from the header (RFC 6749 §2.3.1), or from the body."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return asked.client_id, asked.client_secret
    try:
        decoded = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthRefusal("invalid_client") from None
    client_id, _, client_secret = decoded.partition(":")
    return unquote_plus(client_id), unquote_plus(client_secret)
