"""Files of a multipart request, as files on the disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from quart import request

from node.scratch import scratch_folder


@asynccontextmanager
async def uploaded_files(*names: str) -> AsyncIterator[dict[str, Path]]:
    """The files sent under these names that are not empty, in a folder that goes when the context ends.

    What a client calls them is forgotten: names and types of uploads are not to be trusted.
    """
    sent = await request.files
    async with scratch_folder() as folder:
        files: dict[str, Path] = {}
        for name in names:
            upload = sent.get(name)
            if upload is None or (not upload.filename and upload.stream.seek(0, 2) == 0):
                continue
            upload.stream.seek(0)
            files[name] = folder / name
            await upload.save(files[name])
        yield files
