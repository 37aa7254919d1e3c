"""What decisions about domains and accounts took from whoever is signed in: to read, and to take along as files."""

from __future__ import annotations

from quart import Blueprint, Response

from api.csv_files import csv_response
from api.entities import severed_tables
from api.pages.guard import guard
from api.pages.rendering import page
from api.pages.settings import signed_in
from node.models.fields import from_milliseconds
from node.services import severances

blueprint = guard(Blueprint("severed_relationships_pages", __name__))

PATH = "/severed_relationships"
REASONS = {
    "domain_block": "The admins suspended this server.",
    "user_domain_block": "You blocked this server.",
    "account_suspension": "The moderators suspended this account.",
}


@blueprint.get(PATH)
async def overview() -> Response:
    """All of it on one page."""
    session = await signed_in(PATH)
    losses = await severances.losses(session.user.account_id)
    return await page("severed_relationships.html", losses=losses, reasons=REASONS, moment=from_milliseconds)


@blueprint.get(f"{PATH}/<id:event_id>/following.csv")
async def following(event_id: int) -> Response:
    """Whom they followed before."""
    session = await signed_in(PATH)
    return csv_response("following.csv", await severed_tables.following(session.user.account_id, event_id))


@blueprint.get(f"{PATH}/<id:event_id>/followers.csv")
async def followers(event_id: int) -> Response:
    """Who followed them before."""
    session = await signed_in(PATH)
    return csv_response("followers.csv", await severed_tables.followers(session.user.account_id, event_id))
