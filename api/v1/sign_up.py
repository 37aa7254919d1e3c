"""Signing up through an application, proving the address, and passwords."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import DISABLED, caller, requires
from api.client_address import client_address, neighbourhood
from api.documentation import Empty, documented
from api.oauth.tokens import Token, token_entity
from api.responses import empty, json_response
from node.errors import Forbidden
from node.models.accounts import User
from node.services import credentials, oauth, sign_up

blueprint = Blueprint("sign_up", __name__)


class SignUpParams(msgspec.Struct):
    """Mastodon's, with our `invite_code`."""

    username: str = ""
    email: str = ""
    password: str = ""
    agreement: bool = False
    locale: str = "en"
    reason: str = ""
    invite_code: str = ""


class EmailParams(msgspec.Struct):
    """An address, where one may be given."""

    email: str = ""


class CodeParams(msgspec.Struct):
    """The six digits from the letter."""

    code: str = ""


class PasswordParams(msgspec.Struct):
    """What changing or resetting a password takes."""

    current_password: str = ""
    password: str = ""
    token: str = ""


@blueprint.post("/api/v1/accounts")
@requires("write:accounts", person=False)
@documented(Token, body=SignUpParams, errors=(422,))
async def create_account() -> Response:
    """Open an account for whoever uses the application; its token works once the address is confirmed."""
    if caller().user_id is not None:
        raise Forbidden("This method requires an client credentials authentication")
    asked = await params.read(SignUpParams)
    user = await sign_up.sign_up(
        sign_up.SignUp(
            username=asked.username,
            email=asked.email,
            password=asked.password,
            reason=asked.reason,
            invite_code=asked.invite_code,
            locale=asked.locale,
            agreement=asked.agreement,
            address=client_address(),
            application_id=caller().application_id,
        )
    )
    issued = await oauth.token_for_new_user(caller().application_id, user)
    return json_response(token_entity(issued), 200, {"Cache-Control": "no-store"})


async def _person() -> User:
    """The caller, who may be unconfirmed but not disabled."""
    if caller().refusal == DISABLED:
        raise Forbidden(DISABLED)
    return await User.get(id=caller().user_id).select_related("account")


@blueprint.post("/api/v1/emails/confirmations")
@requires("write:accounts", allow_unconfirmed=True)
@documented(Empty, body=EmailParams, errors=(422,))
async def send_confirmation_again() -> Response:
    """Write once more to someone unconfirmed, at another address if one is given."""
    asked = await params.read(EmailParams)
    await sign_up.send_confirmation_again(await _person(), asked.email or None)
    return empty()


@blueprint.post("/api/v1/emails/confirmations/verify")
@requires("write:accounts", allow_unconfirmed=True)
@documented(Empty, body=CodeParams, errors=(404, 422))
async def confirm_by_code() -> Response:
    """Confirm the address with the six digits from the letter."""
    asked = await params.read(CodeParams)
    await sign_up.confirm_by_code(await _person(), asked.code)
    return empty()


@blueprint.get("/api/v1/emails/check_confirmation")
@requires("read:accounts", allow_unconfirmed=True)
@documented(bool)
async def check_confirmation() -> Response:
    """`true` once the address is confirmed."""
    return json_response((await _person()).confirmed_at is not None)


@blueprint.post("/api/v1/passwords/reset")
@documented(Empty, body=EmailParams, errors=(422,))
async def request_reset() -> Response:
    """Have a link for a new password sent; the same answer whether or not anybody has that address."""
    asked = await params.read(EmailParams)
    await credentials.request_reset(asked.email, ip_address=neighbourhood(client_address()))
    return empty()


@blueprint.post("/api/v1/passwords/reset/confirm")
@documented(Empty, body=PasswordParams, errors=(404, 422))
async def reset() -> Response:
    """Set a new password with the token from the letter's link."""
    asked = await params.read(PasswordParams)
    await credentials.reset_password(asked.token, asked.password, ip_address=neighbourhood(client_address()))
    return empty()


@blueprint.post("/api/v1/passwords/change")
@requires("write:accounts")
@documented(Empty, body=PasswordParams, errors=(422,))
async def change() -> Response:
    """Change the password; every other token and session ends, the one that asks goes on."""
    asked = await params.read(PasswordParams)
    await credentials.change_password(
        await _person(), asked.current_password, asked.password, keep_token=caller().token_id
    )
    return empty()
