"""Two storages as one, while files move from the former to the present one and the server goes on.

What is new goes to the present one; what is read is taken from whichever has it; what is hidden, shown or deleted is so in
both. A file in the former is a word that counts: `carry` takes a copy back whose file was hidden or deleted there
meanwhile. Only one process may carry at a time.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from media.storage import Address, FileMissing, Storage, StoredFile, is_private, media_type_of

_PRIVATE = "private/"


class SameStore(Exception):
    """The former and the present storage are one: what was moved would be deleted."""


class MovingStorage(Storage):
    """Files of `present`, and of `former` until they have been carried over."""

    def __init__(self, present: Storage, former: Storage, base_url: str) -> None:
        super().__init__(base_url)
        self.present = present
        self.former = former

    async def put_file(self, source: Path, media_type: str, *, private: bool = False) -> str:
        return await self.present.put_file(source, media_type, private=private)

    async def put_at(self, key: str, source: Path, media_type: str) -> None:
        await self.present.put_at(key, source, media_type)

    async def reach(self) -> None:
        await self.present.reach()
        await self.former.reach()

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        storage = await self._holder(key)
        async for chunk in storage.stream(key, start, end):
            yield chunk

    async def stat(self, key: str) -> StoredFile:
        return await (await self._holder(key)).stat(key)

    async def address_for(self, key: str, lasts: timedelta) -> Address | None:
        return await self.present.address_for(key, lasts)

    async def listing(self) -> AsyncIterator[StoredFile]:
        for storage in (self.former, self.present):
            async for found in storage.listing():
                yield found

    async def _holder(self, key: str) -> Storage:
        """Whichever has the file. Raises FileMissing."""
        # One that was carried over between the two looks is in the present storage at the third.
        for storage in (self.present, self.former, self.present):
            if await storage.exists(key):
                return storage
        raise FileMissing(key)

    async def _copy(self, key: str, to: str) -> None:
        with tempfile.TemporaryDirectory(prefix="heliograph-") as folder:
            whole = Path(folder) / "file"
            await self.fetch(key, whole)
            await self.present.put_at(to, whole, media_type_of(to))

    async def _delete(self, key: str) -> None:
        # The former first: `carry` looks there whether the file is still wanted.
        await self.former._delete(key)
        await self.present._delete(key)

    async def _move(self, key: str, to: str) -> None:
        await self.former._move(key, to)
        await self.present._move(key, to)

    async def check_apart(self) -> None:
        """Raises SameStore when both lead to the same place."""
        with tempfile.TemporaryDirectory(prefix="heliograph-") as folder:
            probe = Path(folder) / "probe"
            await asyncio.to_thread(probe.write_bytes, b"WEBVTT\n")
            key = await self.present.put_file(probe, "text/vtt", private=True)
        try:
            if await self.former.exists(key):
                raise SameStore
        finally:
            await self.present.delete(key)

    async def carry(self, file: StoredFile) -> bool:
        """Move one file from the former to the present storage, under the place it has. `False` when it was hidden, shown
        or deleted meanwhile, which is nothing to worry about: it is found again by the next listing, if it is there.

        Cut off anywhere, it can be done again. Raises OSError, StoreUnavailable; the file is in the former then.
        """
        place = file.key
        if not await self.former.exists(place):
            return False
        try:
            if not await _has(self.present, place, file.size):
                await self._put_over(place)
        except FileMissing:
            return False
        is_whole = await _has(self.present, place, file.size)
        if not await self.former.exists(place):
            await self.present._delete(place)
            return False
        if not is_whole:
            raise OSError(f"{place} did not come over whole")
        await self.present._delete(_other_shelf(place))
        await self.former._delete(place)
        return True

    async def _put_over(self, place: str) -> None:
        here = self.former.local_path(place)
        if here is not None:
            try:
                await self.present.put_at(place, here, media_type_of(place))
            except FileNotFoundError:
                raise FileMissing(place) from None
            return
        with tempfile.TemporaryDirectory(prefix="heliograph-") as folder:
            whole = Path(folder) / "file"
            await self.former.fetch(place, whole)
            await self.present.put_at(place, whole, media_type_of(place))


async def _has(storage: Storage, place: str, size: int) -> bool:
    try:
        return (await storage.stat(place)).size == size
    except FileMissing:
        return False


def _other_shelf(place: str) -> str:
    """Where a carrying that was cut off may have left the file before it was hidden or shown."""
    return place.removeprefix(_PRIVATE) if is_private(place) else _PRIVATE + place
