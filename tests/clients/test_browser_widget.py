"""A widget that shows timelines on other people's websites, in a real browser: its page is at another origin than the node."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import pytest_asyncio

from tests.clients.javascript import FOLDER
from tests.e2e.chromium import EXECUTABLE, Tab, chromium
from tests.e2e.nodes import NodeProcess
from tests.e2e.person import Member, newcomer, photographs

WIDGET = FOLDER / "node_modules" / "@idotj" / "mastodon-embed-timeline"
PAGE = 40
"""How many posts the node gives at once, at most."""

pytestmark = [
    pytest.mark.skipif(not EXECUTABLE, reason="Chromium is not on this machine"),
    pytest.mark.skipif(not WIDGET.is_dir(), reason="needs `npm ci` run in tests/clients/node"),
    pytest.mark.asyncio(loop_scope="module"),
]


class Website(SimpleHTTPRequestHandler):
    """Serves this folder, and says nothing of it."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def website() -> Iterator[str]:
    """Somebody's own website, with the widget's page."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Website, directory=str(FOLDER))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def marta(here: NodeProcess) -> Member:
    """Whose timeline is shown: more than a page of posts, one pinned, with a photograph, and somebody else's."""
    marta, friend = newcomer(here, "marta"), newcomer(here, "frida")
    marta.change_profile(display_name="Marta of the Weir")
    marta.change_picture(photographs(2)[1])
    [photo] = marta.photographs("A weir")
    pinned = marta.publish("High water at <the weir> #HighWater", [photo["id"]])
    marta.does("pin", pinned["id"])
    friend.does("favourite", pinned["id"])
    for number in range(PAGE - 1):
        marta.publish(f"Morning {number}")
    marta.publish("All of it", spoiler_text="The end")
    theirs = friend.publish("Low water", [friend.photographs("A ford")[0]["id"]])
    marta.does("reblog", theirs["id"])
    return marta


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Tab]:
    """One browser for all."""
    async with chromium() as tab:
        await tab.look(560, 1400)
        yield tab


@pytest.fixture
def tab(browser: Tab) -> Iterator[Tab]:
    """The browser; nothing may be wrong with what it saw."""
    browser.complaints.clear()
    browser.requests.clear()
    yield browser
    assert browser.complaints == []


async def test_a_timeline_is_shown_on_another_website(tab: Tab, website: str, marta: Member) -> None:
    shown = PAGE + 2
    settings = {
        "instanceUrl": marta.node.url,
        "timelineType": "profile",
        "userId": marta.id,
        "profileName": f"@{marta.username}",
        "maxNbPostFetch": shown,
        "maxNbPostShow": shown,
    }
    await tab.open(f"{website}/widget.html?{urlencode(settings)}")
    await until_true(tab, f"document.querySelectorAll('article').length === {shown}")
    texts: list[str] = await tab.ask("[...document.querySelectorAll('article')].map(post => post.innerText)")
    assert "Marta of the Weir" in texts[0]
    assert "High water at <the weir> #HighWater" in texts[0], "the pinned one comes first"
    assert await tab.ask("document.querySelector('article .mt-post-pinned') !== null")
    assert "Low water" in texts[1], "then what was shared last"
    assert "The end" in texts[2]
    assert [f"Morning {number}" in text for number, text in zip(range(PAGE - 2, -1, -1), texts[3:], strict=False)] == (
        [True] * (PAGE - 1)
    ), "then the others, over two pages"
    assert await tab.ask("document.querySelector('.mt-post-counter-bar-favorites').innerText") == "1"

    pictures = "[...document.querySelectorAll('article:nth-child(-n+2) img')]"
    await until_true(tab, f"{pictures}.every(picture => picture.naturalWidth > 1)")
    alternatives = await tab.ask(f"{pictures}.map(picture => picture.alt).filter(text => !text.includes('avatar'))")
    assert alternatives == ["A weir", "A ford"]
    await tab.ask("document.querySelector('article .mt-post-media img').click()")
    full = "document.querySelector('dialog[open] img')"
    await until_true(tab, f"{full}?.naturalWidth > 1")
    assert {urlsplit(url).netloc for url in tab.requests if not url.startswith("data:")} == {
        marta.node.domain,
        urlsplit(website).netloc,
    }


async def test_a_hashtag_is_shown_and_what_is_new_when_asked(tab: Tab, website: str, marta: Member) -> None:
    settings = {"instanceUrl": marta.node.url, "timelineType": "hashtag", "hashtagName": "highwater"}
    await tab.open(f"{website}/widget.html?{urlencode({**settings, 'maxNbPostFetch': 1, 'maxNbPostShow': 1})}")
    text = "document.querySelector('article')?.innerText ?? ''"
    await until_true(tab, f"({text}).includes('the weir')")
    marta.publish("Higher still #HighWater")
    await tab.ask("window.widget.mtUpdate()")
    await until_true(tab, f"({text}).includes('Higher still')")


async def until_true(tab: Tab, condition: str) -> None:
    """Wait, in the page, until a JavaScript condition holds."""
    wait = f"new Promise(done => {{ const look = () => ({condition}) ? done(true) : requestAnimationFrame(look); look(); }})"
    assert await tab.ask(wait)
