"""Every blueprint of the client API and the pages, in one list."""

from __future__ import annotations

from collections.abc import Callable

from quart import Quart
from werkzeug.routing import BaseConverter

import api.errors
from api import auth
from node.settings import Settings


class _IdConverter(BaseConverter):
    """Ids in paths: a signed 64-bit number; anything else is no such thing (404)."""

    regex = r"[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        return min(int(value), 2**63 - 1)


def register(app: Quart, settings: Settings) -> None:
    """Put the client API and the pages into `app`."""
    app.url_map.converters["id"] = _IdConverter
    api.errors.register(app)


def connect() -> Callable[[], None]:
    """Start listening to what the API's caches depend on; returns what ends that."""
    return auth.forget_callers_on_change()
