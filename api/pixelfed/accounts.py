"""Accounts: the caller's picture and password, where they are signed in, and other people found."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, caller, requires
from api.client_address import client_address
from api.documentation import documented
from api.entities import account, status
from api.entities.account import Account
from api.entities.encoding import iso
from api.entities.status import Status
from api.me import my_id, my_user_id
from api.pages.devices import device, is_mobile
from api.pagination import STATUSES, Page
from api.pixelfed.paths import served
from api.responses import json_list, json_response
from api.uploads import uploaded_files
from api.v1 import timelines as timeline_routes
from node.errors import Invalid, NotFound
from node.models.accounts import User
from node.models.fields import to_milliseconds
from node.queries import accounts as account_queries
from node.queries import timelines
from node.runtime import runtime
from node.services import accounts, credentials, oauth, one_time_secrets, sessions

blueprint = Blueprint("pixelfed_accounts", __name__)

MAX_SESSIONS: Final = 10
MAX_APPLICATIONS: Final = 10
MAX_MUTUALS: Final = 24
_SUBJECTS: Final = {
    one_time_secrets.CONFIRM_EMAIL: ("Email Verification", "Confirm Email"),
    one_time_secrets.RESET_PASSWORD: ("Password Reset", "Reset Password Notification"),
}


class Done(msgspec.Struct, frozen=True):
    """It worked."""

    msg: str
    code: int = 200


class WhosePosts(msgspec.Struct):
    """The account's name, which must be right."""

    username: str = ""


class NewPassword(msgspec.Struct):
    """The password now, and the next one, twice."""

    current_password: str = ""
    new_password: str = ""
    confirm_password: str = ""


class SignIn(msgspec.Struct, frozen=True):
    """A browser somebody is signed in with."""

    id: str
    action: str
    ip: str
    ip_current: bool
    is_mobile: bool
    device: str
    browser: str
    platform: str
    created_at: str


class TwoFactor(msgspec.Struct, frozen=True):
    """Whether a second factor is asked for when signing in: there is none here yet."""

    active: bool = False
    setup_at: str | None = None


class SentLetter(msgspec.Struct, frozen=True):
    """A letter with a link or code that still works."""

    type: str
    subject: str
    to_address: str
    from_address: str
    created_at: str


class AuthorisedApplication(msgspec.Struct, frozen=True):
    """A token an application holds."""

    id: str
    current_session: bool
    name: str
    scopes: list[str]
    revoked: bool
    created_at: str
    expires_at: str | None


served(blueprint, "GET", "/accounts/timelines/home")(timeline_routes.home)


@served(blueprint, "DELETE", "/accounts/avatar")
@requires("write:accounts")
@documented(Account)
async def remove_avatar() -> Response:
    """Go back to no picture."""
    me = await acting_account()
    await accounts.update_profile(me, accounts.ProfileChanges(remove_avatar=True))
    return json_response(await account.one(me.id))


@blueprint.post("/api/v1/avatar/update")
@requires("write:accounts")
@documented(Done, files=("upload",), errors=(422,))
async def update_avatar() -> Response:
    """Another picture for the caller's profile."""
    me = await acting_account()
    async with uploaded_files("upload") as files:
        if "upload" not in files:
            raise Invalid("upload", "can't be blank", code="ERR_BLANK")
        await accounts.update_profile(me, accounts.ProfileChanges(avatar_path=files["upload"]))
    return json_response(Done("Avatar successfully updated"))


@served(blueprint, "GET", "/accounts/<id:account_id>/posts")
@requires("read:statuses")
@documented(list[Status], query=WhosePosts)
async def posts(account_id: int) -> Response:
    """The newest pictures of an account; none unless `username` is its name."""
    wanted = params.read_query(WhosePosts).username
    found = await account_queries.visible_by_ids(my_id(), [account_id])
    if not found or (await _account(account_id)).acct != wanted:
        return json_list([])
    page = Page(STATUSES[0])
    only = timelines.ProfileFilter(only_media=True, exclude_replies=True, exclude_reblogs=True)
    return json_list(await status.page(await timelines.profile(my_id(), account_id, page, only), my_id()))


@served(blueprint, "POST", "/accounts/change-password")
@requires("write:accounts")
@documented(Account, body=NewPassword, errors=(422,))
async def change_password() -> Response:
    """Change the password; every other token and session ends, the one that asks goes on."""
    wanted = await params.read(NewPassword)
    if wanted.new_password != wanted.confirm_password:
        raise Invalid("confirm_password", "doesn't match the new password", code="ERR_INVALID")
    user = await _me()
    await credentials.change_password(user, wanted.current_password, wanted.new_password, keep_token=caller().token_id)
    return json_response(await account.one(user.account_id))


@served(blueprint, "GET", "/accounts/login-activity")
@requires("read:accounts")
@documented(list[SignIn])
async def login_activity() -> Response:
    """Browsers the caller is signed in with, newest first."""
    here = client_address()
    return json_response(
        [
            SignIn(
                id=str(session.id),
                action="auth.login",
                ip=session.ip_address,
                ip_current=session.ip_address == here,
                is_mobile=is_mobile(session.user_agent),
                device=device(session.user_agent),
                browser=device(session.user_agent).partition(" on ")[0],
                platform=device(session.user_agent).partition(" on ")[2],
                created_at=iso(to_milliseconds(session.created_at)),
            )
            for session in (await sessions.of_user(await _me()))[:MAX_SESSIONS]
        ]
    )


@served(blueprint, "GET", "/accounts/two-factor")
@requires("read:accounts")
@documented(TwoFactor)
async def two_factor() -> Response:
    """Whether a second factor is asked for when the caller signs in."""
    return json_response(TwoFactor())


@served(blueprint, "GET", "/accounts/emails-from-pixelfed")
@requires("read:accounts")
@documented(list[SentLetter])
async def letters() -> Response:
    """Letters to the caller whose link or code still works, newest first."""
    user = await _me()
    settings = runtime().settings
    sender = settings.mail.sender or f"no-reply@{settings.domain}"
    return json_response(
        [
            SentLetter(*_SUBJECTS[secret.purpose], user.email, sender, iso(to_milliseconds(secret.created_at)))
            for secret in await one_time_secrets.open_ones(user)
            if secret.purpose in _SUBJECTS
        ]
    )


@served(blueprint, "GET", "/accounts/apps-and-applications")
@requires("read:accounts")
@documented(list[AuthorisedApplication])
async def applications() -> Response:
    """The newest tokens applications hold for the caller. They do not expire."""
    return json_response(
        [
            AuthorisedApplication(
                id=str(token.id),
                current_session=token.id == caller().token_id,
                name=token.application.name,
                scopes=token.scopes,
                revoked=False,
                created_at=iso(to_milliseconds(token.created_at)),
                expires_at=None,
            )
            for token in await oauth.newest_tokens(await _me(), MAX_APPLICATIONS)
        ]
    )


@served(blueprint, "GET", "/accounts/mutuals/<id:account_id>")
@requires("read:follows")
@documented(list[Account])
async def mutuals(account_id: int) -> Response:
    """Of those the caller follows, who follows this account."""
    found = await account_queries.familiar_followers(my_id(), [account_id], MAX_MUTUALS)
    return json_list(await account.page(found.get(account_id, [])))


@served(blueprint, "GET", "/accounts/username/<username>")
@requires("read:accounts")
@documented(Account, errors=(404,))
async def by_username(username: str) -> Response:
    """The account of that name: of this server, or `name@server` if it is known here."""
    name, _, domain = username.removeprefix("@").partition("@")
    known = await accounts.by_handle(name, domain.lower())
    rows = await account_queries.visible_by_ids(my_id(), [known.id]) if known is not None else []
    if not rows:
        raise NotFound
    return json_response((await account.page(rows))[0])


async def _me() -> User:
    return await User.get(id=my_user_id()).select_related("account")


async def _account(account_id: int) -> Account:
    return (await account.render(await account_queries.details([account_id])))[0]
