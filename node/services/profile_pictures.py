"""Avatars and headers: cut to size in the media pool, stored before the row that names them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from media.errors import MediaBusy, MediaError
from node.errors import Invalid, Unavailable
from node.runtime import runtime
from node.scratch import scratch_folder
from node.services.media import limits


async def store(kind: Literal["avatar", "header"], source: Path) -> str:
    """Make the picture to show of an uploaded file, without metadata, and store it. Returns its key.

    Raises `Invalid` (avatar or header) when the file is no picture, broken or too large, `Unavailable` when the media
    pool is busy. Takes seconds: call it before a transaction, never in one.
    """
    pool, storage = runtime().media_pool, runtime().storage
    process = pool.process_avatar if kind == "avatar" else pool.process_header
    try:
        async with scratch_folder() as folder:
            picture = await process(source, folder, limits())
            return await storage.put_file(folder / picture.file_name, picture.media_type)
    except MediaError as refusal:
        raise Invalid(kind, str(refusal)) from None
    except MediaBusy:
        raise Unavailable("Too many pictures are being worked on, try again in a moment") from None
