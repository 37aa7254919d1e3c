"""Files that move from one storage to another while both are in use."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.moving import MovingStorage, SameStore
from media.storage import FileMissing, Storage, StoredFile, open_storage
from tests.s3 import ObjectServer

BASE_URL = "https://photos.example/media"


@pytest.fixture(params=["folder to s3", "s3 to folder"])
def moving(request: pytest.FixtureRequest, tmp_path: Path, object_server: ObjectServer) -> MovingStorage:
    """A folder and a bucket, either way."""
    folder = open_storage(tmp_path / "files", base_url=BASE_URL)
    bucket = open_storage(object_server.bucket(), base_url=BASE_URL, store_options=object_server.options)
    former, present = (folder, bucket) if request.param == "folder to s3" else (bucket, folder)
    return MovingStorage(present, former, BASE_URL)


def file(tmp_path: Path, data: bytes = b"pixels") -> Path:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return path


async def places(storage: Storage) -> list[str]:
    """Where something lies."""
    return sorted([found.key async for found in storage.listing()])


async def test_what_is_in_either_is_read_and_what_is_new_goes_to_the_present_one(
    moving: MovingStorage, tmp_path: Path
) -> None:
    await moving.check_apart()
    with pytest.raises(SameStore):
        await MovingStorage(moving.present, moving.present, BASE_URL).check_apart()
    old = await moving.former.put_file(file(tmp_path, b"old one"), "image/png")
    raw = await moving.former.put_file(file(tmp_path, b"raw"), "image/png", private=True)
    new = await moving.put_file(file(tmp_path, b"new one"), "image/png")
    assert [await moving.read(key) for key in (old, raw, new)] == [b"old one", b"raw", b"new one"]
    assert b"".join([chunk async for chunk in moving.stream(old, 4, 7)]) == b"one"
    copy = await moving.copy(old)
    assert await places(moving.present) == sorted([new, copy])

    for found in [found async for found in moving.former.listing()]:
        assert await moving.carry(found)
        assert not await moving.carry(found), "it is not there any more"
    assert await places(moving.former) == []
    assert [await moving.read(key) for key in (old, raw, new, copy)] == [b"old one", b"raw", b"new one", b"old one"]
    await moving.delete(old)
    with pytest.raises(FileMissing):
        await moving.read(old)
    assert moving.url(new) == f"{BASE_URL}/{new}"


async def test_what_is_hidden_or_deleted_meanwhile_does_not_come_back(
    moving: MovingStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_over = moving._put_over

    async def in_the_middle(change: str, key: str) -> StoredFile:
        """Carry it, while it is changed after it was copied and before it is removed."""

        async def then(place: str) -> None:
            await put_over(place)
            await getattr(moving, change)(key)

        monkeypatch.setattr(moving, "_put_over", then)
        found = await moving.former.stat(key)
        assert not await moving.carry(found)
        monkeypatch.undo()
        return found

    hidden = await moving.former.put_file(file(tmp_path), "image/png")
    await in_the_middle("hide", hidden)
    assert not await moving.exists(hidden)
    assert await moving.place_of(hidden) == f"private/{hidden}"
    deleted = await moving.former.put_file(file(tmp_path), "image/png")
    await in_the_middle("delete", deleted)
    assert await moving.place_of(deleted) == deleted
    assert not await moving.exists(deleted)

    cut_off = await moving.former.put_file(file(tmp_path, b"copied, not removed"), "image/png")
    await moving._put_over(cut_off)
    await moving.former._move(cut_off, f"private/{cut_off}")
    while left := [found async for found in moving.former.listing()]:
        for found in left:
            await moving.carry(found)
    assert await places(moving) == sorted([f"private/{hidden}", f"private/{cut_off}"])
    await moving.show(hidden)
    assert await moving.read(hidden) == b"pixels"
