"""Opening an account inside Pixelfed's app."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.client_address import client_address, neighbourhood
from api.documentation import documented
from api.pixelfed.paths import served
from api.responses import json_response
from node.errors import Forbidden, Invalid, NotFound
from node.runtime import runtime
from node.services import app_sign_up
from node.services.sign_up import SignUp

blueprint = Blueprint("pixelfed_sign_up", __name__)

APP_HEADER = "X-PIXELFED-APP"


class Preflight(msgspec.Struct, frozen=True):
    """Whether accounts may be opened at all, and in an app."""

    open: bool
    iara: bool


class AppSignUp(msgspec.Struct):
    """What somebody who wants an account fills in; `reason` where an admin accepts each is ours."""

    username: str = ""
    email: str = ""
    password: str = ""
    reason: str = ""


class Success(msgspec.Struct, frozen=True):
    """It worked."""

    success: bool = True


class LetterLink(msgspec.Struct):
    """What the link in the letter carries: who, the secret, and the address in Base64."""

    ut: str = ""
    rt: str = ""
    ea: str = ""


class Confirmation(msgspec.Struct):
    """What the link in the letter carried."""

    user_token: str = ""
    random_token: str = ""
    email: str = ""


class AppToken(msgspec.Struct, frozen=True):
    """The token of the app."""

    access_token: str


@served(blueprint, "GET", "/auth/iarpfc")
@documented(Preflight)
async def preflight() -> Response:
    """Whether an account may be opened in the app."""
    return json_response(Preflight(app_sign_up.is_open(), app_sign_up.is_open()))


@served(blueprint, "POST", "/auth/iar")
@documented(
    Success, body=AppSignUp, errors=(403, 404, 422), headers={APP_HEADER: "Must be there: it is an app that asks."}
)
async def sign_up() -> Response:
    """Open an account; a letter leads back into the app."""
    _check_app()
    wanted = await params.read(AppSignUp)
    address = client_address()
    form = SignUp(wanted.username, wanted.email, wanted.password, reason=wanted.reason, in_app=True, address=address)
    await app_sign_up.sign_up_in_app(form, ip_address=neighbourhood(address))
    return json_response(Success())


@served(blueprint, "GET", "/auth/iarer")
@documented(None, status=302, query=LetterLink, errors=(422,))
async def into_the_app() -> Response:
    """Where the link in the letter leads: on into the app, which confirms. Nothing is used up."""
    link = params.read_query(LetterLink)
    for name in ("ut", "rt", "ea"):
        if not getattr(link, name):
            raise Invalid(name, "can't be blank", code="ERR_BLANK")
    query = urlencode({"ut": link.ut, "rt": link.rt, "domain": runtime().settings.domain, "ea": link.ea})
    path = urlencode({"": link.ut}).removeprefix("=")
    return Response("", 302, {"Location": f"pixelfed://confirm-account/{path}?{query}"})


@served(blueprint, "POST", "/auth/iarc")
@documented(
    AppToken, body=Confirmation, errors=(403, 404, 422), headers={APP_HEADER: "Must be there: it is an app that asks."}
)
async def confirm() -> Response:
    """Confirm the address with what the letter's link carried; answers with the app's token."""
    _check_app()
    wanted = await params.read(Confirmation)
    for name in Confirmation.__struct_fields__:
        if not getattr(wanted, name):
            raise Invalid(name, "can't be blank", code="ERR_BLANK")
    issued = await app_sign_up.confirm_in_app(
        wanted.user_token,
        wanted.random_token,
        _address(wanted.email),
        ip_address=neighbourhood(client_address()),
    )
    return json_response(AppToken(issued.value), 200, {"Cache-Control": "no-store"})


def _check_app() -> None:
    if not app_sign_up.is_open():
        raise NotFound
    if APP_HEADER not in request.headers:
        raise Forbidden


def _address(written: str) -> str:
    """The address, which apps send as it is or in the Base64 of the link."""
    if "@" in written:
        return written
    try:
        return base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return written
