"""What every answer tells a browser to beware of."""

from __future__ import annotations

from quart import Quart, Response

from node.runtime import runtime

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'{media}; base-uri 'none'; frame-ancestors 'none'{form_action}"
)


def content_security_policy(*, forms_lead_elsewhere: bool = False) -> str:
    """The policy of a page: our own style and pictures, no scripts at all.

    `forms_lead_elsewhere`: Chromium applies `form-action` to every redirect that follows, so the consent page, whose
    answer goes to an application's own address (or scheme), goes without it.
    """
    settings = runtime().settings
    origin = _origin(settings.media_url)
    media = "" if origin == settings.base_url else f" {origin}"
    return _POLICY.format(media=media, form_action="" if forms_lead_elsewhere else "; form-action 'self'")


def _origin(url: str) -> str:
    return "/".join(url.split("/", 3)[:3])


def register(app: Quart) -> None:
    """Put the headers on every answer of `app`; a view that sets its own policy keeps it."""
    app.after_request(_protect)


async def _protect(response: Response) -> Response:
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if headers.get("Content-Type", "").startswith("text/html"):
        headers.setdefault("Content-Security-Policy", content_security_policy())
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
    return response
