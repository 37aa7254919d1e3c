"""Files that are not for everybody: who may have them now.

They are those of posts for some, of archived and held posts, of suspended authors, and those in no post. Nothing is
remembered: a block, an unfollow, a deletion counts from the next request on.
"""

from __future__ import annotations

from node.errors import NotFound
from node.file_tokens import Reader
from node.queries import closed_files
from node.queries.closed_files import ReadableFile


async def readable(reader: Reader, media_id: int) -> ReadableFile:
    """The file, if this reader may have it now. Raises `NotFound`, alike for what is hidden and what is not there."""
    if reader.host is not None:
        found = await closed_files.for_host(reader.host, media_id)
    elif reader.account_id is not None:
        found = await closed_files.for_account(reader.account_id, media_id)
        found = found or await closed_files.for_moderator(reader.account_id, media_id)
    else:
        found = None
    if found is None:
        raise NotFound
    return found
