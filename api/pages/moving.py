"""Bringing followers here from elsewhere, and taking them along to another server."""

from __future__ import annotations

from quart import Blueprint, Response, request

from api.finding import account_afresh
from api.pages import browser
from api.pages.guard import guard
from api.pages.problems import Problem, problem_of
from api.pages.rendering import page, see_other
from api.pages.settings import signed_in
from node.errors import Conflict, Invalid, NotFound
from node.models.accounts import Account
from node.services import aliases, moves

blueprint = guard(Blueprint("moving_pages", __name__))

PATH = "/settings/move"
NOTICES = {
    "added": "That account may move here now.",
    "removed": "That account is no alias any more.",
    "returned": "You are back: the account can be used again.",
}
NOT_FOUND = "That account could not be found."


@blueprint.get(PATH)
async def overview() -> Response:
    """Aliases, and the form to move or to come back."""
    return await _overview(200, None)


@blueprint.post("/settings/aliases")
async def add_alias() -> Response:
    """Name another account of one's own."""
    session = await signed_in(PATH)
    handle = (await browser.form()).get("alias", "")
    other = await account_afresh(handle)
    if other is None:
        return await _overview(422, Problem(NOT_FOUND, ("alias",)), alias=handle)
    try:
        await aliases.add(session.user.account, other)
    except (Invalid, Conflict) as refusal:
        return await _overview(422, Problem(problem_of(refusal).words, ("alias",)), alias=handle)
    return see_other(PATH, done="added")


@blueprint.post("/settings/aliases/remove")
async def remove_alias() -> Response:
    """Name it no longer."""
    session = await signed_in(PATH)
    try:
        await aliases.remove(session.user.account, (await browser.form()).get("uri", ""))
    except NotFound:
        return see_other(PATH)
    return see_other(PATH, done="removed")


@blueprint.post(PATH)
async def move() -> Response:
    """Move to another account."""
    session = await signed_in(PATH)
    fields = await browser.form()
    handle = fields.get("acct", "")
    target = await account_afresh(handle)
    if target is None:
        return await _overview(422, Problem(NOT_FOUND, ("acct",)), acct=handle)
    try:
        await moves.leave_for(session.user, target, password=fields.get("password", ""))
    except Invalid as refusal:
        return await _overview(422, problem_of(refusal), acct=handle)
    return see_other(PATH)


@blueprint.post("/settings/move/back")
async def return_home() -> Response:
    """Take a move back."""
    session = await signed_in(PATH)
    await moves.return_home(session.user)
    return see_other(PATH, done="returned")


async def _overview(status: int, error: Problem | None, **typed: str) -> Response:
    session = await signed_in(PATH)
    account = await Account.get(id=session.user.account.id)
    known = await aliases.accounts_of(account)
    moved_to = account.moved_to_uri
    target = await Account.get_or_none(uri=moved_to) if moved_to is not None else None
    return await page(
        "move.html",
        status,
        user=session.user,
        aliases=[(uri, known.get(uri)) for uri in account.also_known_as],
        moved_to=moved_to,
        target=target,
        typed=typed,
        done=NOTICES.get(request.args.get("done", "")),
        error=error,
    )
