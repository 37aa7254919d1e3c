"""Where files are kept: one interface, a local folder by default, any object store (`object_storage`) by configuration.

Keys are drawn at random, so they tell nothing and cannot be guessed, and are sharded (`ab/cd/…`) so that no
folder grows without bound. A key of the private shelf is never given a URL; a file can be hidden there for a while. What `put_file` has returned a key
for is complete and, in the local folder, on the disk: a row may name it.

The local folder is written with plain file calls rather than obstore's LocalStore, because that one renames
without fsync: after a power cut a row could name an empty file.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from media.durable import CHUNK, copy_durably, link_durably, move_durably, sweep, sync_folder
from media.variants import EXTENSIONS

_PRIVATE: Final = "private/"
_UNFINISHED: Final = "unfinished"
_KEY: Final = re.compile(
    r"(?:private/)?([0-9a-f]{2})/([0-9a-f]{2})/\1\2[0-9a-f]{36}\.(?:" + "|".join(sorted(set(EXTENSIONS.values()))) + ")"
)
_MEDIA_TYPES: Final = {extension: media_type for media_type, extension in EXTENSIONS.items()}


class FileMissing(Exception):
    """There is no file under this key, or the key is not one of ours."""


class StoreUnavailable(OSError):
    """The object store does not answer, or refuses; the message says which and why, for the admin."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client may send a file by itself, with PUT and these headers."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage: its size in bytes and when it was written (UTC)."""

    key: str
    size: int
    written_at: datetime


def new_key(media_type: str, *, private: bool = False) -> str:
    """A fresh key of 160 random bits. Raises ValueError for a media type that is never stored."""
    try:
        extension = EXTENSIONS[media_type]
    except KeyError:
        raise ValueError(f"{media_type!r} is not a media type that is stored") from None
    name = secrets.token_hex(20)
    return f"{_PRIVATE if private else ''}{name[:2]}/{name[2:4]}/{name}.{extension}"


def private_beside(key: str, media_type: str) -> str:
    """The key of another file of the same picture: of the same name on the private shelf, so that it is reached through
    the first alone."""
    return f"{_PRIVATE}{key.removeprefix(_PRIVATE).rpartition('.')[0]}.{EXTENSIONS[media_type]}"


def is_key(text: str) -> bool:
    """Whether `text` has the exact form of a key; nothing else ever reaches the disk or the object store."""
    return _KEY.fullmatch(text) is not None


def is_private(key: str) -> bool:
    """Whether the key is of the private shelf (originals, which still carry where they were taken)."""
    return key.startswith(_PRIVATE)


def media_type_of(key: str) -> str:
    """The media type a key's file was stored as."""
    return _MEDIA_TYPES[key.rpartition(".")[2]]


class Storage(ABC):
    """Files by key. Every method that takes a key raises FileMissing when it is none of ours."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def url(self, key: str) -> str:
        """Where the file is served. Raises FileMissing for a key of the private shelf: it has no URL."""
        if is_private(checked_key(key)):
            raise FileMissing(key)
        return f"{self._base_url}/{key}"

    @abstractmethod
    async def put_file(self, source: Path, media_type: str, *, private: bool = False) -> str:
        """Copy `source` into the storage under a new key and return it. Raises ValueError for a media type
        that is never stored, OSError when it cannot be written (and then leaves nothing behind)."""

    @abstractmethod
    async def put_at(self, key: str, source: Path, media_type: str) -> None:
        """Copy `source` into the storage under a key it had in another one, replacing what is there."""

    @abstractmethod
    async def reach(self) -> None:
        """Look whether files can be kept here at all. Raises StoreUnavailable, OSError with the reason."""

    @abstractmethod
    def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `end` (exclusive; the end of the file if None), in chunks."""

    @abstractmethod
    async def stat(self, key: str) -> StoredFile:
        """Size and age of a file. Raises FileMissing."""

    async def copy(self, key: str) -> str:
        """Have the file under a second, new key, which lives and goes by itself. Raises FileMissing."""
        new = new_key(media_type_of(checked_key(key)), private=is_private(key))
        await self._copy(await self.place_of(key), new)
        return new

    async def delete(self, key: str) -> None:
        """Remove the file, hidden or not; no error when it is gone already."""
        await self._delete(checked_key(key))
        if not is_private(key):
            await self._delete(_PRIVATE + key)

    async def hide(self, key: str) -> None:
        """Move a file to the private shelf until it is shown again; no error when it is there already, or gone."""
        if not is_private(checked_key(key)):
            await self._move(key, _PRIVATE + key)

    async def show(self, key: str) -> None:
        """Bring a hidden file back to its place; no error when it is there already, or gone."""
        if not is_private(checked_key(key)):
            await self._move(_PRIVATE + key, key)

    @abstractmethod
    async def _copy(self, key: str, to: str) -> None:
        """Have what is under the key under another one too. Raises FileMissing."""

    @abstractmethod
    async def _delete(self, key: str) -> None:
        """Remove what is under the key, if anything."""

    @abstractmethod
    async def _move(self, key: str, to: str) -> None:
        """Have what is under the key, if anything, under another."""

    @abstractmethod
    def listing(self) -> AsyncIterator[StoredFile]:
        """Every file, in no order: for collecting those no row names."""

    async def address_for(self, key: str, lasts: timedelta) -> Address | None:
        """Where a client may put a file under this key without coming past this server; `None` when it cannot be sent
        there. How large it is, and what, is not known before it lies there; it may be put again until that is over."""
        checked_key(key)
        return None

    def local_path(self, key: str) -> Path | None:
        """The file on this machine's disk, for sending it without reading it; None when it is elsewhere."""
        checked_key(key)
        return None

    async def place_of(self, key: str) -> str:
        """The key a file lies under now: its own, or the same on the private shelf while it is hidden."""
        hidden = _PRIVATE + checked_key(key)
        return hidden if not is_private(key) and not await self.exists(key) and await self.exists(hidden) else key

    async def exists(self, key: str) -> bool:
        """Whether there is such a file. False for what is no key at all."""
        try:
            await self.stat(key)
        except FileMissing:
            return False
        return True

    async def read(self, key: str, max_bytes: int = 64 * 1024 * 1024) -> bytes:
        """The whole file. Raises FileMissing, ValueError when it is larger than `max_bytes`."""
        if (await self.stat(key)).size > max_bytes:
            raise ValueError(f"{key} is larger than {max_bytes} bytes")
        return b"".join([chunk async for chunk in self.stream(key)])

    async def fetch(self, key: str, destination: Path) -> None:
        """Copy the file to `destination` on this machine, for work that needs a path. Raises FileMissing."""
        with await asyncio.to_thread(destination.open, "wb") as file:
            async for chunk in self.stream(key):
                await asyncio.to_thread(file.write, chunk)


class LocalStorage(Storage):
    """A folder on this machine."""

    def __init__(self, root: Path, base_url: str) -> None:
        super().__init__(base_url)
        self._root = root.resolve()
        self._unfinished = self._root / _UNFINISHED
        self._unfinished.mkdir(parents=True, exist_ok=True)
        sweep(self._unfinished)

    async def put_file(self, source: Path, media_type: str, *, private: bool = False) -> str:
        key = new_key(media_type, private=private)
        await self.put_at(key, source, media_type)
        return key

    async def put_at(self, key: str, source: Path, media_type: str) -> None:
        await asyncio.to_thread(copy_durably, source, self.local_path(key), self._unfinished)

    def local_path(self, key: str) -> Path:
        return self._root / checked_key(key)

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        path = self.local_path(key)
        try:
            file = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError:
            raise FileMissing(key) from None
        with file:
            file.seek(start)
            left = None if end is None else max(end - start, 0)
            while left is None or left > 0:
                chunk = await asyncio.to_thread(file.read, CHUNK if left is None else min(left, CHUNK))
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk

    async def stat(self, key: str) -> StoredFile:
        try:
            found = await asyncio.to_thread(self.local_path(key).stat)
        except FileNotFoundError:
            raise FileMissing(key) from None
        return StoredFile(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    async def reach(self) -> None:
        await asyncio.to_thread(sync_folder, self._unfinished)

    async def _copy(self, key: str, to: str) -> None:
        try:
            await asyncio.to_thread(link_durably, self.local_path(key), self.local_path(to), self._unfinished)
        except FileNotFoundError:
            raise FileMissing(key) from None

    async def _delete(self, key: str) -> None:
        await asyncio.to_thread(self.local_path(key).unlink, missing_ok=True)

    async def _move(self, key: str, to: str) -> None:
        await asyncio.to_thread(move_durably, self.local_path(key), self.local_path(to))

    async def listing(self) -> AsyncIterator[StoredFile]:
        shards = await asyncio.to_thread(lambda: list(self._shards()))
        for shard in shards:
            for file in await asyncio.to_thread(self._files, shard):
                yield file

    def _shards(self) -> Iterator[Path]:
        for shelf in (self._root, self._root / _PRIVATE):
            yield from shelf.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]")

    def _files(self, shard: Path) -> list[StoredFile]:
        found = []
        for entry in os.scandir(shard):
            key = Path(entry.path).relative_to(self._root).as_posix()
            if is_key(key):
                stat = entry.stat()
                found.append(StoredFile(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)))
        return found


def open_storage(url_or_path: str | Path, *, base_url: str, store_options: Mapping[str, str] | None = None) -> Storage:
    """The storage at a folder (made when missing) or an object store's URL (`s3://bucket/prefix`, `gs://`,
    `az://`, `memory:///`).

    `base_url` is where the web layer, or a CDN in front of it, serves the files. `store_options` are of an S3 store:
    `endpoint`, `region`, `access_key_id`, `secret_access_key`; what is not among them comes from the provider's usual
    environment variables. `public_endpoint` is where clients reach it, if that is not `endpoint`.
    """
    text = str(url_or_path)
    if "://" not in text or text.startswith("file://"):
        root = Path(unquote(urlsplit(text).path) if text.startswith("file://") else text)
        root.mkdir(parents=True, exist_ok=True)
        return LocalStorage(root, base_url)
    from media.object_storage import open_store

    return open_store(text, base_url, store_options or {})


def checked_key(key: str) -> str:
    """The key, as it is. Raises FileMissing when it is none of ours."""
    if not is_key(key):
        raise FileMissing(key)
    return key
