"""Files by random keys: whole or absent, never outside the folder, never a URL for what is private."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from media.object_storage import ObjectStorage
from media.storage import (
    FileMissing,
    LocalStorage,
    Storage,
    StoreUnavailable,
    is_key,
    is_private,
    media_type_of,
    new_key,
    open_storage,
)
from tests.s3 import ObjectServer

BASE_URL = "https://photos.example/media/"


def folder_storage(tmp_path: Path) -> Storage:
    return open_storage(tmp_path / "files", base_url=BASE_URL)


def object_storage(tmp_path: Path) -> Storage:
    return open_storage("memory:///", base_url=BASE_URL)


def folder_by_url(tmp_path: Path) -> Storage:
    (tmp_path / "bucket").mkdir(exist_ok=True)
    return open_storage((tmp_path / "bucket").as_uri(), base_url=BASE_URL)


Make = Callable[[Path], Storage]


@pytest.fixture(params=["folder", "folder by its url", "memory", "s3"])
def make(request: pytest.FixtureRequest) -> Make:
    """Every kind of storage."""
    if request.param != "s3":
        return {"folder": folder_storage, "folder by its url": folder_by_url, "memory": object_storage}[request.param]
    server: ObjectServer = request.getfixturevalue("object_server")
    bucket = server.bucket()
    return lambda _: open_storage(bucket, base_url=BASE_URL, store_options=server.options)


def upload(tmp_path: Path, data: bytes = b"pixels" * 200_000) -> Path:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return path


async def test_what_is_put_is_read_back_whole_and_in_parts(tmp_path: Path, make: Make) -> None:
    storage = make(tmp_path)
    data = b"pixels" * 200_000
    key = await storage.put_file(upload(tmp_path, data), "image/jpeg")
    assert await storage.read(key) == data
    assert (await storage.stat(key)).size == len(data)
    assert b"".join([chunk async for chunk in storage.stream(key, 7, 600_011)]) == data[7:600_011]
    assert b"".join([chunk async for chunk in storage.stream(key, len(data) - 3)]) == data[-3:]
    assert [chunk async for chunk in storage.stream(key, len(data) + 5)] == []
    await storage.fetch(key, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    with pytest.raises(ValueError, match="larger"):
        await storage.read(key, max_bytes=10)


async def test_a_deleted_file_is_missing_and_deleting_twice_is_no_error(tmp_path: Path, make: Make) -> None:
    storage = make(tmp_path)
    key = await storage.put_file(upload(tmp_path), "image/png")
    assert await storage.exists(key)
    await storage.delete(key)
    await storage.delete(key)
    assert not await storage.exists(key)
    with pytest.raises(FileMissing):
        await storage.read(key)
    with pytest.raises(FileMissing):
        [chunk async for chunk in storage.stream(key)]


async def test_a_hidden_file_is_nowhere_until_it_is_shown_and_goes_with_a_deletion(tmp_path: Path, make: Make) -> None:
    storage = make(tmp_path)
    key = await storage.put_file(upload(tmp_path, b"pixels"), "image/png")
    for _ in range(2):
        await storage.hide(key)
        assert not await storage.exists(key)
    for _ in range(2):
        await storage.show(key)
        assert await storage.read(key) == b"pixels"
    await storage.hide(key)
    await storage.delete(key)
    await storage.show(key)
    assert [found async for found in storage.listing()] == []
    original = await storage.put_file(upload(tmp_path, b"raw"), "image/png", private=True)
    await storage.hide(original)
    await storage.show(original)
    assert await storage.read(original) == b"raw"


async def test_a_copy_lives_and_goes_by_itself(tmp_path: Path, make: Make) -> None:
    storage = make(tmp_path)
    for is_private_one in (False, True):
        key = await storage.put_file(upload(tmp_path, b"pixels"), "image/png", private=is_private_one)
        copy = await storage.copy(key)
        assert (copy != key, is_private(copy), media_type_of(copy)) == (True, is_private_one, "image/png")
        await storage.delete(key)
        assert await storage.read(copy) == b"pixels"
        with pytest.raises(FileMissing):
            await storage.copy(key)
    hidden = await storage.put_file(upload(tmp_path, b"pixels"), "image/png")
    await storage.hide(hidden)
    assert await storage.read(await storage.copy(hidden)) == b"pixels"


async def test_every_file_is_listed_for_the_collection_of_orphans(tmp_path: Path, make: Make) -> None:
    storage = make(tmp_path)
    keys = {await storage.put_file(upload(tmp_path, b"x"), "image/jpeg", private=index % 2 == 0) for index in range(6)}
    assert {found.key async for found in storage.listing()} == keys


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "ab/cd/../../../etc/passwd",
        "",
        "ab/cd/" + "ab" + "cd" + "0" * 36 + ".jpg\n",
        "ab/cd/" + "ab" + "cd" + "0" * 36 + ".php",
        "ab/cd/" + "abcd" + "0" * 36 + ".jpg/../x",
        "ab/ce/" + "abcd" + "0" * 36 + ".jpg",
        "private/private/ab/cd/" + "abcd" + "0" * 36 + ".jpg",
        "AB/CD/" + "ABCD" + "0" * 36 + ".jpg",
        "ab/cd/abcd" + "0" * 36 + ".jpg\0",
        "unfinished/x",
    ],
)
async def test_what_is_no_key_never_reaches_the_store(tmp_path: Path, make: Make, key: str) -> None:
    storage = make(tmp_path)
    assert not await storage.exists(key)
    with pytest.raises(FileMissing):
        storage.url(key)
    with pytest.raises(FileMissing):
        storage.local_path(key)
    with pytest.raises(FileMissing):
        await storage.delete(key)
    with pytest.raises(FileMissing):
        [chunk async for chunk in storage.stream(key)]


def test_keys_are_sharded_different_and_end_as_peers_expect() -> None:
    keys = {new_key("image/jpeg") for _ in range(1000)}
    assert len(keys) == 1000
    assert all(is_key(key) and key.endswith(".jpg") and len(key) == 50 for key in keys)
    assert media_type_of(new_key("image/avif")) == "image/avif"
    with pytest.raises(ValueError, match="not a media type"):
        new_key("text/html")


async def test_a_private_file_has_no_url(tmp_path: Path) -> None:
    storage = folder_storage(tmp_path)
    shown = await storage.put_file(upload(tmp_path), "image/jpeg")
    hidden = await storage.put_file(upload(tmp_path), "image/jpeg", private=True)
    assert storage.url(shown) == f"https://photos.example/media/{shown}"
    assert is_private(hidden)
    assert not is_private(shown)
    with pytest.raises(FileMissing):
        storage.url(hidden)
    assert storage.local_path(hidden) == tmp_path / "files" / hidden


async def test_only_a_local_folder_has_local_paths(tmp_path: Path) -> None:
    local, remote = folder_storage(tmp_path), object_storage(tmp_path)
    assert isinstance(local, LocalStorage)
    assert isinstance(remote, ObjectStorage)
    key = await local.put_file(upload(tmp_path, b"abc"), "image/gif")
    path = local.local_path(key)
    assert path is not None
    assert path.read_bytes() == b"abc"
    assert remote.local_path(key) is None


async def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    storage = folder_storage(tmp_path)
    with pytest.raises(OSError):
        await storage.put_file(tmp_path / "absent", "image/jpeg")
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError):
        await storage.put_file(folder, "image/jpeg")
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
    assert [found async for found in storage.listing()] == []


def test_what_a_killed_writer_left_is_swept_when_it_is_old(tmp_path: Path) -> None:
    folder_storage(tmp_path)
    old, fresh = tmp_path / "files" / "unfinished" / "old", tmp_path / "files" / "unfinished" / "fresh"
    old.write_bytes(b"torn")
    fresh.write_bytes(b"being written")
    os.utime(old, (time.time() - 7200, time.time() - 7200))
    folder_storage(tmp_path)
    assert not old.exists()
    assert fresh.exists()


async def test_a_store_that_refuses_or_is_not_there_is_named(tmp_path: Path, object_server: ObjectServer) -> None:
    options = object_server.options
    nowhere = open_storage("s3://no-such-bucket", base_url=BASE_URL, store_options=options)
    with pytest.raises(StoreUnavailable, match="there is no such bucket"):
        await nowhere.put_file(upload(tmp_path), "image/jpeg")
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        await nowhere.reach()
    with pytest.raises(StoreUnavailable, match="NoSuchBucket"):
        [found async for found in nowhere.listing()]
    storage = open_storage(object_server.bucket(), base_url=BASE_URL, store_options=options)
    key = await storage.put_file(upload(tmp_path), "image/jpeg")
    await storage.reach()
    with object_server.looking_at_keys():
        for attempt in (storage.stat(key), storage.put_file(upload(tmp_path), "image/jpeg"), storage.delete(key)):
            with pytest.raises(StoreUnavailable, match="keys"):
                await attempt
    assert await storage.exists(key)
    with pytest.raises(FileNotFoundError):
        await storage.put_file(tmp_path / "absent", "image/jpeg")


async def test_a_reading_that_breaks_off_goes_on_where_it_stopped(tmp_path: Path, object_server: ObjectServer) -> None:
    whole = open_storage(object_server.bucket(), base_url=BASE_URL, store_options=object_server.options)
    data = os.urandom(700_000)
    key = await whole.put_file(upload(tmp_path, data), "image/jpeg")
    assert isinstance(whole, ObjectStorage)
    torn = ObjectStorage(TornStore(whole._store, 300_000), BASE_URL)
    assert await torn.read(key) == data
    assert b"".join([chunk async for chunk in torn.stream(key, 5, 650_000)]) == data[5:650_000]
    with pytest.raises(StoreUnavailable, match="ended too early"):
        await ObjectStorage(TornStore(whole._store, 0), BASE_URL).read(key)


class TornStore:
    """A store whose connection closes after so many bytes of each answer."""

    def __init__(self, store: Any, after: int) -> None:
        self._store, self._after = store, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def get_async(self, key: str, *, options: dict[str, Any]) -> TornStore:
        start, end = options["range"]
        if self._after:
            found = await self._store.get_async(key, options={"range": (start, min(end, start + self._after))})
            self._data = bytes(await found.bytes_async())
        else:
            self._data = b""
        return self

    async def stream(self, _: int) -> AsyncIterator[bytes]:
        yield self._data
