"""The timeline of a link: everybody's public posts that lead to one page."""

from __future__ import annotations

from urllib.parse import quote

from node.services import links, mutes, posts
from node.services.posts import Edit
from tests import builders
from tests.api.client import Node, json
from tests.api.statements import counted_statements

PAGE = "https://birds.example/herons?id=7"
PATH = f"/api/v1/timelines/link?url={quote(PAGE, safe='')}"


async def test_a_link_has_a_timeline_of_the_public_posts_that_lead_there(node: Node) -> None:
    author = await builders.local_account(discoverable=True)
    far = await builders.remote_account(discoverable=True)
    muted = await builders.local_account(discoverable=True)
    shy = await builders.local_account()
    reader = await builders.local_account()
    await mutes.mute(reader, muted)
    first = await builders.post(author, f"Look: {PAGE}.")
    remote = await builders.received(
        far, content_html=f'<p><a href="{PAGE.replace("birds", "BIRDS")}#top">here</a></p>'
    )
    comment = await builders.post(author, f"{PAGE} again", parent_id=first.id)
    loud = await builders.post(muted, PAGE)
    await builders.post(shy, PAGE)
    await builders.post(author, PAGE, visibility="unlisted")
    await builders.post(author, "https://birds.example/herons?id=8")

    client, stranger = await node.signed_in(reader), node.client()
    seen = [item["id"] for item in await json(await stranger.get(PATH))]
    assert seen == [str(post.id) for post in sorted((first, remote, comment, loud), key=lambda post: -post.id)]
    own = [item["id"] for item in await json(await client.get(PATH))]
    assert own == [number for number in seen if number != str(loud.id)]
    assert [item["id"] for item in await json(await client.get(f"{PATH}&remote=true"))] == [str(remote.id)]

    page = await client.get(f"{PATH}&limit=1")
    assert [item["id"] for item in await json(page)] == own[:1]
    assert f"max_id={own[0]}" in page.headers["Link"]
    assert [item["id"] for item in await json(await client.get(f"{PATH}&max_id={own[0]}"))] == own[1:]
    assert await json(await client.get(f"{PATH}&max_id=1")) == []
    with counted_statements() as asked:
        await client.get(PATH)
    assert len(asked) == 1
    for unknown in ("?url=https://nowhere.example/", "?url=heron", "", f"?url=https://[{'x' * 3000}"):
        missing = await json(await client.get(f"/api/v1/timelines/link{unknown}"), 404)
        assert missing == {"error": "Record not found"}


async def test_a_timeline_follows_what_posts_say_now(node: Node) -> None:
    author = await builders.local_account(discoverable=True)
    far = await builders.remote_account(discoverable=True)
    post = await builders.post(author, PAGE)
    remote = await builders.received(far, content_html=f'<a href="{PAGE}">x</a>')
    client = node.client()
    assert len(await json(await client.get(PATH))) == 2
    await posts.edit(author, post.id, Edit(text="Nothing to see"))
    assert [item["id"] for item in await json(await client.get(PATH))] == [str(remote.id)]
    await posts.edit(author, post.id, Edit(text=f"{PAGE} after all"))
    await posts.receive_deletion(remote.uri, far)
    assert [item["id"] for item in await json(await client.get(PATH))] == [str(post.id)]
    await posts.delete(author, post.id)
    await json(await client.get(PATH), 404)


def test_mentions_hashtags_and_more_than_a_few_are_no_links() -> None:
    content = (
        '<p><span class="h-card"><a href="https://a.example/@bob" class="u-url mention">@<span>bob</span></a></span>'
        '<a href="https://a.example/tags/x" class="mention hashtag">#<span>x</span></a>'
        '<a href="https://b.example/tags/y"><span>#y</span></a>'
        '<a href="https://c.example?a=1&amp;b=2" target="_blank"><span class="invisible">https://</span>c</a></p>'
    )
    assert links.links_in(content) == ["https://c.example/?a=1&b=2"]
    many = "".join(f'<a href="https://{number}.example/">x</a>' for number in range(9))
    assert len(links.links_in(many)) == links.MAX_LINKS
    assert links.links_in('<a href="ftp://x/">x</a><a href="https://[">y</a><a>z</a>') == []
