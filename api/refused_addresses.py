"""Whom the admins have shut out, by IP address or by what stands in the headers: nothing is answered but that."""

from __future__ import annotations

from typing import Final

from quart import Quart, request

from api.client_address import client_address
from node.errors import Forbidden
from node.models.received_rules import API, INBOX
from node.services import header_blocks, ip_blocks

_INBOX: Final = "/inbox"


def register(app: Quart) -> None:
    """Have `app` refuse them, before anything else is looked at."""
    app.before_request(_refuse)


async def _refuse() -> None:
    if ip_blocks.may_refuse_somebody() and await ip_blocks.refuses(client_address()):
        raise Forbidden()
    if await header_blocks.refuses(INBOX if request.path.endswith(_INBOX) else API, request.scope["headers"]):
        raise Forbidden()
