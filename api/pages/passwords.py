"""A new password for someone who has forgotten theirs."""

from __future__ import annotations

from quart import Blueprint, Response

from api.client_address import client_address, neighbourhood
from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import Problem
from api.pages.rendering import page
from node.errors import Invalid
from node.services import credentials, one_time_secrets

blueprint = guard(Blueprint("password_pages", __name__))


@blueprint.get("/forgotten-password")
async def form() -> Response:
    """Where the address is asked for."""
    return await page("forgotten_password.html", sent=False)


@blueprint.post("/forgotten-password")
async def request_reset() -> Response:
    """Say that a letter is on its way, whether or not anybody has that address."""
    fields = await browser.form()
    await credentials.request_reset(fields.get("email", ""), ip_address=neighbourhood(client_address()))
    return await page("forgotten_password.html", sent=True)


@blueprint.get("/reset-password/<token>")
async def reset_form(token: str) -> Response:
    """Where the new password is typed."""
    user = await one_time_secrets.owner(one_time_secrets.RESET_PASSWORD, token)
    return await page("reset_password.html", username=user.account.username, error=None)


@blueprint.post("/reset-password/<token>")
async def reset(token: str) -> Response:
    """Set it; everybody signed in to the account is signed out."""
    fields = await browser.form()
    try:
        await credentials.reset_password(token, fields.get("password", ""), ip_address=neighbourhood(client_address()))
    except Invalid as refusal:
        user = await one_time_secrets.owner(one_time_secrets.RESET_PASSWORD, token)
        error = Problem(f"The password {refusal.reason}.", ("password",))
        return await page("reset_password.html", 422, username=user.account.username, error=error)
    return await page("password_is_set.html")
