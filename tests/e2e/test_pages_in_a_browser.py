"""The pages as people meet them: in a real Chromium, by mouse, by keyboard, on a phone, in the dark."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio

from media.drawn import draw_picture
from tests.e2e.chromium import EXECUTABLE, Tab, chromium
from tests.e2e.nodes import NodeProcess, running_node
from tests.e2e.person import Browser, Member, newcomer

pytestmark = [
    pytest.mark.skipif(not EXECUTABLE, reason="Chromium is not on this machine"),
    pytest.mark.asyncio(loop_scope="module"),
]

POSTS = 25
"""One more than a page of a profile shows."""

TOO_FAINT = """(() => {
  const channels = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length && (colour.length < 4 || colour[3] === 1)) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('.badge, .unseen, .skip, option')) continue;
    if (!element.checkVisibility()) continue;
    const [a, b] = [light(channels(getComputedStyle(element).color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) found.push(`${walker.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return found;
})()"""
"""The texts of a page that stand out less than WCAG 2.2 wants (1.4.3, AA)."""


@dataclass(frozen=True)
class Place:
    """A node with somebody who has posted there, and a browser that looks at it."""

    node: NodeProcess
    marta: Member
    posts: list[Any]
    tab: Tab

    def url(self, path: str) -> str:
        """The address of a page."""
        return f"{self.node.url}{path}"

    async def at(self) -> str:
        """Path and query of the page the browser shows."""
        found: str = await self.tab.ask("location.pathname + location.search")
        return found

    async def text(self) -> str:
        """What can be read on it."""
        found: str = await self.tab.ask("document.body.innerText")
        return found

    async def sign_in(self) -> None:
        """Sign Marta in, in a browser that knows nobody."""
        await self.tab.tell("Network.clearBrowserCookies")
        await self.tab.open(self.url("/sign-in"))
        for name, value in (("login", self.marta.email), ("password", self.marta.password)):
            await self.tab.ask(f"document.getElementById('{name}').focus()")
            await self.tab.type(value)
        await self.tab.click("main button")
        assert await self.at() == "/settings"


@pytest.fixture(scope="module")
def marta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Member]:
    """Somebody on a running node."""
    with running_node(tmp_path_factory.mktemp("pages"), settings={"CONTACT_EMAIL": "keeper@lake.example"}) as node:
        yield newcomer(node, "marta")


@pytest.fixture(scope="module")
def posts(marta: Member) -> list[Any]:
    """Her posts, oldest first; the last one has three pictures, and a comment."""
    pictures = [marta.upload(draw_picture(n, 90, 60), "a.jpg", f"Lake {n}")["id"] for n in range(POSTS + 2)]
    made = [marta.publish(f"Morning {n} #lake", [pictures[n]]) for n in range(POSTS - 1)]
    made.append(marta.publish("Three at once #lake", pictures[POSTS - 1 :]))
    marta.publish("Seen from the jetty", in_reply_to_id=made[-1]["id"])
    return made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Tab]:
    """One browser for all."""
    async with chromium() as tab:
        yield tab


@pytest_asyncio.fixture(loop_scope="module")
async def place(marta: Member, posts: list[Any], browser: Tab) -> AsyncIterator[Place]:
    """The node as a browser of nobody in particular sees it; nothing may be wrong with what it saw."""
    await browser.tell("Network.clearBrowserCookies")
    await browser.look(1280)
    browser.complaints.clear()
    browser.requests.clear()
    yield Place(marta.node, marta, posts, browser)
    assert browser.complaints == []
    assert {urlsplit(url).netloc for url in browser.requests} == {marta.node.domain}


def asking_app(place: Place) -> str:
    """Where an app that has just registered sends people."""
    back = place.url("/about?from=app")
    registered = {"client_name": "Weir", "redirect_uris": back, "scopes": "read write:statuses"}
    app = httpx.post(place.url("/api/v1/apps"), json=registered).json()
    query = {"client_id": app["client_id"], "redirect_uri": back, "response_type": "code", "state": "lake"}
    return place.url(f"/oauth/authorize?{urlencode({**query, 'scope': 'read write:statuses'})}")


async def test_somebody_signs_in_with_the_keyboard_alone_and_lets_an_app_in(place: Place) -> None:
    tab = place.tab
    await tab.open(asking_app(place))
    assert (await place.at()).startswith("/sign-in")
    await tab.press("Tab")
    assert await tab.ask("document.activeElement.className") == "skip"
    assert await tab.ask("document.activeElement.getBoundingClientRect().left >= 0"), "the skip link shows when focused"
    await tab.press("Enter")
    assert await tab.ask("document.activeElement.id") == "content"
    for name, value in (("login", place.marta.username), ("password", place.marta.password)):
        await tab.press("Tab")
        assert await tab.ask("document.activeElement.id") == name
        assert await tab.ask("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        await tab.type(value)
    async with tab.loading():
        await tab.press("Enter")
    consent = await place.text()
    assert "Allow Weir to use your account?" in consent and f"@{place.marta.username}" in consent
    assert "See everything in your account" in consent and "Change your posts" in consent
    while await tab.ask("document.activeElement.value") != "allow":
        await tab.press("Tab")
    async with tab.loading():
        await tab.press("Enter")
    went = await place.at()
    assert went.startswith("/about?from=app&code=") and parse_qs(urlsplit(went).query)["state"] == ["lake"]


async def test_a_wrong_password_is_told_where_the_focus_goes(place: Place) -> None:
    tab = place.tab
    await tab.open(place.url("/sign-in"))
    await tab.ask("document.getElementById('login').value = 'nobody'")
    await tab.ask("document.getElementById('password').value = 'wrong wrong'")
    await tab.click("main button")
    focused = await tab.ask("[document.activeElement.id, document.activeElement.getAttribute('aria-describedby')]")
    assert focused == ["login", "problem"]
    assert await tab.ask("document.getElementById('problem').innerText") == "The name or the password is wrong"
    tab.complaints[:] = [words for words in tab.complaints if "422" not in words]


async def test_somebody_walks_from_profile_to_post_to_older_ones(place: Place) -> None:
    tab = place.tab
    await tab.open(place.url(f"/@{place.marta.username}"))
    assert await tab.ask("document.querySelectorAll('.grid li').length") == POSTS - 1
    assert await tab.ask("[...document.querySelectorAll('.grid img')].every(picture => picture.alt.startsWith('Lake'))")
    await tab.click(".grid a")
    assert await place.at() == f"/@{place.marta.username}/{place.posts[-1]['id']}"
    assert "Seen from the jetty" in await place.text()
    assert await tab.ask("document.querySelector('figure img').naturalWidth") > 0
    await tab.ask("document.querySelector('.turn a:nth-child(3)').click()")
    turned = "(p => Math.round(p.scrollLeft / p.clientWidth))(document.querySelector('.pictures'))"
    await until_true(tab, f"{turned} === 2")
    await tab.click(".author a")
    await tab.click("a[rel=next]")
    assert await tab.ask("document.querySelectorAll('.grid li').length") == 1
    await tab.click(".further a")
    assert await place.at() == f"/@{place.marta.username}"


async def test_somebody_looks_after_their_access(place: Place) -> None:
    tab = place.tab
    with Browser(place.node.url) as other:
        login = {"login": place.marta.email, "password": place.marta.password}
        await asyncio.to_thread(lambda: other.submit(other.open("/sign-in"), "/sign-in", **login))
        await place.sign_in()
        assert await tab.ask("document.querySelectorAll('form[action$=\"/end\"]').length") >= 1
        await tab.click("form[action='/settings/sessions/others'] button")
        assert "All other browsers were signed out" in await place.text()
        assert urlsplit(str((await asyncio.to_thread(other.open, "/settings")).url)).path == "/sign-in"
    assert "Heliograph demo" in await place.text()
    await tab.click("form[action$='/revoke'] button")
    assert "That app can no longer use your account" in await place.text()
    assert "No app uses your account" in await place.text()
    for name, value in (("current_password", place.marta.password), ("password", "another password")):
        await tab.ask(f"document.getElementById('{name}').focus()")
        await tab.type(value)
    await tab.click("form[action='/settings/password'] button")
    assert "Your password is changed" in await place.text()
    place.marta.password = "another password"
    await tab.click("form[action='/sign-out'] button")
    assert await place.at() == "/"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_every_page_can_be_read_on_a_phone(place: Place, dark: bool) -> None:
    tab, name = place.tab, place.marta.username
    await tab.look(360, 740, dark=dark)
    strangers = ["/", "/sign-in", "/sign-up", "/about", "/privacy-policy", "/forgotten-password", "/tags/lake"]
    for path in [*strangers, f"/@{name}", f"/@{name}/{place.posts[-1]['id']}", "/@nobody"]:
        await tab.open(place.url(path))
        await check_page(tab, path)
    await place.sign_in()
    for path in ("/settings", "/settings/delete-account", asking_app(place).removeprefix(place.node.url)):
        await tab.open(place.url(path))
        await check_page(tab, path)
    tab.complaints[:] = [words for words in tab.complaints if "404" not in words]


async def check_page(tab: Tab, path: str) -> None:
    """Nothing sticks out sideways, nothing is too faint, everything has a name."""
    assert await tab.ask("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
    assert await tab.ask(TOO_FAINT) == [], path
    assert await tab.ask("document.querySelectorAll('h1').length") == 1, path
    assert await tab.ask("document.documentElement.lang && document.title && document.querySelector('main') && 1"), path
    nameless = "[...document.querySelectorAll('input:not([type=hidden]):not([hidden]), select, textarea')].filter(field => !field.labels.length).length"
    assert await tab.ask(nameless) == 0, path
    assert await tab.ask("[...document.images].every(picture => picture.hasAttribute('alt'))"), path


async def until_true(tab: Tab, condition: str) -> None:
    """Wait, in the page, until a JavaScript condition holds."""
    wait = f"new Promise(done => {{ const look = () => ({condition}) ? done(true) : requestAnimationFrame(look); look(); }})"
    assert await tab.ask(wait)
