"""Where Pixelfed's app sends somebody new: they type their address, and the app goes on with the code from the letter."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from quart import Blueprint, Response, request

from api.client_address import client_address, neighbourhood
from api.page_headers import content_security_policy
from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import problem_of
from api.pages.rendering import page, see_other
from api.params import InvalidParameter
from node.errors import Invalid
from node.runtime import runtime
from node.services import proven_addresses
from node.services.app_sign_up import is_open

blueprint = guard(Blueprint("app_sign_up_pages", __name__))

APP = "pixelfed://verifyEmail"
_OF_THE_APP = re.compile(r"pixelfed://[A-Za-z0-9_./~-]{0,400}")


@blueprint.get("/i/app-email-verify")
@blueprint.get("/i/app-email-resend")
async def form() -> Response:
    """The form for the address."""
    back = _back(request.args.get("redirect_uri", ""))
    if not is_open() or await browser.session() is not None:
        return see_other("/")
    return await _form(200, back)


@blueprint.post("/i/app-email-verify")
@blueprint.post("/i/app-email-resend")
async def ask() -> Response:
    """Write to the address and go back into the app, whether or not anybody here has it."""
    fields = await browser.form()
    back = _back(fields.get("redirect_uri", ""))
    if not is_open() or await browser.session() is not None:
        return see_other("/")
    address = client_address()
    try:
        email = await proven_addresses.ask(fields.get("email", ""), address=address, ip_address=neighbourhood(address))
    except Invalid as refusal:
        return await _form(422, back, fields.get("email", ""), refusal)
    lifetime = int(proven_addresses.LIFETIME.total_seconds())
    query = urlencode({"email": email, "expires_in": lifetime, "status": "success"})
    return Response("", 302, {"Location": f"{back}?{query}"})


def _back(wanted: str) -> str:
    """Where in the app to go on. Anything else is refused: no open redirect."""
    address = re.split("[?#]", wanted.strip())[0]
    if address and not _OF_THE_APP.fullmatch(address):
        raise InvalidParameter("redirect_uri")
    return address or APP


async def _form(status: int, back: str, email: str = "", refusal: Invalid | None = None) -> Response:
    policy = content_security_policy(forms_lead_elsewhere=True)
    return await page(
        "app_sign_up.html",
        status,
        {"Content-Security-Policy": policy},
        rules=runtime().settings.registrations,
        email=email,
        back=back,
        error=problem_of(refusal) if refusal else None,
    )
