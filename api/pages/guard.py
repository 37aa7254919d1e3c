"""What all pages have in common: only forms of ours are taken, errors read as pages, no cache keeps them."""

from __future__ import annotations

from quart import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from api.errors import STATUS, retry_after
from api.pages import browser
from api.pages.error_page import error_page, refusal_page
from api.params import InvalidParameter
from node.errors import DomainError, Forbidden

FORM_IS_STALE = "This form is no longer good. Load the page again and repeat what you did."


def guard(blueprint: Blueprint) -> Blueprint:
    """Make the routes of `blueprint` pages."""
    blueprint.before_request(_refuse_foreign_forms)
    blueprint.after_request(_finish)
    blueprint.register_error_handler(DomainError, _domain_error)
    blueprint.register_error_handler(InvalidParameter, _invalid_parameter)
    blueprint.register_error_handler(HTTPException, _http_error)
    return blueprint


async def _refuse_foreign_forms() -> None:
    if request.method == "POST" and not await browser.sent_by_us():
        raise Forbidden(FORM_IS_STALE)


async def _finish(response: Response) -> Response:
    browser.remember_visitor(response)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


async def _domain_error(error: DomainError) -> Response:
    return refusal_page(error, STATUS.get(type(error), 400), retry_after(error))


async def _invalid_parameter(_error: InvalidParameter) -> Response:
    return error_page(400)


async def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    return error_page(status)
