"""An edited photograph of a post, as other servers get it."""

from __future__ import annotations

from pathlib import Path

from media.drawn import draw_picture
from media.edits.recipe import Recipe
from node.services import edits, posts, uploads
from node.services.posts import Draft
from node.services.uploads import Words
from tests import builders
from tests.federation.node import Node
from tests.federation.peer import Peer
from tests.federation.test_published import follower, only


async def test_an_edited_photograph_goes_out_at_its_new_address(node: Node, peer: Peer, tmp_path: Path) -> None:
    me = await builders.local_account()
    await follower(node, peer.person("ann"), me)
    (tmp_path / "photo.jpg").write_bytes(draw_picture(3, 120, 90))
    file = await uploads.upload(me, tmp_path / "photo.jpg", Words("hills"))
    await posts.publish(me, Draft(text="hills", media_ids=(file.id,)))
    await node.deliver()
    assert await edits.change(me, file.id, Recipe(rotate=90, filter="silver"), patience=30)
    await node.deliver()
    [before], [after] = (only(peer, kind)["object"]["attachment"] for kind in ("Create", "Update"))
    assert (before["width"], before["height"], after["width"], after["height"]) == (120, 90, 90, 120)
    assert before["url"] != after["url"] and before["blurhash"] != after["blurhash"]
    assert before["digestMultibase"] != after["digestMultibase"] and after["name"] == "hills"
    assert only(peer, "Update")["object"]["updated"]
