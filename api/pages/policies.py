"""What the admins ask people to read: the privacy policy and the terms of service."""

from __future__ import annotations

from quart import Blueprint, Response

from api.pages.guard import guard
from api.pages.rendering import page, text_of_admins
from node.errors import NotFound
from node.services import site

blueprint = guard(Blueprint("policy_pages", __name__))


@blueprint.get("/privacy-policy")
async def privacy() -> Response:
    """What becomes of people's data here."""
    return await _text("Privacy policy", (await site.privacy()).html)


@blueprint.get("/terms-of-service")
@blueprint.get("/terms-of-service/<day>")
async def terms(day: str | None = None) -> Response:
    """The terms that hold now, or those that came into force on a day."""
    known = (await site.read()).terms
    found = site.terms_in_force(known) if day is None else site.terms_of(known, day)
    if found is None:
        raise NotFound
    return await _text(f"Terms of service from {found.effective_from:%-d %B %Y}", found.html)


async def _text(title: str, html: str) -> Response:
    return await page("policy.html", title=title, text=text_of_admins(html))
