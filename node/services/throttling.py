"""What somebody may do only so often, whoever carries the wish here: guesses of passwords, letters to one address."""

from __future__ import annotations

from node import clock
from node.errors import RateLimited
from node.rate_limits import Limit
from node.runtime import runtime


async def has_spent(limit: Limit, who: str) -> bool:
    """Count one use by `who` and say whether it was once too often."""
    if not runtime().settings.rate_limits:
        return False
    return (await runtime().rate_limits.hit(limit, who)).exceeded


async def spend(limit: Limit, who: str) -> None:
    """Count one use by `who`. Raises `RateLimited` when it was once too often."""
    if not runtime().settings.rate_limits:
        return
    standing = await runtime().rate_limits.hit(limit, who)
    if standing.exceeded:
        raise RateLimited(max(standing.reset_at - clock.timestamp(), 1.0))
