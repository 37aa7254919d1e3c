"""OAuth 2: applications register, people authorise them, codes become tokens (RFC 6749, 7009, 7636).

Mastodon's rules where the RFCs leave a choice: every application has a secret, tokens do not expire, there is no
refresh. PKCE is optional and S256 alone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from node import clock, db
from node.errors import DomainError, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import User
from node.models.credentials import AccessToken, Application, AuthorizationGrant
from node.models.fields import to_milliseconds
from node.scopes import covers
from node.secrecy import hash_token, new_token
from node.services.access import announce_change
from node.text import clean_line

OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"
CODE_LIFETIME = timedelta(minutes=10)
KEEP_USED_CODES = timedelta(days=1)
MOST_REDIRECT_URIS = 20
MOST_TOKENS_OF_ONE_APPLICATION = 30
MAX_URI_LENGTH = 2000

_FORBIDDEN_SCHEMES = frozenset(("javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"))
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]*")
_CLIENT_ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_\-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")

_DESCRIPTIONS = {
    "invalid_client": "Client authentication failed due to unknown client, no client authentication included, or"
    " unsupported authentication method.",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the redirection URI"
    " used in the authorization request, or was issued to another client.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "unauthorized_client": "You are not authorized to revoke this token",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "unsupported_response_mode": "The authorization server does not support this response mode.",
    "unsupported_response_type": "The authorization server does not support this response type.",
    "access_denied": "The resource owner or authorization server denied the request.",
}


class OAuthRefusal(DomainError):
    """A request of the protocol is refused; `code` is the word of RFC 6749 §4.1.2.1 and §5.2 for it."""

    def __init__(self, code: str, description: str | None = None) -> None:
        super().__init__(description or _DESCRIPTIONS[code])
        self.code = code


@dataclass(frozen=True, slots=True)
class Registration:
    """A new application, and its secret, which is shown this once."""

    application: Application
    client_secret: str


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token, and its value, which is shown this once."""

    record: AccessToken
    value: str


async def register(
    name: str, redirect_uris: Collection[str], scopes: Collection[str], website: str | None = None
) -> Registration:
    """Register an application. `scopes` are known ones (`node.scopes.parse`). Raises `Invalid`."""
    name = clean_line(name)
    if not name:
        raise Invalid("client_name", "can't be blank", code="ERR_BLANK")
    if len(name) > 60:
        raise Invalid("client_name", "is too long (maximum is 60 characters)", code="ERR_TOO_LONG")
    uris = list(dict.fromkeys(redirect_uris))
    if not uris:
        raise Invalid("redirect_uri", "can't be blank", code="ERR_BLANK")
    if len(uris) > MOST_REDIRECT_URIS:
        raise Invalid("redirect_uri", f"must not be more than {MOST_REDIRECT_URIS}")
    for uri in uris:
        _check_redirect_uri(uri)
    secret = new_token()
    application = await Application.create(
        id=new_id(),
        client_id=new_token(),
        secret_hash=hash_token(secret),
        name=name,
        website=_website(website),
        redirect_uris=uris,
        scopes=list(scopes),
    )
    return Registration(application, secret)


def _check_redirect_uri(uri: str) -> None:
    """Absolute, without fragment (RFC 6749 §3.1.2), and of no scheme a browser would run or read files by."""
    if uri == OUT_OF_BAND:
        return
    if len(uri) > MAX_URI_LENGTH or not _URI.fullmatch(uri):
        raise Invalid("redirect_uri", "must be an absolute URI without a fragment")
    scheme, _, rest = uri.partition(":")
    if scheme.lower() in _FORBIDDEN_SCHEMES:
        raise Invalid("redirect_uri", "is forbidden by the server")
    if scheme.lower() in ("http", "https") and not (rest.startswith("//") and _host(uri)):
        raise Invalid("redirect_uri", "must be an absolute URI without a fragment")


def _host(uri: str) -> str | None:
    try:
        parts = urlsplit(uri)
        return parts.hostname if parts.username is None and parts.password is None else None
    except ValueError:
        return None


def _website(website: str | None) -> str | None:
    if not website:
        return None
    is_web_address = website.lower().startswith(("https://", "http://")) and _URI.fullmatch(website) and _host(website)
    if len(website) > MAX_URI_LENGTH or not is_web_address:
        raise Invalid("website", "is not a valid URL")
    return website


async def find_application(client_id: str) -> Application | None:
    """The application that calls itself `client_id`."""
    return await Application.get_or_none(client_id=client_id) if _CLIENT_ID.fullmatch(client_id) else None


async def authenticated_application(client_id: str, client_secret: str) -> Application:
    """The application that proves itself with its secret. Raises `OAuthRefusal` (`invalid_client`)."""
    application = await find_application(client_id)
    kept = application.secret_hash if application else hash_token("")
    if not hmac.compare_digest(kept, hash_token(client_secret)) or application is None:
        raise OAuthRefusal("invalid_client")
    return application


def check_challenge(challenge: str | None, method: str | None) -> None:
    """Refuse a PKCE challenge that is malformed or not made by S256 (RFC 7636 §4.4.1). Raises `OAuthRefusal`."""
    if challenge is None and method is None:
        return
    if method != "S256":
        raise OAuthRefusal("invalid_request", "The code challenge method must be S256.")
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise OAuthRefusal("invalid_request", "The code challenge is missing or malformed.")


async def authorise(
    user: User, application: Application, *, redirect_uri: str, scopes: list[str], code_challenge: str | None
) -> str:
    """`user` lets `application` act within `scopes`: returns the authorisation code, good once, for ten minutes."""
    code = new_token()
    await AuthorizationGrant.create(
        id=new_id(),
        code_hash=hash_token(code),
        application_id=application.id,
        user_id=user.id,
        redirect_uri=redirect_uri,
        scopes=scopes,
        code_challenge=code_challenge,
        expires_at=clock.now() + CODE_LIFETIME,
    )
    return code


async def exchange(application: Application, *, code: str, redirect_uri: str, verifier: str | None) -> IssuedToken:
    """Turn an authorisation code into a token. Raises `OAuthRefusal` (`invalid_grant`).

    A code that comes a second time was seen by somebody else, so the token it gave ends too (RFC 6749 §4.1.2).
    """
    grant = await AuthorizationGrant.get_or_none(code_hash=hash_token(code), application_id=application.id)
    if grant is None:
        raise OAuthRefusal("invalid_grant")
    if grant.used_at is not None:
        await _take_back(grant)
        raise OAuthRefusal("invalid_grant")
    fits = grant.expires_at > clock.now() and grant.redirect_uri == redirect_uri
    if not fits or not _verifies(grant.code_challenge, verifier):
        raise OAuthRefusal("invalid_grant")
    issued = _new_token(application.id, grant.user_id, grant.scopes)
    async with db.transaction():
        won = await db.execute(
            "UPDATE authorization_grants SET used_at = ?, access_token_id = ? WHERE id = ? AND used_at IS NULL",
            (to_milliseconds(clock.now()), issued.record.id, grant.id),
        )
        if won:
            await issued.record.save(force_create=True)
            await _end_oldest_tokens(application.id, grant.user_id)
    if not won:
        await _take_back(await AuthorizationGrant.get(id=grant.id))
        raise OAuthRefusal("invalid_grant")
    return issued


def _verifies(challenge: str | None, verifier: str | None) -> bool:
    """RFC 7636 §4.6. A verifier without a challenge is refused too: somebody took the challenge out on the way."""
    if challenge is None or verifier is None:
        return challenge is None and verifier is None
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return hmac.compare_digest(base64.urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)


async def _take_back(grant: AuthorizationGrant) -> None:
    async with db.transaction():
        await AccessToken.filter(id=grant.access_token_id).delete()
        announce_change(grant.user_id)


async def token_for_application(application: Application, scopes: list[str]) -> IssuedToken:
    """A token of the application itself, without a person. Raises `OAuthRefusal` (`invalid_scope`)."""
    check_scopes(application, scopes)
    issued = _new_token(application.id, None, scopes)
    await issued.record.save(force_create=True)
    return issued


async def token_for_new_user(application_id: int, user: User, scopes: list[str] | None = None) -> IssuedToken:
    """The token an application gets for the account it has just signed up: with these, or all, of its scopes."""
    application = await Application.get(id=application_id)
    issued = _new_token(application.id, user.id, application.scopes if scopes is None else scopes)
    await issued.record.save(force_create=True)
    return issued


def check_scopes(application: Application, scopes: Collection[str]) -> None:
    """Refuse scopes wider than those the application registered for. Raises `OAuthRefusal` (`invalid_scope`)."""
    if not all(covers(application.scopes, scope) for scope in scopes):
        raise OAuthRefusal("invalid_scope")


def _new_token(application_id: int, user_id: int | None, scopes: list[str]) -> IssuedToken:
    value = new_token()
    record = AccessToken(
        id=new_id(),
        token_hash=hash_token(value),
        application_id=application_id,
        user_id=user_id,
        scopes=scopes,
        created_at=clock.now(),
    )
    return IssuedToken(record, value)


async def _end_oldest_tokens(application_id: int, user_id: int) -> None:
    """Someone who signs in again and again leaves no endless row of tokens behind."""
    await db.execute(
        "DELETE FROM access_tokens WHERE application_id = ? AND user_id = ? AND id NOT IN"
        " (SELECT id FROM access_tokens WHERE application_id = ? AND user_id = ? ORDER BY id DESC LIMIT ?)",
        (application_id, user_id, application_id, user_id, MOST_TOKENS_OF_ONE_APPLICATION),
    )
    announce_change(user_id)


async def revoke(application: Application | None, token: str) -> None:
    """End a token at its application's wish (RFC 7009). An unknown token is as good as ended.

    Raises `OAuthRefusal` (`unauthorized_client`) when it is another application's.
    """
    record = await AccessToken.get_or_none(token_hash=hash_token(token))
    if application is None or (record is not None and record.application_id != application.id):
        raise OAuthRefusal("unauthorized_client")
    if record is not None:
        async with db.transaction():
            await AccessToken.filter(id=record.id).delete()
            announce_change(record.user_id)


@dataclass(frozen=True, slots=True)
class AuthorisedApplication:
    """An application somebody has let in, with everything its tokens may do.

    `since` the oldest of its tokens; `last_used_at` to the hour, `None` before the first call.
    """

    id: int
    name: str
    website: str | None
    scopes: tuple[str, ...]
    since: datetime
    last_used_at: datetime | None


async def authorised_applications(user: User) -> list[AuthorisedApplication]:
    """The applications that hold tokens of `user`, by name; at most 200 tokens are looked at, newest first."""
    tokens = await AccessToken.filter(user_id=user.id).order_by("-id").limit(200).select_related("application")
    held: dict[int, list[AccessToken]] = {}
    for token in tokens:
        held.setdefault(token.application_id, []).append(token)
    return sorted((_authorised(of_one) for of_one in held.values()), key=lambda app: app.name.casefold())


def _authorised(tokens: list[AccessToken]) -> AuthorisedApplication:
    """What an application may do by these tokens, newest first."""
    application = tokens[0].application
    return AuthorisedApplication(
        application.id,
        application.name,
        application.website,
        tuple(dict.fromkeys(scope for token in tokens for scope in token.scopes)),
        tokens[-1].created_at,
        max((token.last_used_at for token in tokens if token.last_used_at), default=None),
    )


async def newest_tokens(user: User, limit: int) -> list[AccessToken]:
    """The newest tokens of `user`, with their `application`."""
    return await AccessToken.filter(user_id=user.id).order_by("-id").limit(limit).select_related("application")


async def withdraw(user: User, application_id: int) -> None:
    """End every token and code an application has of `user`. Raises `NotFound` when it has none."""
    async with db.transaction():
        ended = await AccessToken.filter(user_id=user.id, application_id=application_id).delete()
        ended += await AuthorizationGrant.filter(user_id=user.id, application_id=application_id).delete()
        if not ended:
            raise NotFound()
        announce_change(user.id)


async def forget_expired() -> int:
    """Delete codes that were used or ran out a day ago. Returns how many."""
    before = to_milliseconds(clock.now() - KEEP_USED_CODES)
    return await db.execute("DELETE FROM authorization_grants WHERE expires_at < ?", (before,))
