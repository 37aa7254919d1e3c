"""Whom the admins have shut out by IP address: nothing is answered but that."""

from __future__ import annotations

from quart import Quart

from api.client_address import client_address
from node.errors import Forbidden
from node.services import ip_blocks


def register(app: Quart) -> None:
    """Have `app` refuse them, before anything else is looked at."""
    app.before_request(_refuse)


async def _refuse() -> None:
    if ip_blocks.may_refuse_somebody() and await ip_blocks.refuses(client_address()):
        raise Forbidden()
