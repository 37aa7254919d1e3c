"""Tokens: given (RFC 6749 §4.1.3, §4.4), taken back (RFC 7009), and whose they are (OpenID's userinfo)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import unquote_plus

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities.account import MISSING_AVATAR
from api.oauth.authorization_request import RESPONSE_MODES
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


class ClientParams(msgspec.Struct):
    """The application's name and secret, unless they come as HTTP Basic authentication."""

    client_id: str = ""
    client_secret: str = ""


class TokenParams(ClientParams):
    """`code`, `redirect_uri` and `code_verifier` belong to `authorization_code`, `scope` to `client_credentials`."""

    grant_type: str = ""
    code: str = ""
    redirect_uri: str = ""
    code_verifier: str | None = None
    scope: str = ""


class RevocationParams(ClientParams):
    """Which token is to end."""

    token: str = ""


class Token(msgspec.Struct):
    """Mastodon's Token: `scope` is a string, `created_at` in seconds, and it never expires."""

    access_token: str
    token_type: str
    scope: str
    created_at: int


class UserInfo(msgspec.Struct):
    """A person in OpenID Connect's words; `sub` is the ActivityPub id of their account."""

    iss: str
    sub: str
    name: str
    preferred_username: str
    profile: str
    picture: str


class ServerMetadata(msgspec.Struct):
    """What an authorization server tells of itself (RFC 8414), and where apps register."""

    issuer: str
    service_documentation: str
    authorization_endpoint: str
    token_endpoint: str
    app_registration_endpoint: str
    revocation_endpoint: str
    userinfo_endpoint: str
    scopes_supported: list[str]
    response_types_supported: list[str]
    response_modes_supported: list[str]
    grant_types_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    code_challenge_methods_supported: list[str]


def token_entity(issued: IssuedToken) -> Token:
    """A new token as the client gets it, once."""
    record = issued.record
    return Token(issued.value, "Bearer", " ".join(record.scopes), int(record.created_at.timestamp()))


@blueprint.post("/oauth/token")
@documented(Token, body=TokenParams, errors=(401, 403, 503))
async def give_token() -> Response:
    """A token for an authorisation code, or for the application itself.

    `grant_type` is `authorization_code` or `client_credentials`. The token does not expire. Errors are in RFC 6749's
    words: `invalid_request`, `invalid_client`, `invalid_grant`, `invalid_scope`, `unsupported_grant_type`.
    """
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
@documented(Empty, body=RevocationParams, errors=(403,))
async def revoke_token() -> Response:
    """End a token. An unknown one is as good as ended; another application's is refused."""
    asked = await params.read(RevocationParams)
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
@documented(UserInfo)
async def userinfo() -> Response:
    """Whose token this is, in OpenID Connect's words."""
    account = await acting_account()
    claims = UserInfo(
        iss=f"{urls.base()}/",
        sub=account.uri,
        name=account.display_name,
        preferred_username=account.username,
        profile=urls.profile(account.username),
        picture=urls.media(account.avatar_key) if account.avatar_key else f"{urls.base()}{MISSING_AVATAR}",
    )
    return json_response(claims, 200, _PRIVATE)


@blueprint.get("/.well-known/oauth-authorization-server")
@documented(ServerMetadata)
async def metadata() -> Response:
    """What this authorization server can do (RFC 8414)."""
    base = runtime().settings.base_url
    return json_response(
        ServerMetadata(
            issuer=f"{base}/",
            service_documentation=f"{base}/api/docs",
            authorization_endpoint=f"{base}/oauth/authorize",
            token_endpoint=f"{base}/oauth/token",
            app_registration_endpoint=f"{base}/api/v1/apps",
            revocation_endpoint=f"{base}/oauth/revoke",
            userinfo_endpoint=f"{base}/oauth/userinfo",
            scopes_supported=list(scopes.SCOPES),
            response_types_supported=["code"],
            response_modes_supported=list(RESPONSE_MODES),
            grant_types_supported=["authorization_code", "client_credentials"],
            token_endpoint_auth_methods_supported=["client_secret_basic", "client_secret_post"],
            code_challenge_methods_supported=["S256"],
        ),
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


def _client(asked: ClientParams) -> tuple[str, str]:
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
