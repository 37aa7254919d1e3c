"""The archive of everything somebody has here."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import orjson
import pytest

from media.drawn import draw_picture
from node.errors import RateLimited
from node.models.accounts import Account, User
from node.models.media import MediaFile
from node.rate_limits import Limit
from node.runtime import Runtime
from node.services import archives, blocks, bookmarks, likes, mutes
from tests import builders

JPEG = "image/jpeg"


async def archive_of(account: Account) -> zipfile.ZipFile:
    user = await User.get(account_id=account.id).select_related("account")
    pieces = [piece async for piece in await archives.archive(user)]
    packed = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert packed.testzip() is None
    return packed


def rows(packed: zipfile.ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(packed.read(name).decode())))


async def test_an_archive_holds_what_somebody_made_and_whom_they_know(started: Runtime, tmp_path: Any) -> None:
    alice = await builders.local_account("alice", note_source="Birds")
    bob, carol = await builders.local_account("bob"), await builders.remote_account("carol")
    original = tmp_path / "heron.jpg"
    original.write_bytes(draw_picture(1, 80, 60))
    key = await started.storage.put_file(original, JPEG, private=True)
    media = await builders.picture(alice, description="A heron", original_key=key)
    theirs = await builders.post(bob, "theirs, for nobody else's archive")
    post = await builders.post(alice, "Dawn", media_ids=(media.id,))
    await builders.post(alice, "between us", visibility="followers", parent_id=theirs.id)
    await builders.following(alice, bob)
    await builders.following(carol, alice)
    await blocks.block(alice, await builders.remote_account("mallory"))
    await mutes.mute(alice, await builders.remote_account("loud"), hide_notifications=False)
    await bookmarks.keep(alice, theirs.id)
    await likes.like(alice, theirs.id)
    packed = await archive_of(alice)
    posts = orjson.loads(packed.read("posts.json"))
    assert [found["text"] for found in posts] == ["Dawn", "between us"] and posts[0]["uri"] == post.uri
    assert posts[1]["comment_on"] == theirs.uri and posts[1]["visibility"] == "followers"
    assert posts[0]["media"] == [{"file": f"media/{media.id}.jpg", "description": "A heron"}]
    assert packed.read(f"media/{media.id}.jpg") == original.read_bytes()
    profile = orjson.loads(packed.read("profile.json"))
    assert profile["handle"] == "alice@here.example" and profile["bio"] == "Birds" and "password" not in str(profile)
    assert rows(packed, "following_accounts.csv") == [
        ["Account address", "Show boosts", "Notify on new posts", "Languages"],
        ["bob@here.example", "true", "false", ""],
    ]
    assert rows(packed, "followers.csv")[1:] == [["carol@remote.example"]]
    assert rows(packed, "blocked_accounts.csv") == [["mallory@remote.example"]]
    assert rows(packed, "muted_accounts.csv") == [
        ["Account address", "Hide notifications"],
        ["loud@remote.example", "false"],
    ]
    assert rows(packed, "bookmarks.csv") == rows(packed, "likes.csv") == [[theirs.uri]]
    assert rows(packed, "lists.csv") == rows(packed, "blocked_domains.csv") == []


async def test_an_archive_is_read_in_pages_and_bears_missing_files(
    started: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "PAGE", 2)
    alice = await builders.local_account("alice")
    for number in range(5):
        await builders.post(alice, f"post {number}")
        await builders.following(alice, await builders.local_account())
    gone = await builders.picture(alice, variants={"full": {"key": "ab/cd/nothing.jpg", "width": 1, "height": 1}})
    await builders.post(alice, "without its file", media_ids=(gone.id,))
    packed = await archive_of(alice)
    texts = [found["text"] for found in orjson.loads(packed.read("posts.json"))]
    assert texts == [*(f"post {number}" for number in range(5)), "without its file"]
    assert len(rows(packed, "following_accounts.csv")) == 6
    assert not any(name.startswith("media/") for name in packed.namelist())
    assert await MediaFile.filter(id=gone.id).exists()


async def test_archives_are_made_only_so_often(started: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "ARCHIVES", Limit("archives", 1, 3600))
    alice = await builders.local_account("alice")
    assert orjson.loads((await archive_of(alice)).read("posts.json")) == []
    with pytest.raises(RateLimited):
        await archive_of(alice)
