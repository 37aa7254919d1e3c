"""Nothing stays in the store of what its owner took away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media.drawn import draw_picture
from node.models.media import MediaFile
from node.services import accounts, film_work, formats, media
from node.settings import Settings
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.test_media import photo, uploaded
from tests.conftest import HeldClock
from tests.media.films import H264, film
from tests.s3 import kept_in_bucket


@pytest.fixture(params=["folder", "bucket"])
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """A node whose files are in a folder, or in a bucket."""
    if request.param == "folder":
        return settings
    return kept_in_bucket(settings, request.getfixturevalue("object_server"))


async def settled() -> None:
    """All the work behind."""
    for queue in (film_work.QUEUE, formats.QUEUE, "default"):
        await builders.run_jobs(queue)


async def keys_in(node: Node) -> set[str]:
    """Every file in the store, by the key its row has: those that are hidden lie elsewhere."""
    found = {found.key async for found in node.parts.storage.listing()}
    hidden = {f"private/{key}" for key in await named() if not key.startswith("private/")}
    return {key.removeprefix("private/") if key in hidden else key for key in found}


async def named() -> set[str]:
    """Every file of a photograph or film that a row names."""
    files = await MediaFile.all()
    return {key for file in files for key in (*media.keys_of(file.variants), file.original_key) if key}


async def picture(client: Client, number: int) -> str:
    """The id of a new photograph."""
    return str((await uploaded(client, draw_picture(number, 240, 160)))["id"])


async def avatar(client: Client, data: bytes) -> None:
    """Give somebody a picture of themselves."""
    files = {"avatar": photo(data)["file"]}
    await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", files=files))


async def test_files_go_with_posts_edits_drafts_and_accounts(node: Node, tmp_path: Path, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    client = await node.signed_in(alice)
    moving = film(tmp_path / "film.mp4", *H264, seconds=1).read_bytes()
    loop = str((await json(await client.post("/api/v2/media", files=photo(moving)), 202))["id"])
    pictures = [await picture(client, number) for number in range(5)]
    await settled()

    async def post(*media_ids: str, **values: Any) -> str:
        body = {"status": "x", "media_ids": list(media_ids), **values}
        return str((await json(await client.post("/api/v1/statuses", json=body)))["id"])

    async def a_day_later() -> set[str]:
        held_clock.advance(25 * 3600)
        await media.collect_unposted()
        await settled()
        kept = await named()
        assert await keys_in(node) == kept
        return kept

    carousel = await post(pictures[0], loop, pictures[1])
    narrow = await post(pictures[2], visibility="private")
    draft = await json(await client.post("/api/v1/drafts", json={"status": "x", "media_ids": [pictures[3]]}))
    when = {"scheduled_at": "2999-01-01T00:00:00Z"}
    later = await client.post("/api/v1/statuses", json={"status": "x", "media_ids": [pictures[4]], **when})
    everything = await a_day_later()
    assert len({int(number) for number in (*pictures, loop)}) == await MediaFile.all().count()

    await json(await client.call("PUT", f"/api/v1/media/{pictures[0]}/edits", json={"filter": "silver"}))
    await settled()
    edited = await named()
    assert await keys_in(node) == edited, "what showed it before the edit is gone at once"
    assert everything - edited
    body = {"status": "x", "media_ids": [pictures[0]]}
    await json(await client.call("PUT", f"/api/v1/statuses/{carousel}", json=body))
    await a_day_later()
    assert not await MediaFile.filter(id__in=[int(pictures[1]), int(loop)]).exists()
    await json(await client.call("DELETE", f"/api/v1/drafts/{draft['id']}"))
    await json(await client.call("DELETE", f"/api/v1/scheduled_statuses/{(await json(later))['id']}"))
    await json(await client.call("DELETE", f"/api/v1/statuses/{narrow}"))
    await a_day_later()
    assert [str(file.id) for file in await MediaFile.all()] == [pictures[0]]
    await json(await client.call("DELETE", f"/api/v1/statuses/{carousel}", query_string={"delete_media": "true"}))
    await settled()
    assert (await keys_in(node), await MediaFile.all().count()) == (set(), 0)

    await avatar(client, draw_picture(9, 64, 64))
    first = await keys_in(node)
    await avatar(client, draw_picture(8, 64, 64))
    await settled()
    assert len(first) == len(await keys_in(node)) == 1
    assert first != await keys_in(node)
    pictures = [await picture(client, number) for number in range(3)]
    await post(pictures[0])
    await client.post("/api/v1/drafts", json={"status": "x", "media_ids": [pictures[1]]})
    await settled()
    await accounts.delete_local(alice)
    await settled()
    assert (await keys_in(node), await MediaFile.all().count()) == (set(), 0), "at once, with the account"
