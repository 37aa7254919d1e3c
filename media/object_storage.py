"""The storage in an object store: S3 and whatever speaks it, Google Cloud, Azure, memory.

What a store says in its own words becomes one of two things: FileMissing, or StoreUnavailable with the reason.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError

from media.durable import CHUNK
from media.storage import (
    Address,
    FileMissing,
    Storage,
    StoredFile,
    StoreUnavailable,
    checked_key,
    is_key,
    is_private,
    media_type_of,
    new_key,
)

if TYPE_CHECKING:
    from obstore.store import ObjectStore

ATTEMPTS: Final = 3
"""How often a reading that breaks off is taken up again where it stopped."""
_TIMES: Final = {"connect_timeout": "5s", "timeout": "120s"}
_RETRIES: Final[Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=15)}
_PRIVATE_PREFIX: Final = "private/"
_MISSING: Final = (FileNotFoundError, NotFoundError)
_LONGEST_REASON: Final = 300


def open_store(url: str, base_url: str, options: Mapping[str, str]) -> ObjectStorage:
    """The store at `url`; `options` as `open_storage` has them. Raises StoreUnavailable when they make no sense."""
    from obstore.store import from_url

    if url.startswith("memory:"):
        return ObjectStorage(from_url(url), base_url)
    config = dict(options) if url.startswith("s3") else {}
    public = config.pop("public_endpoint", "")
    with _told("open", url):
        store = _opened(url, config)
        return ObjectStorage(store, base_url, _opened(url, {**config, "endpoint": public}) if public else store)


def _opened(url: str, config: Mapping[str, str]) -> ObjectStore:
    from obstore.store import from_url

    connection: Any = {**_TIMES, "allow_http": config.get("endpoint", "").startswith("http://")}
    known: Any = dict(config)
    return from_url(url, config=known, client_options=connection, retry_config=_RETRIES)


class ObjectStorage(Storage):
    """Files in an object store. Every method raises StoreUnavailable when the store does not do as asked."""

    def __init__(self, store: ObjectStore, base_url: str, as_clients_see_it: ObjectStore | None = None) -> None:
        super().__init__(base_url)
        self._store = store
        self._as_clients_see_it = as_clients_see_it or store

    async def put_file(self, source: Path, media_type: str, *, private: bool = False) -> str:
        key = new_key(media_type, private=private)
        await self.put_at(key, source, media_type)
        return key

    async def put_at(self, key: str, source: Path, media_type: str) -> None:
        attributes: Any = {"Content-Type": media_type, "Cache-Control": "public, max-age=31536000, immutable"}
        if is_private(checked_key(key)):
            attributes["Cache-Control"] = "private, no-store"
        if not await asyncio.to_thread(source.is_file):
            raise FileNotFoundError(source)
        with _told("write to", key):
            try:
                await self._store.put_async(key, source, attributes=attributes)
            except _MISSING:
                raise StoreUnavailable("cannot write to the object store: there is no such bucket") from None

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        size = (await self.stat(key)).size
        end = size if end is None else min(end, size)
        breaks = 0
        while start < end:
            begun = start
            try:
                found = await self._store.get_async(key, options={"range": (start, end)})
                async for chunk in found.stream(CHUNK):
                    start += len(chunk)
                    yield bytes(chunk)
            except _MISSING:
                raise FileMissing(key) from None
            except BaseError as error:
                failure = error
            else:
                failure = BaseError("the answer ended too early")
            if start >= end:
                return
            breaks = breaks + 1 if start == begun else 1
            if breaks >= ATTEMPTS:
                raise StoreUnavailable(f"cannot read {key} of the object store: {_reason(failure)}") from failure

    async def stat(self, key: str) -> StoredFile:
        checked_key(key)
        with _told("read", key):
            found = await self._store.head_async(key)
        return StoredFile(key, found["size"], found["last_modified"])

    async def address_for(self, key: str, lasts: timedelta) -> Address | None:
        from obstore import sign_async
        from obstore.store import AzureStore, GCSStore, S3Store

        checked_key(key)
        store = self._as_clients_see_it
        if not isinstance(store, S3Store | GCSStore | AzureStore):
            return None
        headers = {"Content-Type": media_type_of(key)}
        if isinstance(store, AzureStore):
            headers["x-ms-blob-type"] = "BlockBlob"
        with _told("sign an address for", key):
            return Address(await sign_async(store, "PUT", key, lasts), headers)

    async def _copy(self, key: str, to: str) -> None:
        with _told("copy", key):
            await self._store.copy_async(key, to)

    async def _delete(self, key: str) -> None:
        with contextlib.suppress(FileMissing), _told("delete", key):
            await self._store.delete_async(key)

    async def _move(self, key: str, to: str) -> None:
        with contextlib.suppress(FileMissing), _told("move", key):
            await self._store.rename_async(key, to)

    async def listing(self) -> AsyncIterator[StoredFile]:
        with _told("list", "its files"):
            async for page in self._store.list():
                for found in page:
                    if is_key(found["path"]):
                        yield StoredFile(found["path"], found["size"], found["last_modified"])

    async def reach(self) -> None:
        with _told("list", "its files"):
            async for _ in self._store.list(prefix=f"{_PRIVATE_PREFIX}00/00", chunk_size=1):
                return


@contextlib.contextmanager
def _told(verb: str, key: str) -> Iterator[None]:
    try:
        yield
    except _MISSING:
        raise FileMissing(key) from None
    except PermissionDeniedError as error:
        raise StoreUnavailable(f"cannot {verb} {key}: the object store refuses these keys: {_reason(error)}") from error
    except UnauthenticatedError as error:
        raise StoreUnavailable(f"cannot {verb} {key}: the object store wants other keys: {_reason(error)}") from error
    except (BaseError, ValueError) as error:
        raise StoreUnavailable(f"cannot {verb} {key}: the object store fails: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    return str(error).partition("\n\nDebug source")[0][:_LONGEST_REASON]
