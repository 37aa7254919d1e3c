"""What everybody sees without an app: grids of profiles and hashtags, and the page of a post."""

from __future__ import annotations

import re

import pytest

from api.pages import comments, grids
from api.pages.devices import device
from node import clock
from node.models.accounts import Account
from node.models.polls import Poll
from node.models.posts import Post
from node.models.quotes import ACCEPTED, Quote
from node.services import comment_pins, pins
from node.services.interaction_policies import EVERYONE
from tests import builders
from tests.api.client import Browser, Node, query_of

FILES = {
    "grid": {"key": "ab/grid.jpg", "width": 400, "height": 300},
    "feed": {"key": "ab/feed.jpg", "width": 1080, "height": 810},
}


async def photograph(author: Account, text: str = "Dawn #heron", *, pictures: int = 1, **values: object) -> Post:
    """A post of somebody here with so many pictures, described as `Heron 1`, `Heron 2` …"""
    media = [
        await builders.picture(author, description=f"Heron {number + 1}", variants=FILES) for number in range(pictures)
    ]
    return await builders.post(author, text, media_ids=tuple(file.id for file in media), **values)


def shown(browser: Browser) -> list[int]:
    """The posts of the grid, in order."""
    return [int(number) for number in re.findall(r'<li><a href="https://here\.example/@\w+/(\d+)"', browser.text)]


def older(browser: Browser) -> str | None:
    """Where the link to older photographs leads."""
    found = re.search(r'rel="next" href="https://here\.example([^"]+)"', browser.text)
    return found[1] if found else None


async def test_a_hashtag_in_a_caption_leads_to_its_public_photographs(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    first, second = await photograph(alice, "Dawn #Heron"), await photograph(bob, "Dusk #HERON")
    await photograph(bob, "a #kingfisher")
    browser = await node.browser().open(f"/@alice/{first.id}")
    (link,) = re.findall(r'href="https://here\.example(/tags/[^"]+)"', browser.text)
    await browser.open(link)
    assert browser.status == 200 and shown(browser) == [second.id, first.id]
    assert "<h1>#heron</h1>" in browser.text and 'alt="Heron 1"' in browser.text
    assert '<meta name="robots" content="noindex">' in browser.text
    assert shown(await browser.open("/tags/HeRoN")) == [second.id, first.id]


async def test_a_hashtag_page_shows_only_what_is_public_and_posted_here(node: Node) -> None:
    alice = await builders.local_account("alice")
    public = await photograph(alice)
    await builders.local_account("dora")
    for visibility in ("unlisted", "followers", "direct"):
        await photograph(alice, "@dora #heron", visibility=visibility)
    await builders.post(alice, "without a picture #heron")
    for column in ("silenced_at", "suspended_at"):
        other = await builders.local_account()
        await photograph(other)
        await Account.filter(id=other.id).update(**{column: clock.now()})
    private = await builders.local_account("carol")
    await photograph(private)
    await Account.filter(id=private.id).update(is_private=True)
    remote = await builders.received(await builders.remote_account("bob"), hashtags=("heron",))
    await Post.filter(id=remote.id).update(has_media=True)
    assert shown(await node.browser().open("/tags/heron")) == [public.id]


async def test_a_hashtag_of_hidden_posts_only_reads_like_one_nobody_used(node: Node) -> None:
    alice = await builders.local_account("alice")
    await photograph(alice, "a #secret", visibility="followers")
    hidden = await node.browser().open("/tags/secret")
    unused = await node.browser().open("/tags/neverused")
    assert hidden.status == unused.status == 404 and hidden.text == unused.text
    for name in ("%20", "%00", "a%20b", "%3Cb%3E", "x" * 5000, "%F0%9F%90%A6"):
        assert (await node.browser().open(f"/tags/{name}")).status == 404


@pytest.mark.parametrize("path", ["/@alice", "/tags/heron"])
async def test_older_photographs_are_a_link_away(node: Node, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(grids, "PHOTOGRAPHS", 2)
    alice = await builders.local_account("alice", indexable=True)
    posts = [(await photograph(alice)).id for _ in range(5)]
    browser = await node.browser().open(path)
    seen = shown(browser)
    assert ">Newest</a>" not in browser.text
    while (further := older(browser)) is not None:
        await browser.open(further)
        seen += shown(browser)
        assert ">Newest</a>" in browser.text and "noindex" in browser.text
    assert seen == posts[::-1]


async def test_the_last_page_that_is_full_leads_no_further(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "PHOTOGRAPHS", 2)
    alice = await builders.local_account("alice")
    await photograph(alice)
    await photograph(alice)
    assert older(await node.browser().open("/@alice")) is None
    assert "no older photographs" in (await node.browser().open("/@alice?max_id=1")).text
    assert (await node.browser().open("/@alice?max_id=x")).status == 400


async def test_a_profile_shows_no_followers_only_posts_shares_or_comments(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    public, unlisted = await photograph(alice), await photograph(alice, visibility="unlisted")
    theirs = await photograph(bob)
    await photograph(alice, visibility="followers")
    await photograph(alice, "@bob look", visibility="direct")
    await photograph(alice, parent_id=theirs.id)
    assert shown(await node.browser().open("/@alice")) == [unlisted.id, public.id]


async def test_a_private_profile_keeps_its_header_and_shows_no_picture(node: Node) -> None:
    alice = await builders.local_account("alice", display_name="Alice", note="<p>Birds</p>")
    post = await photograph(alice)
    await Account.filter(id=alice.id).update(is_private=True)
    for path in ("/@alice", f"/@alice?max_id={post.id + 1}"):
        browser = await node.browser().open(path)
        assert "<h1>Alice</h1>" in browser.text and "<p>Birds</p>" in browser.text
        assert "This account is private" in browser.text and "ab/grid.jpg" not in browser.text
        assert shown(browser) == [] and older(browser) is None


async def test_a_post_of_several_pictures_is_marked_in_the_grid_and_shown_whole(node: Node) -> None:
    alice = await builders.local_account("alice")
    many = await photograph(alice, pictures=3)
    browser = await node.browser().open("/@alice")
    assert '3<span class="unseen"> pictures</span>' in browser.text
    await browser.open(f"/@alice/{many.id}")
    assert re.findall(r'alt="(Heron \d)"', browser.text) == ["Heron 1", "Heron 2", "Heron 3"]
    await photograph(alice, "one alone #single")
    assert "pictures</span>" not in (await browser.open("/tags/single")).text


async def test_a_content_warning_stands_before_pictures_and_text(node: Node) -> None:
    alice = await builders.local_account("alice")
    post = await photograph(alice, "the whole story", spoiler_text="A wound")
    browser = await node.browser().open(f"/@alice/{post.id}")
    before, _, after = browser.text.partition("<summary>A wound</summary>")
    inside = after.partition("</details>")[0]
    assert "ab/feed.jpg" in inside and "the whole story" in inside
    assert "ab/feed.jpg" not in before and "the whole story" not in before
    grid = (await browser.open("/@alice")).text
    assert "A wound" in grid and "ab/grid.jpg" not in grid


async def test_sensitive_pictures_without_a_warning_leave_their_caption_readable(node: Node) -> None:
    alice = await builders.local_account("alice")
    post = await photograph(alice, "the caption", sensitive=True)
    browser = await node.browser().open(f"/@alice/{post.id}")
    inside = browser.text.partition("<details>")[2].partition("</details>")[0]
    assert "ab/feed.jpg" in inside and "the caption" not in inside and "og:image" not in browser.text


async def test_pictures_of_an_account_made_sensitive_by_a_moderator_are_covered(node: Node) -> None:
    alice = await builders.local_account("alice", sensitized_at=clock.now())
    post = await photograph(alice)
    for path in ("/@alice", "/tags/heron"):
        browser = await node.browser().open(path)
        assert shown(browser) == [post.id] and "ab/" not in browser.text and "Sensitive content" in browser.text
    await browser.open(f"/@alice/{post.id}")
    assert "<summary>Sensitive content</summary>" in browser.text and "og:image" not in browser.text


async def test_a_post_says_where_it_was_and_is_kept_from_search_engines_unless_wanted(node: Node) -> None:
    alice = await builders.local_account("alice")
    post = await photograph(alice, place_name="Oslo")
    for path in ("/@alice", f"/@alice/{post.id}"):
        assert 'name="robots" content="noindex"' in (await node.browser().open(path)).text
    assert "Oslo</a> · <time" in (await node.browser().open(f"/@alice/{post.id}")).text
    await Account.filter(id=alice.id).update(indexable=True)
    for path in ("/@alice", f"/@alice/{post.id}"):
        browser = await node.browser().open(path)
        assert 'name="robots"' not in browser.text
        assert '<meta property="og:title"' in browser.text and '<link rel="alternate"' in browser.text
    unlisted = await photograph(alice, visibility="unlisted")
    assert "noindex" in (await node.browser().open(f"/@alice/{unlisted.id}")).text


async def test_comments_are_bounded_and_those_of_silenced_accounts_left_out(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "COMMENTS", 2)
    alice, loud = await builders.local_account("alice"), await builders.local_account("loud")
    post = await photograph(alice)
    await builders.post(loud, "LOUD", parent_id=post.id)
    await Account.filter(id=loud.id).update(silenced_at=clock.now())
    for number in range(3):
        await builders.post(alice, f"comment {number}", parent_id=post.id)
    browser = await node.browser().open(f"/@alice/{post.id}")
    assert re.findall(r"comment \d", browser.text) == ["comment 0", "comment 1"]
    assert "LOUD" not in browser.text
    (further,) = re.findall(r'rel="next" href="https://here\.example([^"#]+)#comments"', browser.text)
    await browser.open(further)
    assert re.findall(r"comment \d", browser.text) == ["comment 2"] and 'rel="next"' not in browser.text


async def test_comments_and_quoted_posts_are_hidden_from_strangers_when_their_authors_server_says_so(
    node: Node,
) -> None:
    alice, ann = await builders.local_account("alice"), await builders.remote_account("ann", hides_unlisted=True)
    quoted = await builders.received(ann, content_html="<p>quoted words</p>", visibility="unlisted")
    await Post.filter(id=quoted.id).update(quote_policy=EVERYONE)
    post = await builders.post(alice, "Look", quoted_post_id=quoted.id)
    await Quote.filter(post_id=post.id).update(state=ACCEPTED)
    await builders.received(ann, content_html="<p>open words</p>", parent=post)
    await builders.received(ann, content_html="<p>quiet words</p>", parent=post, visibility="unlisted")
    browser = await node.browser().open(f"/@alice/{post.id}")
    assert re.findall(r"(\w+) words", browser.text) == ["open"]
    await Account.filter(id=ann.id).update(hides_unlisted=False, hides_public=True)
    browser = await node.browser().open(f"/@alice/{post.id}")
    assert sorted(re.findall(r"(\w+) words", browser.text)) == ["quiet", "quoted"]


async def test_pinned_comments_come_first_and_held_ones_never(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post = await photograph(alice)
    made = [await builders.post(bob, f"comment {number}", parent_id=post.id) for number in range(3)]
    await comment_pins.pin(alice, post.id, made[2].id)
    await Post.filter(id=made[1].id).update(held_for=alice.id)
    browser = await node.browser().open(f"/@alice/{post.id}")
    assert re.findall(r"comment \d", browser.text) == ["comment 2", "comment 0"]
    assert browser.text.count("Pinned ·") == 1


async def test_pinned_photographs_come_first_and_once(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "PHOTOGRAPHS", 2)
    alice = await builders.local_account("alice")
    posts = [await photograph(alice) for _ in range(5)]
    hidden = await photograph(alice, visibility="followers")
    for chosen in (posts[0], posts[3], hidden):
        await pins.pin(alice, chosen.id)
    browser = await node.browser().open("/@alice")
    assert shown(browser) == [posts[3].id, posts[0].id, posts[4].id] and browser.text.count(">Pinned<") == 2
    seen = []
    while (further := older(browser)) is not None:
        await browser.open(further)
        seen += shown(browser)
    assert seen == [posts[2].id, posts[1].id] and ">Pinned<" not in browser.text
    grid = [int(number) for number in re.findall(r"/@alice/(\d+)", (await browser.open("/tags/heron")).text)]
    assert grid[0] == posts[4].id, "pins are a matter of the profile"


async def test_a_shared_link_shows_the_picture(node: Node) -> None:
    alice = await builders.local_account("alice")
    post = await photograph(alice, pictures=2)
    address = f"https://here.example/@alice/{post.id}"
    browser = await node.browser().open(f"/@alice/{post.id}")
    told = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', browser.text)[::-1])
    assert told["og:type"] == "article" and told["og:url"] == address and told["twitter:card"] == "summary_large_image"
    assert told["og:image"] == "https://here.example/media/ab/feed.jpg" and told["og:image:alt"] == "Heron 1"
    assert (told["og:image:width"], told["og:image:height"]) == ("1080", "810")
    oembed = re.search(r'type="application/json\+oembed" href="([^"]+)"', browser.text)
    assert oembed and query_of(oembed[1])["url"] == address
    for part in ('srcset="https://here.example/media/ab/grid.jpg 400w', 'loading="eager"', 'loading="lazy"'):
        assert part in browser.text
    await browser.open("/@alice")
    assert '<meta property="og:type" content="profile">' in browser.text
    assert '<meta property="og:image" content="https://here.example/media/ab/feed.jpg">' in browser.text


async def test_a_poll_and_a_quoted_post_are_shown_as_far_as_everybody_may_see_them(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    quoted = await photograph(bob, "The <weir>")
    post = await builders.post(alice, "Which one?", quoted_post_id=quoted.id)
    await Poll.create(
        post_id=post.id, options=["Dawn", "Dusk"], tallies=[3, 1], hide_totals=True, expires_at=builders.at(2100, 1, 1)
    )
    browser = await node.browser().open(f"/@alice/{post.id}")
    assert "Dawn" in browser.text and "3 votes" not in browser.text and "The &lt;weir&gt;" in browser.text
    await Poll.filter(post_id=post.id).update(hide_totals=False)
    await Post.filter(id=quoted.id).update(visibility="followers")
    await browser.open(f"/@alice/{post.id}")
    assert "3 votes" in browser.text and "1 vote<" in browser.text and "weir" not in browser.text


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36 Edg/141.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android"),
        ("curl/8.5", "curl/8.5"),
        ("", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_named_as_people_know_it(header: str, words: str) -> None:
    assert device(header) == words
