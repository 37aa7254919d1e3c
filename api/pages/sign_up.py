"""Opening an account and proving its e-mail address."""

from __future__ import annotations

from quart import Blueprint, Response, request

from api.client_address import client_address
from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import Problem, problem_of
from api.pages.rendering import page, safe_next, see_other
from node.errors import Forbidden, Invalid, RateLimited
from node.models.credentials import BrowserSession
from node.runtime import runtime
from node.services import one_time_secrets, sign_up

blueprint = guard(Blueprint("sign_up_pages", __name__))

TOO_OFTEN = "That was too often for today. Look into your spam folder."
FIELDS = ("username", "email", "reason", "invite_code")


@blueprint.get("/sign-up")
async def form() -> Response:
    """The form to open an account with, or that there is none."""
    values = {name: request.args.get(name, "") for name in FIELDS}
    return await _form(200, values, request.args.get("next", ""))


@blueprint.post("/sign-up")
async def open_account() -> Response:
    """Open an account and sign in; the address is confirmed next."""
    fields = await browser.form()
    values = {name: fields.get(name, "") for name in FIELDS}
    onwards = safe_next(fields.get("next", ""))
    wish = sign_up.SignUp(
        username=values["username"],
        email=values["email"],
        password=fields.get("password", ""),
        reason=values["reason"],
        invite_code=values["invite_code"],
        address=client_address(),
        agreement=fields.get("agreement") == "yes",
    )
    try:
        user = await sign_up.sign_up(wish)
    except Invalid as refusal:
        return await _form(422, values, onwards, refusal)
    return await browser.sign_in(user, see_other("/confirm-email", next=onwards))


async def _form(status: int, values: dict[str, str], onwards: str, refusal: Invalid | None = None) -> Response:
    rules = runtime().settings.registrations
    if rules.mode == "closed":
        raise Forbidden(sign_up.CLOSED)
    return await page(
        "sign_up.html",
        status,
        rules=rules,
        values=values,
        next=safe_next(onwards),
        error=problem_of(refusal) if refusal else None,
    )


@blueprint.get("/confirm-email")
async def waiting() -> Response:
    """Where someone new types the code from the letter, or reads that an admin has to let them in."""
    session = await browser.session()
    if session is None:
        return see_other("/sign-in")
    return await _waiting(session, 200, request.args.get("next", ""), sent=request.args.get("sent") == "yes")


@blueprint.post("/confirm-email")
async def confirm_by_code() -> Response:
    """Confirm the address with the code."""
    session = await browser.session()
    if session is None:
        return see_other("/sign-in")
    fields = await browser.form()
    onwards = safe_next(fields.get("next", ""))
    try:
        await sign_up.confirm_by_code(session.user, fields.get("code", ""))
    except Invalid as refusal:
        return await _waiting(session, 422, onwards, error=problem_of(refusal))
    return see_other("/confirm-email", next=onwards)


@blueprint.post("/confirm-email/again")
async def send_again() -> Response:
    """Write once more, perhaps to another address."""
    session = await browser.session()
    if session is None:
        return see_other("/sign-in")
    fields = await browser.form()
    onwards = safe_next(fields.get("next", ""))
    try:
        await sign_up.send_confirmation_again(session.user, fields.get("email") or None)
    except Invalid as refusal:
        return await _waiting(session, 422, onwards, error=problem_of(refusal))
    except RateLimited:
        return await _waiting(session, 429, onwards, error=Problem(TOO_OFTEN))
    return see_other("/confirm-email", next=onwards, sent="yes")


async def _waiting(
    session: BrowserSession, status: int, onwards: str, *, error: Problem | None = None, sent: bool = False
) -> Response:
    user = session.user
    if user.confirmed_at is not None and user.approved_at is not None:
        return see_other(safe_next(onwards) or "/settings")
    template = "confirm_email.html" if user.confirmed_at is None else "waiting_for_approval.html"
    return await page(template, status, email=user.email, next=safe_next(onwards), error=error, sent=sent)


@blueprint.get("/confirm-email/<token>")
async def link(token: str) -> Response:
    """Ask before the link from the letter is used up."""
    user = await one_time_secrets.owner(one_time_secrets.CONFIRM_EMAIL, token)
    return await page("confirm_link.html", email=user.email)


@blueprint.post("/confirm-email/<token>")
async def confirm_by_link(token: str) -> Response:
    """Confirm the address with the link. It signs nobody in: whoever opens the letter need not be who signed up."""
    user = await sign_up.confirm_by_link(token)
    return await page("confirmed.html", waits=user.approved_at is None)
