"""Files kept of domains whose pictures are not shown any more: they go."""

from __future__ import annotations

from typing import Any, Final

from node import db, jobs
from node.services import remote_media
from node.services.domain_effects import FORGET_FILES, UNDER, under

FORGET: Final = FORGET_FILES


async def _forget(payload: dict[str, Any]) -> None:
    """Remove what is kept of a domain and its subdomains."""
    rows = await db.fetch_all(f"SELECT DISTINCT domain FROM remote_copies WHERE {UNDER}", under(payload["domain"]))
    for row in rows:
        await remote_media.forget(row[0])


jobs.register(FORGET, _forget)
