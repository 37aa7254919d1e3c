"""The cache in front of the stored files forgets what is gone from there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation import wiring
from media.drawn import draw_picture
from node import runtime
from node.models.jobs import DONE, Job
from node.models.media import MediaFile
from node.runtime import Runtime
from node.services import archive, front, posts, uploads
from node.services.uploads import Words
from node.settings import Settings
from tests import builders
from tests.federation.peer import Peer


@pytest.fixture
async def node(settings: Settings, started: Runtime, peer: Peer) -> AsyncIterator[Runtime]:
    """A node whose files are served by a cache that is the peer."""
    changes = {"public_url": f"{peer.origin}/m", "purge_public_url": True}
    settings = settings.model_copy(update={"media": settings.media.model_copy(update=changes)})
    settings.__dict__.pop("media_url", None)
    runtime.start(replace(started, settings=settings))
    async with wiring.connected(settings):
        yield runtime.runtime()


def purged(peer: Peer) -> list[str]:
    """What the cache was asked to forget since it was last looked at."""
    found = [asked.target for asked in peer.server.asked if asked.method == "PURGE"]
    peer.server.asked.clear()
    return sorted(found)


async def settled() -> None:
    for queue in ("default", wiring.FETCH_QUEUE):
        await builders.run_jobs(queue)


async def test_what_closes_or_goes_is_forgotten_by_the_cache_in_front(
    node: Runtime, peer: Peer, tmp_path: Path
) -> None:
    alice = await builders.local_account()
    path = tmp_path / "sent.jpg"
    path.write_bytes(draw_picture(3, 240, 160))
    file = await uploads.upload(alice, path, Words())
    post = await builders.post(alice, media_ids=(file.id,))
    open_paths = sorted(f"/m/{variant['key']}" for variant in file.variants.values())
    for target in open_paths:
        peer.documents[target] = 200
    await archive.put_away(alice, post.id)
    await settled()
    assert purged(peer) == open_paths
    await archive.take_out(alice, post.id)
    await settled()
    assert purged(peer) == []

    peer.documents[open_paths[0]] = 503
    await posts.delete(alice, post.id)
    await settled()
    assert purged(peer) == open_paths
    waiting = await Job.filter(kind=front.FORGET).exclude(state=DONE)
    assert len(waiting) == 1, "it is asked again later"
    assert (await MediaFile.get(id=file.id)).post_id is None
