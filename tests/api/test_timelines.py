"""Home, public, hashtag and profile timelines over the API."""

from __future__ import annotations

import re

import pytest

from api.entities import memory
from node import db
from node.models.accounts import Account
from node.models.posts import Post
from node.services import mutes, presence, shares
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements


async def ids_of(client: Client, path: str) -> list[str]:
    """Ids of the posts at a path, as they come."""
    return [item["id"] for item in await json(await client.get(path))]


def linked(header: str, relation: str) -> str:
    """The path a `Link` header gives for a relation, "" for none."""
    found = re.search(rf'<https://here\.example([^>]+)>; rel="{relation}"', header)
    return found[1] if found else ""


async def home_of_many(reader: Account, count: int) -> list[Post]:
    """So many posts, each by an author of its own with a picture, a mention and a hashtag, every third one shared."""
    made = []
    for number in range(count):
        author = await builders.local_account()
        await builders.following(reader, author)
        picture = await builders.picture(author)
        post = await builders.post(author, f"#tag{number} @{reader.username}", media_ids=(picture.id,))
        if number % 3 == 0:
            sharer = await builders.local_account()
            await builders.following(reader, sharer)
            post = await shares.share(sharer, post.id)
        made.append(post)
    return made


@pytest.mark.parametrize("path", ["/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/notifications"])
async def test_a_page_needs_as_many_statements_for_forty_as_for_five(node: Node, path: str) -> None:
    reader = await builders.local_account("reader")
    await home_of_many(reader, 42)
    client = await node.signed_in(reader)
    await client.get("/api/v1/timelines/home")
    counts = []
    for limit in (5, 40):
        memory.forget_all()
        await presence.arrived(reader)
        with counted_statements() as cold:
            first = await json(await client.get(f"{path}?limit={limit}"))
        with counted_statements() as warm:
            second = await json(await client.get(f"{path}?limit={limit}"))
        assert len(first) == limit
        assert first == second
        counts.append((len(cold), len(warm)))
    assert counts[0] == counts[1]
    cold_count, warm_count = counts[0]
    assert warm_count == 1
    assert cold_count <= 7


async def test_a_warm_page_of_the_home_timeline_is_one_statement(node: Node) -> None:
    reader = await builders.local_account("reader")
    await home_of_many(reader, 3)
    client = await node.signed_in(reader)
    await client.get("/api/v1/timelines/home")
    with counted_statements() as seen:
        await client.get("/api/v1/timelines/home")
    assert len(seen) == 1


async def test_link_cursors_lead_through_everything_once_in_both_directions(node: Node) -> None:
    reader = await builders.local_account("reader")
    posts = await home_of_many(reader, 7)
    client = await node.signed_in(reader)
    expected = [str(post.id) for post in reversed(posts)]
    pages: list[list[str]] = []
    link, path = "", "/api/v1/timelines/home?limit=3"
    while path:
        answer = await client.get(path)
        page = [item["id"] for item in await json(answer)]
        if page:
            pages.append(page)
            link = answer.headers["Link"]
        path = linked(answer.headers.get("Link", ""), "next")
    seen = [item for page in pages for item in page]
    assert [item for item in seen if item in expected] == expected
    assert len(seen) == len(set(seen))
    assert all(len(page) == 3 for page in pages[:-1])
    above: list[str] = []
    path = linked(link, "prev")
    while path:
        answer = await client.get(path)
        page = [item["id"] for item in await json(answer)]
        above = page + above
        path = linked(answer.headers.get("Link", ""), "prev")
    assert above == seen[: -len(pages[-1])]


async def test_min_id_gives_the_page_right_above_and_since_id_the_newest(node: Node) -> None:
    author = await builders.local_account()
    ids = [str((await builders.post(author, f"number {number}")).id) for number in range(6)]
    path = f"/api/v1/accounts/{author.id}/statuses?limit=2"
    client = node.client()
    assert await ids_of(client, f"{path}&min_id={ids[1]}") == [ids[3], ids[2]]
    assert await ids_of(client, f"{path}&since_id={ids[1]}") == [ids[5], ids[4]]
    assert await ids_of(client, f"{path}&max_id={ids[2]}") == [ids[1], ids[0]]
    assert await ids_of(client, f"{path}&max_id={ids[0]}") == []


@pytest.mark.parametrize("query", ["limit=x", "max_id=-1", "min_id=1.5", "since_id=%20"])
async def test_a_page_that_is_no_number_is_refused(node: Node, query: str) -> None:
    assert "error" in await json(await node.client().get(f"/api/v1/timelines/public?{query}"), 400)


async def test_a_larger_page_than_allowed_is_cut_down(node: Node) -> None:
    author = await builders.local_account()
    for number in range(42):
        await builders.post(author, f"number {number}")
    assert len(await ids_of(node.client(), "/api/v1/timelines/public?limit=1000")) == 40
    assert len(await ids_of(node.client(), "/api/v1/timelines/public")) == 20
    assert len(await ids_of(node.client(), "/api/v1/timelines/public?limit=0")) == 1


async def test_home_needs_somebody(node: Node) -> None:
    await json(await node.client().get("/api/v1/timelines/home"), 401)


async def test_a_dropped_home_timeline_is_rebuilt_on_return(node: Node) -> None:
    reader, author = await builders.local_account(), await builders.local_account()
    await builders.following(reader, author)
    await db.execute("UPDATE users SET home_built_at = NULL WHERE account_id = ?", (reader.id,))
    await db.execute("DELETE FROM home_entries WHERE account_id = ?", (reader.id,))
    post = await builders.post(author)
    assert await ids_of(await node.signed_in(reader), "/api/v1/timelines/home") == [str(post.id)]


async def test_the_muted_vanish_from_timelines_until_the_mute_is_over(node: Node) -> None:
    reader, author, friend = [await builders.local_account() for _ in range(3)]
    for other in (author, friend):
        await builders.following(reader, other)
    post = await builders.post(author, "#noise")
    share = await shares.share(friend, post.id)
    client = await node.signed_in(reader)
    paths = ("/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/noise")
    assert str(share.id) in await ids_of(client, paths[0])
    await mutes.mute(reader, author)
    for path in paths:
        assert await ids_of(client, path) == []
    assert await ids_of(client, f"/api/v1/accounts/{author.id}/statuses") == [str(post.id)]
    await db.execute("UPDATE mutes SET expires_at = 1")
    for path in paths[1:]:
        assert await ids_of(client, path) == [str(post.id)]


async def test_the_public_timeline_has_no_comments_shares_or_silenced_people(node: Node) -> None:
    author, other = await builders.local_account(), await builders.local_account()
    silenced, far = await builders.local_account(silenced_at=1), await builders.remote_account()
    post = await builders.post(author)
    await builders.post(other, "a comment", parent_id=post.id)
    await builders.post(author, "unlisted", visibility="unlisted")
    await shares.share(other, post.id)
    quiet = await builders.post(silenced)
    remote = await builders.received(far)
    client = node.client()
    assert set(await ids_of(client, "/api/v1/timelines/public")) == {str(post.id), str(remote.id)}
    assert await ids_of(client, "/api/v1/timelines/public?local=true") == [str(post.id)]
    assert await ids_of(client, "/api/v1/timelines/public?remote=true") == [str(remote.id)]
    fan = await builders.local_account()
    await builders.following(fan, silenced)
    assert str(quiet.id) in await ids_of(await node.signed_in(fan), "/api/v1/timelines/public")


async def test_only_media_is_only_media(node: Node) -> None:
    author = await builders.local_account()
    await builders.post(author, "words #x")
    with_picture = await builders.post(author, "#x", media_ids=((await builders.picture(author)).id,))
    for path in ("/api/v1/timelines/public", "/api/v1/timelines/tag/x", f"/api/v1/accounts/{author.id}/statuses"):
        assert await ids_of(node.client(), f"{path}?only_media=true") == [str(with_picture.id)]


async def test_hashtags_combine(node: Node) -> None:
    author = await builders.local_account()
    a, ab, b, abc = [await builders.post(author, text) for text in ("#a", "#a #B", "#b", "#A #b #c")]
    client = node.client()

    async def tagged(query: str) -> list[str]:
        return await ids_of(client, f"/api/v1/timelines/tag/A{query}")

    assert await tagged("") == [str(post.id) for post in (abc, ab, a)]
    assert await tagged("?any[]=b") == [str(post.id) for post in (abc, b, ab, a)]
    assert await tagged("?all[]=B") == [str(post.id) for post in (abc, ab)]
    assert await tagged("?none[]=c&all[]=b") == [str(ab.id)]
    assert await tagged("?none[]=b") == [str(a.id)]


async def test_a_profile_can_be_narrowed(node: Node) -> None:
    author, other = await builders.local_account(), await builders.local_account()
    theirs = await builders.post(other)
    mine = await builders.post(author, "#mine")
    reply = await builders.post(author, "a comment", parent_id=theirs.id)
    to_myself = await builders.post(author, "more", parent_id=mine.id)
    share = await shares.share(author, theirs.id)
    path = f"/api/v1/accounts/{author.id}/statuses"
    client = node.client()
    assert await ids_of(client, path) == [str(post.id) for post in (share, to_myself, reply, mine)]
    assert await ids_of(client, f"{path}?exclude_replies=true") == [str(post.id) for post in (share, to_myself, mine)]
    assert await ids_of(client, f"{path}?exclude_reblogs=true") == [str(post.id) for post in (to_myself, reply, mine)]
    assert await ids_of(client, f"{path}?tagged=Mine") == [str(mine.id)]
    assert await ids_of(client, f"{path}?pinned=true") == []
    await json(await client.get("/api/v1/accounts/99/statuses"), 404)


async def test_pictures_elsewhere_are_shown_from_here(node: Node) -> None:
    from node.services.posts import IncomingMedia

    far = await builders.remote_account()
    picture = IncomingMedia(url="https://remote.example/a.jpg", media_type="image/jpeg", width=640, height=480)
    post = await builders.received(far, media=(picture,))
    (shown,) = (await json(await node.client().get(f"/api/v1/statuses/{post.id}")))["media_attachments"]
    assert shown["remote_url"] == "https://remote.example/a.jpg"
    base, _, shape = shown["url"].rpartition("/")
    assert (base.rpartition("/")[0], shape) == (
        f"https://here.example/media/remote/attachment/{shown['id']}",
        "original",
    )
    assert shown["preview_url"] == f"{base}/small"
    assert shown["meta"]["original"] == {"width": 640, "height": 480, "size": "640x480", "aspect": 640 / 480}
