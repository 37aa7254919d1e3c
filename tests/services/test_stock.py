"""The stored files, held against what the rows name."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media.drawn import draw_picture
from media.moving import MovingStorage
from media.storage import Storage, open_storage
from node import runtime as node_runtime
from node.errors import Conflict
from node.models.accounts import Account
from node.models.media import MediaFile
from node.runtime import Runtime
from node.services import formats, media, stock, store_moves, uploads
from node.services.stock import DAMAGED, MISSING, NOBODYS, Use, Verdict
from node.services.uploads import Words
from tests import builders
from tests.s3 import ObjectServer

OLD = time.time() - 2 * 86_400


def silent(done: int, total: int | None) -> None:
    """Nobody watches."""


async def verdict(*, reads: bool = True) -> Verdict:
    """What is found of the files of the node."""
    async with stock.taken(silent) as taken:
        return await taken.verify(silent, reads=reads)


async def photographed(tmp_path: Path, number: int, **wanted: Any) -> MediaFile:
    """A new photograph of a new account."""
    path = tmp_path / "sent.jpg"
    path.write_bytes(draw_picture(number, 300, 200))
    return await uploads.upload(await builders.local_account(**wanted), path, Words())


async def test_files_are_counted_and_faults_found_and_orphans_pruned(started: Runtime, tmp_path: Path) -> None:
    first = await photographed(tmp_path, 1, username="anna")
    second = await photographed(tmp_path, 2, username="ben")
    await builders.run_jobs(formats.QUEUE)
    (first, second), names = await MediaFile.all().order_by("id"), 2
    names += len(media.keys_of(first.variants)) + len(media.keys_of(second.variants))
    assert names > 2 + len(first.variants) + len(second.variants), "there are smaller files too"
    storage = started.storage
    await storage.hide(second.variants["full"]["key"])
    orphan = await storage.put_file(tmp_path / "sent.jpg", "image/jpeg")
    os.utime(storage.local_path(orphan) or "", (OLD, OLD))
    fresh = await storage.put_file(tmp_path / "sent.jpg", "image/jpeg")
    found = await verdict()
    assert (found.faults, found.nobodys.files, found.named) == ([], 1, names)
    assert found.compared == 2 + len(first.variants) + len(second.variants)
    async with stock.taken(silent) as taken:
        kinds = {use.name: use for use in taken.by_kind()}
        assert kinds["originals"] == Use("originals", 2, first.size + second.size)
        assert kinds["photographs"].files == names - 2
        assert kinds[NOBODYS].files == 2
        assert [use.name for use in taken.by_shelf()] == ["open", "private"]
        sizes = {use.name: use.bytes for use in taken.by_account(10)}
        stored = [await storage.stat(await storage.place_of(key)) for key in media.keys_of(first.variants)]
        assert sizes["anna"] == first.size + sum(file.size for file in stored)
        assert (await taken.prune(silent)).files == 1
    assert (await storage.exists(orphan), await storage.exists(fresh)) == (False, True), "it may be named yet"

    lost, changed, cut = (first.variants[name]["key"] for name in ("grid", "feed", "full"))
    await storage.delete(lost)
    place = storage.local_path(changed)
    assert place is not None
    place.write_bytes(bytes(first.variants["feed"]["bytes"]))
    place = storage.local_path(cut)
    assert place is not None
    place.write_bytes(b"")
    found = await verdict()
    assert {(fault.what, fault.named.key) for fault in found.faults} == {
        (MISSING, lost),
        (DAMAGED, changed),
        (DAMAGED, cut),
    }
    assert {fault.named.owner for fault in found.faults} == {"anna"}
    assert len((await verdict(reads=False)).faults) == 2
    await media.discard(await Account.get(id=first.account_id), first.id)
    await builders.run_jobs()
    assert (await verdict()).faults == []


@pytest.fixture
def bucket(object_server: ObjectServer) -> Storage:
    """A new bucket."""
    return open_storage(object_server.bucket(), base_url="https://h.test/media", store_options=object_server.options)


async def test_all_files_move_to_another_store_and_a_move_that_was_cut_off_goes_on(
    started: Runtime, tmp_path: Path, bucket: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Conflict, match="no former storage"):
        await store_moves.move(silent)
    first = await photographed(tmp_path, 1)
    folder = started.storage
    await folder.hide(first.variants["grid"]["key"])
    count = len(first.variants) + 1
    moving = MovingStorage(bucket, folder, "https://h.test/media")
    node_runtime.start(replace(started, storage=moving))
    carry = moving.carry

    async def failing(file: Any) -> bool:
        if file.key == first.original_key:
            raise OSError("the store fails")
        return await carry(file)

    monkeypatch.setattr(moving, "carry", failing)
    some = await store_moves.move(silent)
    assert (some.files, some.failures) == (count - 1, {first.original_key: "the store fails"})
    second = await photographed(tmp_path, 2)
    assert (await verdict()).faults == [], "both are read"
    monkeypatch.setattr(moving, "carry", carry)
    heard: list[tuple[int, int | None]] = []
    rest = await store_moves.move(lambda done, total: heard.append((done, total)))
    assert (rest.files, rest.bytes, rest.failures, heard) == (1, first.size, {}, [(1, 1)])
    assert [found async for found in folder.listing()] == []
    node_runtime.start(replace(started, storage=bucket))
    found = await verdict()
    assert (found.faults, found.compared) == ([], count + len(second.variants) + 1)

    node_runtime.start(replace(started, storage=MovingStorage(bucket, bucket, "")))
    with pytest.raises(Conflict, match="the same"):
        await store_moves.move(silent)
