"""What an app of somebody's wants to find again on their next device: small settings kept in the user's row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from node import db
from node.errors import Invalid
from node.services.preferences import change, of_user

MAX_BYTES: Final = 10_000


async def kept(user_id: int, name: str) -> dict[str, Any]:
    """What was kept under this name; empty when nothing was."""
    found: dict[str, Any] = (await of_user(user_id)).get(name, {})
    return found


async def keep(user_id: int, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Keep these values with those kept before under this name. Raises `Invalid` for too much, `NotFound`."""
    async with db.transaction():
        together = {**await kept(user_id, name), **values}
        if len(orjson.dumps(together)) > MAX_BYTES:
            raise Invalid("value", "is too long", code="ERR_TOO_LONG")
        await change(user_id, {name: together})
    return together
