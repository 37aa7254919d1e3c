"""What somebody made here is theirs: to take along, and to take away."""

from __future__ import annotations

from datetime import UTC

from quart import Blueprint, Response

from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import Problem, problem_of
from api.pages.rendering import page
from api.pages.settings import signed_in
from node import clock
from node.errors import Invalid
from node.runtime import runtime
from node.services import archives, departures

blueprint = guard(Blueprint("own_data_pages", __name__))


@blueprint.post("/settings/archive")
async def download() -> Response:
    """Everything of the person's own as a ZIP, made while it is sent."""
    session = await signed_in()
    pieces = await archives.archive(session.user)
    name = f"{session.user.account.username}-{runtime().settings.domain}-{clock.now().astimezone(UTC):%Y-%m-%d}.zip"
    response = Response(
        pieces,
        200,
        {"Content-Disposition": f'attachment; filename="{name.replace(":", "-")}"'},
        content_type="application/zip",
    )
    response.timeout = None  # It takes as long as the person's connection needs for it.
    return response


@blueprint.get("/settings/delete-account")
async def farewell() -> Response:
    """What deleting means, and the form for it."""
    await signed_in("/settings/delete-account")
    return await _farewell(200, None)


@blueprint.post("/settings/delete-account")
async def delete() -> Response:
    """Delete the account of whoever is signed in."""
    session = await signed_in("/settings/delete-account")
    fields = await browser.form()
    try:
        await departures.leave(session.user, password=fields.get("password", ""), username=fields.get("username", ""))
    except Invalid as refusal:
        return await _farewell(422, problem_of(refusal))
    answer = await page("deleted.html", me=None)
    return await browser.sign_out(answer)


async def _farewell(status: int, error: Problem | None) -> Response:
    session = await signed_in()
    return await page("delete_account.html", status, user=session.user, error=error)
