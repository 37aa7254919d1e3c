"""Block: somebody elsewhere wants nothing to do with somebody here."""

from __future__ import annotations

from federation.inbound.handlers.registry import Received, handles
from node.errors import NotFound
from node.services import accounts, blocks


@handles("Block")
async def block(received: Received) -> None:
    """Hide both from each other and end their follows."""
    target = await accounts.by_uri(received.object_id)
    if target is None or not target.is_local:
        raise NotFound()
    await blocks.block(received.actor, target, received.activity.id)
