"""What someone signed in can do about their own access: password, sessions, applications."""

from __future__ import annotations

from quart import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from api.pages import browser
from api.pages.guard import guard
from api.pages.rendering import page, see_other
from node.errors import Invalid
from node.models.credentials import BrowserSession
from node.services import credentials, oauth, sessions

blueprint = guard(Blueprint("settings_pages", __name__))

NOTICES = {
    "password": "Your password is changed. Other devices and apps were signed out.",
    "session": "That session has ended.",
    "application": "That app can no longer use your account.",
}


class _SignInFirst(HTTPException):
    code = 303


async def _session() -> BrowserSession:
    session = await browser.session()
    if session is None:
        raise _SignInFirst(response=see_other("/sign-in", next="/settings"))
    return session


@blueprint.get("/settings")
async def overview() -> Response:
    """All of it on one page."""
    return await _overview(await _session(), 200, None)


async def _overview(session: BrowserSession, status: int, error: str | None) -> Response:
    user = session.user
    return await page(
        "settings.html",
        status,
        user=user,
        this=session,
        sessions=await sessions.of_user(user),
        applications=await oauth.authorised_applications(user),
        done=NOTICES.get(request.args.get("done", "")),
        error=error,
    )


@blueprint.post("/settings/password")
async def change_password() -> Response:
    """Change the password; this browser stays signed in, under a new session."""
    session = await _session()
    fields = await browser.form()
    try:
        await credentials.change_password(
            session.user, fields.get("current_password", ""), fields.get("password", ""), keep_session=session.id
        )
    except Invalid as refusal:
        error = f"{refusal.field.replace('_', ' ').capitalize()} {refusal.reason}."
        return await _overview(session, 422, error)
    return await browser.sign_in(session.user, see_other("/settings", done="password"))


@blueprint.post("/settings/sessions/<id:session_id>/end")
async def end_session(session_id: int) -> Response:
    """End one session."""
    await sessions.end((await _session()).user, session_id)
    return see_other("/settings", done="session")


@blueprint.post("/settings/applications/<id:application_id>/revoke")
async def revoke_application(application_id: int) -> Response:
    """Take an application's access back."""
    await oauth.withdraw((await _session()).user, application_id)
    return see_other("/settings", done="application")
