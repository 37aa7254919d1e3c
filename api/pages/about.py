"""What this place is: who runs it, by which rules, with what it runs."""

from __future__ import annotations

import asyncio
from importlib import metadata

from quart import Blueprint, Response

from api.pages.guard import guard
from api.pages.rendering import page, text_of_admins
from node.models.accounts import LOCAL, Account
from node.queries import instance
from node.runtime import runtime
from node.services import rules, site

blueprint = guard(Blueprint("about_pages", __name__))


@blueprint.get("/about")
async def about() -> Response:
    """The admins' description and rules, how to reach them, and some numbers."""
    place, laid_down, counts, contact = await asyncio.gather(
        site.read(), rules.all_rules(), instance.counts(), _contact()
    )
    return await page(
        "about.html",
        200,
        {"Vary": "Cookie"},
        description=text_of_admins(place.about.html) if place.about else None,
        picture=site.url(place.thumbnail) if place.thumbnail else None,
        rules=laid_down,
        counts=counts,
        contact=contact,
        version=metadata.version("heliograph"),
    )


async def _contact() -> Account | None:
    """The account of the settings, if there is one of that name here."""
    username = runtime().settings.instance.contact_account
    if not username:
        return None
    return await Account.get_or_none(username_key=username.lower(), domain=LOCAL, suspended_at=None)
