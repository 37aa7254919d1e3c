"""Errors as people see them in a browser, and as everybody else does."""

from __future__ import annotations

import pytest

from api.accept import wants_page
from node import errors
from node.app import create_app
from node.runtime import Runtime
from tests.api.client import Node, json

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"}


async def test_a_browser_reads_a_page_where_nothing_is(node: Node) -> None:
    browser = await node.browser().open("/nothing-of-the-kind", headers=BROWSER)
    assert browser.status == 404 and "<h1>Nothing is here</h1>" in browser.text
    headers = browser.response.headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store" and headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/json, text/html;q=0.5",
        "application/activity+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1',
        "text/html;q=0",
    ],
)
async def test_whoever_is_no_browser_reads_json(node: Node, accept: str) -> None:
    answer = await node.client().get("/nothing-of-the-kind", headers={"Accept": accept})
    assert await json(answer, 404) == {"error": "Record not found"}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api",
        "/ap/users/1",
        "/actor/nothing",
        "/inbox/nothing",
        "/.well-known/nothing",
        "/nodeinfo/9.9",
        "/media/ab/nothing.jpg",
        "/oauth/token/nothing",
    ],
)
async def test_addresses_of_programs_answer_programs_even_in_a_browser(node: Node, path: str) -> None:
    answer = await node.client().get(path, headers=BROWSER)
    assert answer.status_code == 404 and "error" in await json(answer, 404)


@pytest.mark.parametrize("path", ["/apples", "/apiary", "/mediaeval", "/inboxes", "/actors"])
async def test_an_address_that_only_begins_like_a_programs_is_for_people(node: Node, path: str) -> None:
    async with node.app.test_request_context(path, headers=BROWSER):
        assert wants_page()


async def test_nothing_that_came_with_a_request_is_on_its_error_page(node: Node) -> None:
    browser = node.browser()
    for path in (
        "/<b>planted</b>",
        "/nothing?q=planted",
        "/@planted",
        "/tags/planted",
        "/@alice?max_id=planted",
        "/tags/a?max_id=planted",
        "/oauth/authorize?client_id=planted&redirect_uri=https://planted.example&force_login=planted",
        "/sign-in/link/planted",
        "/auth/planted",
    ):
        await browser.open(path, headers={**BROWSER, "X-Forwarded-Host": "planted"})
        assert 400 <= browser.status < 500 and "planted" not in browser.text, path


async def test_a_wrong_method_names_the_right_ones(node: Node) -> None:
    page = await node.client().post("/settings", headers=BROWSER)
    assert page.status_code == 405 and "<h1>This does not work here</h1>" in await page.get_data(as_text=True)
    for answer in (page, await node.client().post("/settings", json={})):
        assert answer.status_code == 405 and "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("raised", "status", "title"),
    [
        (errors.Forbidden(), 403, "This is not allowed"),
        (errors.RateLimited(7), 429, "Too many requests"),
        (errors.Unavailable("The database is busy"), 503, "Not just now"),
        (RuntimeError("secret detail"), 500, "Something went wrong on this server"),
    ],
)
async def test_every_refusal_reads_as_a_page_or_as_json(
    started: Runtime, raised: Exception, status: int, title: str
) -> None:
    node = Node(create_app(started.settings), started)

    @node.app.get("/refusing")
    async def refuse() -> str:
        raise raised

    browser = await node.browser().open("/refusing", headers=BROWSER)
    assert browser.status == status and f"<h1>{title}</h1>" in browser.text and "secret" not in browser.text
    answer = await node.client().get("/refusing", headers={"Accept": "application/json"})
    assert "secret" not in str(await json(answer, status))
    if status == 429:
        assert browser.response.headers["Retry-After"] == answer.headers["Retry-After"] == "7"


async def test_the_page_of_a_broken_server_asks_nothing_of_the_database(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.services import sessions

    async def broken(_token: str) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(sessions, "find", broken)
    browser = node.browser()
    browser.cookies["__Host-heliograph_session"] = "somebody"
    await browser.open("/sign-in", headers=BROWSER)
    assert browser.status == 500 and "<h1>Something went wrong on this server</h1>" in browser.text
