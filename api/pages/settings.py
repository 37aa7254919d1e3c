"""What someone signed in can do without an app: password, how they post, applications, browsers."""

from __future__ import annotations

from quart import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from api.languages import LANGUAGES
from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import Problem, problem_of
from api.pages.rendering import page, see_other
from node import db
from node.errors import Invalid
from node.models.credentials import BrowserSession
from node.models.posts import FOLLOWERS, PUBLIC, UNLISTED
from node.services import alt_texts, credentials, oauth, preferences, sessions
from node.services.preferences import PostingDefaults

blueprint = guard(Blueprint("settings_pages", __name__))

NOTICES = {
    "password": "Your password is changed. Other devices and apps were signed out.",
    "posting": "That is how you post from now on.",
    "session": "That session has ended.",
    "sessions": "All other browsers were signed out.",
    "application": "That app can no longer use your account.",
}


VISIBILITIES = (
    (PUBLIC, "Everyone"),
    (UNLISTED, "Everyone, but kept out of public timelines and hashtags"),
    (FOLLOWERS, "Followers"),
)
ALT_TEXTS = (
    (alt_texts.OFF, "Post them"),
    (alt_texts.WARN, "Have apps remind me"),
    (alt_texts.REQUIRE, "Post nothing without a description"),
)


class _SignInFirst(HTTPException):
    code = 303


async def signed_in(onwards: str = "/settings") -> BrowserSession:
    """The session of this browser; somebody who is not signed in is sent there first, then `onwards`."""
    session = await browser.session()
    if session is None:
        raise _SignInFirst(response=see_other("/sign-in", next=onwards))
    return session


@blueprint.get("/settings")
async def overview() -> Response:
    """All of it on one page."""
    return await _overview(await signed_in(), 200, None)


async def _overview(session: BrowserSession, status: int, error: Problem | None) -> Response:
    user = session.user
    return await page(
        "settings.html",
        status,
        user=user,
        this=session,
        sessions=await sessions.of_user(user),
        applications=await oauth.authorised_applications(user),
        visibilities=VISIBILITIES,
        reminders=ALT_TEXTS,
        languages=[("", "Not said"), *((language.code, language.name) for language in LANGUAGES)],
        done=NOTICES.get(request.args.get("done", "")),
        error=error,
    )


@blueprint.post("/settings/password")
async def change_password() -> Response:
    """Change the password; this browser stays signed in, under a new session."""
    session = await signed_in()
    fields = await browser.form()
    try:
        await credentials.change_password(
            session.user, fields.get("current_password", ""), fields.get("password", ""), keep_session=session.id
        )
    except Invalid as refusal:
        return await _overview(session, 422, problem_of(refusal))
    return await browser.sign_in(session.user, see_other("/settings", done="password"))


@blueprint.post("/settings/posting")
async def change_posting() -> Response:
    """Change how posts are made unless an app says otherwise."""
    session = await signed_in()
    fields = await browser.form()
    changes = PostingDefaults(
        visibility=fields.get("visibility"),
        language=fields.get("language"),
        sensitive=fields.get("sensitive") == "yes",
    )
    try:
        async with db.transaction():
            if "remind" in fields:
                await alt_texts.change_wish(session.user.id, fields["remind"])
            await preferences.change_defaults(session.user.id, changes)
    except Invalid as refusal:
        return await _overview(session, 422, problem_of(refusal))
    return see_other("/settings", done="posting")


@blueprint.post("/settings/sessions/others")
async def end_other_sessions() -> Response:
    """End every session but this one."""
    session = await signed_in()
    await sessions.end_others(session.user, session.id)
    return see_other("/settings", done="sessions")


@blueprint.post("/settings/sessions/<id:session_id>/end")
async def end_session(session_id: int) -> Response:
    """End one session."""
    await sessions.end((await signed_in()).user, session_id)
    return see_other("/settings", done="session")


@blueprint.post("/settings/applications/<id:application_id>/revoke")
async def revoke_application(application_id: int) -> Response:
    """Take an application's access back."""
    await oauth.withdraw((await signed_in()).user, application_id)
    return see_other("/settings", done="application")
