"""Avatars and headers: cut to size in the media pool, stored before the row that names them."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Literal

from media.errors import MediaBusy, MediaError
from media.probe import Limits
from node.errors import Invalid, Unavailable
from node.runtime import runtime


async def store(kind: Literal["avatar", "header"], source: Path) -> str:
    """Make the picture to show of an uploaded file, without metadata, and store it. Returns its key.

    Raises `Invalid` (avatar or header) when the file is no picture, broken or too large, `Unavailable` when the media
    pool is busy. Takes seconds: call it before a transaction, never in one.
    """
    pool, storage, media = runtime().media_pool, runtime().storage, runtime().settings.media
    limits = Limits(max_bytes=media.max_photo_bytes, max_pixels=media.max_pixels, max_dimension=media.max_dimension)
    process = pool.process_avatar if kind == "avatar" else pool.process_header
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="heliograph-")
    try:
        picture = await process(source, Path(folder.name), limits)
        return await storage.put_file(Path(folder.name) / picture.file_name, picture.media_type)
    except MediaError as refusal:
        raise Invalid(kind, str(refusal)) from None
    except MediaBusy:
        raise Unavailable("Too many pictures are being worked on, try again in a moment") from None
    finally:
        await asyncio.to_thread(folder.cleanup)
