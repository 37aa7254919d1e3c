"""The consent page: a person decides what an application may do with their account. It works without JavaScript."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from quart import Blueprint, Response, request

from api import params
from api.documentation import documented
from api.oauth.authorization_request import NATIVE, AuthorizationParams, SendBack, understand
from api.oauth.scope_words import in_words
from api.page_headers import content_security_policy
from api.pages import browser
from api.pages.error_page import error_page
from api.pages.guard import guard
from api.pages.rendering import page, see_other
from node.errors import Invalid
from node.models.credentials import BrowserSession
from node.services import oauth

blueprint = guard(Blueprint("oauth_consent", __name__))

PATH = "/oauth/authorize"


@blueprint.get(PATH)
@documented(query=AuthorizationParams, also={302: None, 303: None}, errors=(422,), media_type="text/html")
async def ask() -> Response:
    """The page where a person lets an app act for them, to be opened in a browser.

    Once they have decided they go back to `redirect_uri`, with `code` (or `error`) and `state` added to it. With
    `urn:ietf:wg:oauth:2.0:oob` the code is shown to be copied by hand. The page itself is in English, whatever `lang`.
    """
    asked = params.read_query(AuthorizationParams)
    wish = await understand(asked)
    session = await _session_for(asked)
    if isinstance(session, Response):
        return session
    return await page(
        "consent.html",
        200,
        {"Content-Security-Policy": content_security_policy(forms_lead_elsewhere=True)},
        application=wish.application,
        destination=_destination(wish.redirect_uri),
        permissions=in_words(wish.scopes),
        params=asked,
        other_account=f"/sign-in?next={_quoted(asked)}",
    )


@blueprint.post(PATH)
async def decide() -> Response:
    """Send the person back to the application with what they decided."""
    asked = params.convert(dict(await browser.form()), AuthorizationParams)
    wish = await understand(asked)
    session = await _session_for(asked)
    if isinstance(session, Response):
        return session
    if (await browser.form()).get("decision") != "allow":
        return Response("", 303, {"Location": wish.denied()})
    code = await oauth.authorise(
        session.user,
        wish.application,
        redirect_uri=wish.redirect_uri,
        scopes=wish.scopes,
        code_challenge=wish.code_challenge,
    )
    return Response("", 303, {"Location": wish.granted(code)})


@blueprint.get(NATIVE)
async def show_code() -> Response:
    """The code for an application that has no address of its own: to be copied by hand."""
    return await page("native_code.html", code=request.args.get("code", "")[:100], denied="error" in request.args)


@blueprint.errorhandler(Invalid)
async def misled(refusal: Invalid) -> Response:
    """Tell the person what cannot be told to the application."""
    field = refusal.field.replace("_", " ")
    return error_page(422, f"The app that sent you here has made a mistake: its {field} {refusal.reason}.")


@blueprint.errorhandler(SendBack)
async def send_back(refusal: SendBack) -> Response:
    """Tell the application at its own address what is wrong."""
    return Response("", 303 if request.method == "POST" else 302, {"Location": refusal.location})


async def _session_for(asked: AuthorizationParams) -> BrowserSession | Response:
    """The session of a person who may decide, or where they have to go first."""
    session = await browser.session()
    onwards = f"{PATH}?{asked.query()}"
    if session is None or (asked.force_login and request.method == "GET"):
        return see_other("/sign-in", next=onwards)
    if session.user.confirmed_at is None or session.user.approved_at is None:
        return see_other("/confirm-email", next=onwards)
    return session


def _quoted(asked: AuthorizationParams) -> str:
    return quote(f"{PATH}?{asked.query()}", safe="")


def _destination(redirect_uri: str) -> str:
    """Where the person will go, as far as they can judge it: a host, or the name of an app's scheme."""
    parts = urlsplit(redirect_uri)
    if redirect_uri == oauth.OUT_OF_BAND:
        return ""
    return (
        parts.hostname or parts.scheme
        if parts.scheme in ("http", "https")
        else f"the app that opens {parts.scheme}: links"
    )
