"""Opening an account in Pixelfed's newer app: with the code that was written to the address, before there is an account."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from quart import Blueprint, Response

from api import params
from api.client_address import client_address, neighbourhood
from api.documentation import documented
from api.entities import account
from api.entities.account import Account
from api.responses import json_response
from node import scopes
from node.errors import Invalid, NotFound, RateLimited
from node.models.credentials import Application
from node.runtime import runtime
from node.services import app_sign_up, oauth, proven_addresses
from node.services.oauth import OAuthRefusal
from node.services.sign_up import SignUp

blueprint = Blueprint("pixelfed_onboarding", __name__)

LOCKED = "Too many verification attempts. Please request a new code."
WRONG_CODE = "Invalid or expired verification code."
LIFETIME = 365 * 24 * 3600
"""What the app is told of its token, which in truth goes on as long as it is used."""
_CODE = re.compile(r"[0-9]{6}")


class Proof(msgspec.Struct):
    """An address and the six digits that were written to it."""

    email: str = ""
    verify_code: str = ""


Asked = TypeVar("Asked", bound="Proof")


class Newcomer(Proof):
    """What somebody new fills in. `client_id` and `client_secret` are the app's, if it has registered itself; `reason`,
    where an admin accepts each account, is ours."""

    username: str = ""
    name: str = ""
    password: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    reason: str = ""


class Outcome(msgspec.Struct, omit_defaults=True):
    """`status` is `success` or `error`; of an error, which (`code`) and what to tell the person."""

    status: str
    code: str | None = None
    message: str | None = None


class NewUser(msgspec.Struct):
    """Who has just arrived: `pid` is the account's id."""

    pid: str
    username: str


class Onboarded(msgspec.Struct):
    """The token of the app, with the new account. The secret comes with an application that was made for it."""

    status: str
    token_type: str
    domain: str
    expires_in: int
    access_token: str
    refresh_token: str | None
    client_id: str
    client_secret: str | None
    scope: list[str]
    user: NewUser
    account: Account


@blueprint.post("/api/auth/app-code-verify")
@documented(Outcome, body=Proof, errors=(404, 422, 429))
async def verify_code() -> Response:
    """Whether it is the right code, which goes on working; each wrong one costs one of five attempts."""
    proof = await _read(Proof)
    try:
        return json_response(Outcome("success" if await _is_proven(proof) else "error"))
    except RateLimited:
        return json_response(Outcome("error", message=LOCKED), 429)


@blueprint.post("/api/auth/onboarding")
@documented(Onboarded, body=Newcomer, errors=(401, 403, 404, 422, 429))
async def onboard() -> Response:
    """Open the account; the code is used up. A code that is wrong is told with 200 and `status: error`."""
    asked = await _read(Newcomer)
    wanted = scopes.parse(asked.scope) or (None if asked.scope.strip() else list(app_sign_up.SCOPES))
    if wanted is None:
        return _error(422, "invalid_scope", "Invalid scope.")
    try:
        application = await _application(asked, wanted)
    except OAuthRefusal as refusal:
        if refusal.code == "invalid_scope":
            return _error(422, "invalid_scope", "Invalid scope.")
        return _error(401, "invalid_client", "Invalid client credentials.")
    try:
        if not await _is_proven(asked):
            return _error(200, "invalid_code", WRONG_CODE)
    except RateLimited:
        return _error(429, "locked", LOCKED)
    form = SignUp(asked.username, asked.email, asked.password, reason=asked.reason, address=client_address())
    arrival = await app_sign_up.arrive(form, asked.name, application=application, scopes=wanted)
    body: dict[str, Any] = {
        "status": "success",
        "token_type": "Bearer",
        "domain": runtime().settings.domain,
        "expires_in": LIFETIME,
        "access_token": arrival.token.value,
        "refresh_token": None,
        "client_id": arrival.application.client_id,
        "client_secret": arrival.client_secret,
        "scope": wanted,
        "user": NewUser(str(arrival.account.id), arrival.account.username),
        "account": msgspec.Raw(await account.one(arrival.account.id)),
    }
    return json_response(body, 200, {"Cache-Control": "no-store"})


async def _read(kind: type[Asked]) -> Asked:
    if not app_sign_up.is_open():
        raise NotFound
    asked = await params.read(kind)
    for name in ("email", "verify_code"):
        if not getattr(asked, name).strip():
            raise Invalid(name, "can't be blank", code="ERR_BLANK")
    if not _CODE.fullmatch(asked.verify_code.strip()):
        raise Invalid("verify_code", "must be six digits")
    return asked


async def _is_proven(proof: Proof) -> bool:
    who = neighbourhood(client_address())
    return await proven_addresses.is_proven(proof.email, proof.verify_code.strip(), ip_address=who)


async def _application(asked: Newcomer, wanted: list[str]) -> Application | None:
    """The app that asks, if it has registered itself. Raises `OAuthRefusal`."""
    if not asked.client_id and not asked.client_secret:
        oauth_scopes = list(app_sign_up.SCOPES)
        if not all(scopes.covers(oauth_scopes, scope) for scope in wanted):
            raise OAuthRefusal("invalid_scope")
        return None
    application = await oauth.authenticated_application(asked.client_id, asked.client_secret)
    oauth.check_scopes(application, wanted)
    return application


def _error(status: int, code: str, message: str) -> Response:
    return json_response(Outcome("error", code, message), status)
