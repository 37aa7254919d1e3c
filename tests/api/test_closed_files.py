"""Files of posts that are not for everybody: who gets them, by which address, and for how long."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from media.drawn import draw_picture
from node.file_tokens import placeholder
from node.models.accounts import Account, User
from node.models.media import MediaFile
from node.services import archive, blocks, follows, moderation, posts, reports
from node.services.moderation import Measure
from node.services.reports import Complaint
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.streams import event_stream
from tests.api.test_media import path_of, uploaded
from tests.conftest import HeldClock


class Shown:
    """Somebody's picture for their followers, one follower who looks at it, and a stranger."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.public = node.client()

    async def begin(self) -> Shown:
        self.author = await builders.local_account("author")
        self.friend, self.stranger = await builders.local_account("friend"), await builders.local_account("stranger")
        await builders.following(self.friend, self.author)
        self.as_author = await self.node.signed_in(self.author)
        self.as_friend, self.as_stranger = (
            await self.node.signed_in(self.friend),
            await self.node.signed_in(self.stranger),
        )
        self.picture = await uploaded(self.as_author, draw_picture(7, 1500, 1100))
        post = await json(
            await self.as_author.post(
                "/api/v1/statuses",
                json={"status": "for my followers", "visibility": "private", "media_ids": [self.picture["id"]]},
            )
        )
        self.post_id = int(post["id"])
        self.own = post["media_attachments"][0]
        self.path = f"/api/v1/statuses/{self.post_id}"
        self.file = await MediaFile.get(id=int(self.picture["id"]))
        return self

    async def seen(self, client: Client) -> Any:
        return (await json(await client.get(self.path)))["media_attachments"][0]

    async def status_of(self, url: str, client: Client | None = None) -> int:
        return int((await (client or self.public).get(path_of(url))).status_code)

    def bare(self, variant: str = "full") -> str:
        return f"https://here.example/media/closed/{self.file.id}/{variant}/-"


@pytest.fixture
async def shown(node: Node) -> Shown:
    return await Shown(node).begin()


async def test_each_reader_has_an_address_of_their_own_and_nobody_learns_the_key(shown: Shown) -> None:
    friends = await shown.seen(shown.as_friend)
    home = await json(await shown.as_friend.get("/api/v1/timelines/home"))
    assert home[0]["media_attachments"] == [friends]
    assert friends["url"] != shown.own["url"]
    for url in (friends["url"], friends["preview_url"], shown.own["url"], shown.picture["url"]):
        served = await shown.public.get(path_of(url))
        assert (served.status_code, served.headers["Cache-Control"]) == (200, "private, no-cache")
        data = await served.get_data()
        part = await shown.public.get(path_of(url), headers={"Range": "bytes=2-9"})
        assert (part.status_code, await part.get_data()) == (206, data[2:10])
        kept = await shown.public.get(path_of(url), headers={"If-None-Match": served.headers["ETag"]})
        assert kept.status_code == 304
        assert served.headers["Content-Type"] == "image/jpeg"
        for variant in shown.file.variants.values():
            assert variant["key"].rpartition("/")[2].partition(".")[0] not in str(served.headers)
    for path in (shown.path, f"{shown.path}/history", "/api/v1/timelines/home", f"/api/v1/media/{shown.file.id}"):
        said = await (await shown.as_author.get(path)).get_data(as_text=True)
        assert f"/media/closed/{shown.file.id}/" in said
        assert placeholder() not in said
        assert not any(variant["key"] in said for variant in shown.file.variants.values())
    assert (await shown.as_stranger.get(shown.path)).status_code == 404
    public = await builders.post(shown.author, media_ids=(int((await uploaded(shown.as_author))["id"]),))
    told = await json(await shown.public.get(f"/api/v1/statuses/{public.id}"))
    assert "/media/closed/" not in told["media_attachments"][0]["url"]


async def test_an_address_is_good_for_its_file_and_reader_and_for_a_day_or_two(
    shown: Shown, held_clock: HeldClock
) -> None:
    url = (await shown.seen(shown.as_friend))["url"]
    assert (await shown.seen(shown.as_friend))["url"] == url
    other = await uploaded(shown.as_stranger)
    account, day, mark = url.rpartition("/")[2].split(".")
    forged = (
        url.replace(f"/{account}.", f"/{shown.stranger.id}."),
        url.replace(f".{day}.", f".{int(day) + 9}."),
        url.replace(f"/closed/{shown.file.id}/", f"/closed/{other['id']}/"),
        url.replace(mark, mark[::-1]),
        url.rpartition("/")[0] + "/" + other["url"].rpartition("/")[2],
        url.replace("/full/", "/original/"),
        url.replace("/full/", "/origin/"),
        *(f"{url.rpartition('/')[0]}/{token}" for token in ("-", "x", ".", "a.b", "1.2.3", "é.x", "x" * 600)),
    )
    answers = {await (await shown.public.get(path_of(url))).get_data() for url in forged}
    assert [await shown.status_of(url) for url in forged] == [404] * len(forged)
    assert len(answers) == 1, "all are refused in the same words"
    held_clock.advance(timedelta(days=2).total_seconds())
    assert await shown.status_of(url) == 404
    assert await shown.status_of((await shown.seen(shown.as_friend))["url"]) == 200


async def test_who_says_who_they_are_needs_no_address_of_their_own(shown: Shown) -> None:
    for client, status in (
        (shown.as_friend, 200),
        (shown.as_author, 200),
        (shown.as_stranger, 404),
        (shown.public, 404),
    ):
        assert await shown.status_of(shown.bare(), client) == status
    narrow = await shown.node.signed_in(shown.friend, "write")
    assert await shown.status_of(shown.bare(), narrow) == 404
    assert await shown.status_of(shown.bare(), shown.node.client("no such token")) == 404


async def test_what_ends_the_right_to_see_it_ends_every_address(shown: Shown) -> None:
    friends = await shown.seen(shown.as_friend)
    urls = (friends["url"], friends["preview_url"])

    async def reachable() -> set[int]:
        return {await shown.status_of(url) for url in urls} | {await shown.status_of(shown.bare(), shown.as_friend)}

    assert await reachable() == {200}
    await follows.unfollow(shown.friend, shown.author)
    assert await reachable() == {404}
    await builders.following(shown.friend, shown.author)
    assert await reachable() == {200}
    await archive.put_away(shown.author, shown.post_id)
    assert await reachable() == {404}
    assert await shown.status_of(shown.own["url"]) == 200
    await archive.take_out(shown.author, shown.post_id)
    assert await reachable() == {200}
    await blocks.block(shown.author, shown.friend)
    assert await reachable() == {404}
    await blocks.unblock(shown.author, shown.friend)
    await builders.following(shown.friend, shown.author)
    assert await reachable() == {200}
    await Account.filter(id=shown.friend.id).update(suspended_at=shown.author.created_at)
    assert {await shown.status_of(url) for url in urls} == {404}
    await Account.filter(id=shown.friend.id).update(suspended_at=None)
    await posts.delete(shown.author, shown.post_id)
    assert await reachable() == {404}
    assert await shown.status_of(shown.own["url"]) == 200, "it may be posted anew"


async def test_an_upload_is_its_owners_alone_until_it_is_posted(shown: Shown) -> None:
    waiting = await uploaded(shown.as_author)
    assert await shown.status_of(waiting["url"]) == 200
    path = f"https://here.example/media/closed/{waiting['id']}/full/-"
    assert [await shown.status_of(path, client) for client in (shown.as_author, shown.as_friend)] == [200, 404]
    body = {"status": "later", "media_ids": [waiting["id"]], "scheduled_at": "2050-01-01T00:00:00Z"}
    scheduled = await json(await shown.as_author.post("/api/v1/statuses", json=body))
    assert await shown.status_of(scheduled["media_attachments"][0]["url"]) == 200


async def test_a_stream_tells_each_reader_their_own_address(shown: Shown) -> None:
    other = await builders.local_account()
    await builders.following(other, shown.author)
    as_other = await shown.node.signed_in(other)
    picture = int((await uploaded(shown.as_author))["id"])
    async with (
        event_stream(shown.node, "/user", shown.as_friend.token) as one,
        event_stream(shown.node, "/user", as_other.token) as two,
    ):
        await builders.post(shown.author, visibility="followers", media_ids=(picture,))
        told = [await stream.heard() for stream in (one, two)]
    urls = [heard[0][1]["media_attachments"][0]["url"] for heard in told]
    assert [f"/{account.id}." in url for account, url in zip((shown.friend, other), urls, strict=True)] == [True, True]
    assert [await shown.status_of(url) for url in urls] == [200, 200]


async def test_what_was_for_everybody_leaves_its_address_and_comes_back_to_it(shown: Shown) -> None:
    picture = await uploaded(shown.as_author)
    post = await builders.post(shown.author, media_ids=(int(picture["id"]),))
    path = f"/api/v1/statuses/{post.id}"

    async def address() -> str:
        return str((await json(await shown.as_author.get(path)))["media_attachments"][0]["url"])

    url = await address()
    assert await shown.status_of(url) == 200
    page = await shown.public.get(f"/@author/{post.id}")
    assert path_of(url).removeprefix("/media/") in await page.get_data(as_text=True)
    await archive.put_away(shown.author, post.id)
    await builders.run_jobs()
    assert await shown.status_of(url) == 404
    assert await shown.status_of(f"https://here.example/media/private{path_of(url).removeprefix('/media')}") == 404
    assert (await shown.public.get(f"/@author/{post.id}")).status_code == 404
    own = await address()
    assert "/media/closed/" in own
    assert await shown.status_of(own) == 200
    await archive.take_out(shown.author, post.id)
    await builders.run_jobs()
    assert await address() == url
    assert await shown.status_of(url) == 200
    await posts.delete(shown.author, post.id)
    await builders.run_jobs()
    assert await shown.status_of(url) == 404
    again = await builders.post(shown.author, media_ids=(int(picture["id"]),))
    await builders.run_jobs()
    path = f"/api/v1/statuses/{again.id}"
    assert await address() == url
    assert await shown.status_of(url) == 200


async def test_a_suspended_author_has_no_files_but_for_the_moderators_of_a_report(shown: Shown) -> None:
    picture = await uploaded(shown.as_author)
    post = await builders.post(shown.author, media_ids=(int(picture["id"]),))
    url = (await json(await shown.public.get(f"/api/v1/statuses/{post.id}")))["media_attachments"][0]["url"]
    friends = await shown.seen(shown.as_friend)
    await reports.file(shown.friend, Complaint(target_id=shown.author.id, post_ids=(shown.post_id,)))
    judge = await builders.local_account("judge")
    await User.filter(account_id=judge.id).update(role="admin")
    as_judge = await shown.node.signed_in(judge)
    assert await shown.status_of(shown.bare(), as_judge) == 200
    assert await shown.status_of(f"https://here.example/media/closed/{picture['id']}/feed/-", as_judge) == 200
    moderator = await User.get(account_id=judge.id).select_related("account")
    await moderation.take(moderator, shown.author.id, Measure("suspend"))
    await builders.run_jobs()
    closed = (url, friends["url"], shown.own["url"], shown.bare())
    assert [await shown.status_of(url, shown.as_friend) for url in closed] == [404] * 4
    assert await shown.status_of(shown.bare(), as_judge) == 200
    await moderation.unsuspend(moderator, shown.author.id)
    await builders.run_jobs()
    assert await shown.status_of(url) == 200
    assert await shown.status_of(friends["url"]) == 200
