"""Signing in and out, with a password or a one-time link."""

from __future__ import annotations

from quart import Blueprint, Response, request

from api.client_address import client_address, neighbourhood
from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import Problem
from api.pages.rendering import page, safe_next, see_other
from node.errors import Forbidden, RateLimited
from node.models.accounts import User
from node.services import credentials, one_time_secrets

blueprint = guard(Blueprint("sign_in_pages", __name__))

_FIELDS = ("login", "password")
TRY_LATER = "Too many tries. Wait a while, or choose a new password by e-mail."


@blueprint.get("/sign-in")
async def form() -> Response:
    """The form to sign in with."""
    return await page("sign_in.html", error=None, login="", next=safe_next(request.args.get("next", "")))


@blueprint.post("/sign-in")
async def sign_in() -> Response:
    """Sign in with name or address and password; then on to where the visitor was going."""
    fields = await browser.form()
    onwards = safe_next(fields.get("next", ""))
    login = fields.get("login", "")
    try:
        user = await credentials.sign_in(login, fields.get("password", ""), ip_address=neighbourhood(client_address()))
    except Forbidden as refusal:
        return await page("sign_in.html", 422, error=Problem(refusal.message, _FIELDS), login=login, next=onwards)
    except RateLimited as refusal:
        wait = {"Retry-After": str(round(refusal.retry_after))}
        return await page("sign_in.html", 429, wait, error=Problem(TRY_LATER), login=login, next=onwards)
    return await browser.sign_in(user, _onwards(user, onwards))


@blueprint.post("/sign-out")
async def sign_out() -> Response:
    """End this browser's session."""
    return await browser.sign_out(see_other("/"))


@blueprint.get("/sign-in/link/<token>")
async def link(token: str) -> Response:
    """Ask before a one-time link is used up: what looks into letters before people do only ever reads pages."""
    user = await one_time_secrets.owner(one_time_secrets.SIGN_IN, token)
    return await page("sign_in_link.html", username=user.account.username)


@blueprint.post("/sign-in/link/<token>")
async def sign_in_by_link(token: str) -> Response:
    """Use a one-time link up and sign in."""
    user = await credentials.sign_in_by_link(token, ip_address=neighbourhood(client_address()))
    return await browser.sign_in(user, see_other("/settings"))


def _onwards(user: User, wish: str) -> Response:
    if user.confirmed_at is None:
        return see_other("/confirm-email", next=wish)
    return see_other(wish or "/settings")
