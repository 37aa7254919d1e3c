"""People tagged in pictures between servers: told, shown, consented to and taken back."""

from __future__ import annotations

from dataclasses import replace

from activitypub.parse import parse_object
from activitypub.render import render_note
from activitypub.types import Activity, Note
from federation.inbound.handlers import featured
from federation.inbound.handlers.registry import Received
from federation.outbound.documents import local_post
from node import clock
from node.models.accounts import User
from node.models.people_in_pictures import REMOVED, PersonInPicture
from node.runtime import Runtime
from node.services import people_in_pictures, posts
from node.services.people_in_pictures import Spot
from node.services.received_media import IncomingMedia
from tests import builders


async def test_a_tag_stands_at_its_attachment_and_is_read_back(started: Runtime) -> None:
    alice, far = await builders.local_account("alice"), await builders.remote_account("far")
    picture = await builders.picture(
        alice, variants={"full": {"key": "a.jpg", "type": "image/jpeg", "width": 4, "height": 3}}
    )
    post = await builders.post(alice, media_ids=(picture.id,), people=(Spot(picture.id, far.id, 0.25, 0.75),))
    found = await local_post(post.id)
    assert found is not None
    document = render_note(found.note)
    assert document["attachment"][0]["tag"] == [
        {"type": "Mention", "href": far.uri, "name": "@far@remote.example", "position": [0.25, 0.75]}
    ]
    assert far.uri in [tag["href"] for tag in document["tag"]] and far.uri in document["cc"]
    read = parse_object(document)
    assert isinstance(read, Note)
    assert read.attachments[0].people == found.note.attachments[0].people


async def test_tags_from_elsewhere_need_consent_here(started: Runtime) -> None:
    author = await builders.remote_account("author")
    bob, carol = await builders.local_account("bob"), await builders.local_account("carol")
    await people_in_pictures.change_wish((await User.get(account_id=carol.id)).id, "nobody")
    where = IncomingMedia(
        "https://remote.example/1.jpg", people=((bob.id, 0.5, 0.5), (carol.id, 0.1, 0.1), (author.id, 0, 0))
    )
    incoming = builders.incoming(author, media=(where,), mentions=(bob, carol))
    post = await posts.receive(incoming)
    shown = await PersonInPicture.filter(post_id=post.id).values_list("account_id", flat=True)
    assert set(shown) == {bob.id, author.id}
    assert await builders.told(bob) == [("tagged", author.id, post.id)]
    assert await builders.told(carol) == []

    await people_in_pictures.leave(bob, post.id)
    edit = replace(incoming, updated=clock.now(), content_html="<p>again</p>")
    await posts.receive_edit(post, edit)
    kept = await PersonInPicture.get(post_id=post.id, account_id=bob.id)
    assert kept.state == REMOVED
    await posts.receive_edit(post, replace(edit, media=(replace(where, people=()),)))
    assert await PersonInPicture.filter(post_id=post.id).values_list("account_id", flat=True) == [bob.id]


async def test_a_tag_that_is_not_let_happen_is_no_news_each_time_a_post_is_read_again(started: Runtime) -> None:
    author, bob = await builders.remote_account("author"), await builders.local_account("bob")
    carol, dora = await builders.local_account("carol"), await builders.local_account("dora")
    await people_in_pictures.change_wish((await User.get(account_id=bob.id)).id, "nobody")
    where = IncomingMedia("https://remote.example/1.jpg", people=((bob.id, 0.5, 0.5), (carol.id, 0.1, 0.1)))
    incoming = builders.incoming(author, media=(where,))
    post = await posts.receive(incoming)
    await people_in_pictures.leave(carol, post.id)
    version = (await builders.fresh(post)).version
    await posts.receive_edit(post, incoming)
    assert (await builders.fresh(post)).version == version
    also = replace(where, people=(*where.people, (dora.id, 0.2, 0.2)))
    await posts.receive_edit(post, replace(incoming, media=(also,)))
    assert (await builders.fresh(post)).version == version + 1
    moved = replace(where, people=(*where.people, (dora.id, 0.3, 0.2)))
    await posts.receive_edit(post, replace(incoming, media=(moved,)))
    assert (await PersonInPicture.get(post_id=post.id, account_id=dora.id)).x == 0.3
    assert (await builders.fresh(post)).version == version + 2
    await posts.receive_edit(post, replace(incoming, media=(moved,)))
    assert (await builders.fresh(post)).version == version + 2


async def test_a_person_elsewhere_takes_themselves_out(started: Runtime) -> None:
    alice, far = await builders.local_account("alice"), await builders.remote_account("far")
    picture = await builders.picture(alice)
    post = await builders.post(alice, media_ids=(picture.id,), people=(Spot(picture.id, far.id, 0.25, 0.75),))
    other = await builders.remote_account("other")
    for actor in (other, far, far):
        said = Activity(f"{actor.uri}#left", "Remove", actor.uri, object_id=actor.uri, target=post.uri)
        await featured.remove(Received(said, actor))
    assert (await PersonInPicture.get(post_id=post.id)).state == REMOVED
