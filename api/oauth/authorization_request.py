"""What an application asks for when it sends somebody to the consent page (RFC 6749 §4.1.1, RFC 7636 §4.3).

Nothing is sent back to an address that is not, letter for letter, one the application registered; until that is known,
whatever is wrong is told to the person.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from node import scopes
from node.errors import Invalid
from node.models.credentials import Application
from node.services import oauth
from node.services.oauth import OUT_OF_BAND, OAuthRefusal

MAX_STATE = 4096
RESPONSE_MODES = ("query", "fragment")
NATIVE = "/oauth/authorize/native"


class AuthorizationParams(msgspec.Struct):
    """The parameters as they come."""

    client_id: str = ""
    redirect_uri: str = ""
    response_type: str = ""
    response_mode: str | None = None
    scope: str = ""
    state: str | None = None
    code_challenge: str | None = None
    code_challenge_method: str | None = None
    force_login: bool = False
    lang: str = ""

    def query(self) -> str:
        """The same as a query, without the wish to sign in anew: where to come back to once that was done."""
        values = msgspec.structs.asdict(self)
        kept = {name: value for name, value in values.items() if name != "force_login" and value not in (None, "")}
        return urlencode(kept)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that can be put before the person."""

    application: Application
    redirect_uri: str
    scopes: list[str]
    state: str | None
    code_challenge: str | None
    mark: str

    def granted(self, code: str) -> str:
        """Where to go with the code."""
        return _with(self.redirect_uri, self.mark, code=code, state=self.state)

    def denied(self) -> str:
        """Where to go when the person said no."""
        return _refused(self.redirect_uri, self.mark, OAuthRefusal("access_denied"), self.state)


class SendBack(Exception):
    """The request is refused, and the application is told at its own address: `location`."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


async def understand(params: AuthorizationParams) -> AuthorizationRequest:
    """Check a request.

    Raises `Invalid` for what only the person can be told (unknown application, foreign redirect URI), `SendBack` for
    the rest.
    """
    application = await oauth.find_application(params.client_id)
    if application is None:
        raise Invalid("client_id", "is of no application known here; it has to register first")
    if params.redirect_uri not in application.redirect_uris:
        raise Invalid("redirect_uri", "is not one the application registered")
    if params.state is not None and len(params.state) > MAX_STATE:
        raise Invalid("state", "is too long")
    mark = "#" if params.response_mode == "fragment" else "?"
    try:
        if params.response_mode and params.response_mode not in RESPONSE_MODES:
            raise OAuthRefusal("unsupported_response_mode")
        if params.response_type != "code":
            raise OAuthRefusal("unsupported_response_type")
        oauth.check_challenge(params.code_challenge or None, params.code_challenge_method or None)
        wanted = _scopes(params.scope)
        oauth.check_scopes(application, wanted)
    except OAuthRefusal as refusal:
        if params.redirect_uri == OUT_OF_BAND:
            raise Invalid("request", f"was refused: {refusal.message}") from None
        raise SendBack(_refused(params.redirect_uri, mark, refusal, params.state)) from None
    return AuthorizationRequest(
        application, params.redirect_uri, wanted, params.state, params.code_challenge or None, mark
    )


def _scopes(text: str) -> list[str]:
    wanted = scopes.parse(text)
    if wanted is None:
        raise OAuthRefusal("invalid_scope")
    return wanted or list(scopes.DEFAULT_SCOPES)


def _refused(redirect_uri: str, mark: str, refusal: OAuthRefusal, state: str | None) -> str:
    return _with(redirect_uri, mark, error=refusal.code, error_description=refusal.message, state=state)


def _with(redirect_uri: str, mark: str, **values: str | None) -> str:
    """`redirect_uri` with parameters added to those it has (RFC 6749 §4.1.2); our own page when it is out of band.

    `mark` is `?`, or `#` for those who asked for them in the fragment.
    """
    added = urlencode({name: value for name, value in values.items() if value is not None})
    if redirect_uri == OUT_OF_BAND:
        return f"{NATIVE}?{added}"
    return f"{redirect_uri}{'&' if mark in redirect_uri else mark}{added}"
