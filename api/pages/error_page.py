"""What went wrong, as a page. It needs no database, and says nothing that came with the request."""

from __future__ import annotations

from typing import Final

from quart import Response

from api.pages.problems import problem_of
from api.pages.rendering import HTML, render
from node.errors import DomainError, Forbidden, Invalid, NotFound, RateLimited

_TITLES: Final = {
    403: "This is not allowed",
    404: "Nothing is here",
    405: "This does not work here",
    410: "This is gone",
    413: "That was too much at once",
    429: "Too many requests",
    503: "Not just now",
}
_TITLE: Final = "That did not work"
_SERVER_TITLE: Final = "Something went wrong on this server"
_TEXTS: Final = {
    400: "The address or the form is not one this server can read.",
    401: "Sign in first, then try again.",
    403: "You may not see or do what this address is for.",
    404: "The page was moved or removed, its address is mistyped, or it is not for everyone to see.",
    405: "Nothing can be sent to this address in this way.",
    410: "It was here once and has been removed.",
    413: "Send less, or smaller files.",
    429: "There were too many requests from here. Wait a little, then try again.",
    503: "This part of the server is busy or down for the moment. Try again in a little while.",
}
_TEXT: Final = "Go back and try once more."
_SERVER_TEXT: Final = "It is not your fault, and it has been written down. Try again in a little while."
_API_WORDS: Final = frozenset((NotFound().message, Forbidden().message, RateLimited(0).message))
"""Messages that were written for apps and say less than a page can."""


def error_page(status: int, message: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """The page of an error of that status; `message` is a sentence of ours that says more than the usual one."""
    is_ours = status >= 500 and status != 503
    title = _TITLES.get(status, _SERVER_TITLE if is_ours else _TITLE)
    text = message or _TEXTS.get(status, _SERVER_TEXT if is_ours else _TEXT)
    kept = {"Cache-Control": "no-store", "Vary": "Accept", **(headers or {})}
    return Response(render("error.html", title=title, message=text), status, kept, content_type=HTML)


def refusal_page(error: DomainError, status: int, headers: dict[str, str] | None = None) -> Response:
    """The page of what a service refused, in its own words where they are for people."""
    return error_page(status, _words(error), headers)


def _words(error: DomainError) -> str | None:
    if isinstance(error, Invalid):
        return problem_of(error).words
    if error.message in _API_WORDS:
        return None
    return error.message if error.message.endswith((".", "?", "!")) else f"{error.message}."
