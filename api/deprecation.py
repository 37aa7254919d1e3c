"""Telling an app that another call takes the place of the one it makes (RFC 9745), as Mastodon does."""

from __future__ import annotations

import functools
from datetime import UTC, datetime

from quart import Quart, Response, current_app, request

from api.documentation import operation_of


def register(app: Quart) -> None:
    """Have answers of deprecated calls, refusals too, carry `Deprecation`."""
    app.after_request(_tell)


async def _tell(response: Response) -> Response:
    view = current_app.view_functions.get(request.endpoint or "")
    operation = operation_of(view) if view is not None else None
    if operation is not None and operation.deprecated is not None:
        response.headers["Deprecation"] = deprecation(operation.deprecated)
    return response


@functools.cache
def deprecation(day: str) -> str:
    """The header's value for a day: `@` and its first second in UTC."""
    return f"@{int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())}"
