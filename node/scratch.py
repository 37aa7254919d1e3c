"""A folder for work in hand."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def scratch_folder() -> AsyncIterator[Path]:
    """An empty folder that goes, with all that is in it, when the context ends."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="heliograph-")
    try:
        yield Path(folder.name)
    finally:
        await asyncio.shield(asyncio.to_thread(folder.cleanup))
