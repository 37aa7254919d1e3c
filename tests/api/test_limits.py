"""How often clients may call, whom a call is counted for, and what browsers of other sites may read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from quart import Response

from api import limits
from api.client_address import neighbourhood
from node import clock
from node.app import create_app
from node.rate_limits import Limit
from node.runtime import Runtime
from node.settings import Settings
from tests.api.client import PASSWORD, Client, Node, json, new_access_token, person, registered

CHECK = "/api/v1/apps/verify_credentials"


@pytest.fixture
async def behind_one_proxy(node: Node) -> AsyncIterator[Node]:
    object.__setattr__(node.parts.settings, "trusted_proxies", 1)
    yield node


async def many(client: Client, path: str, times: int, method: str = "GET", **arguments: object) -> list[int]:
    return [(await client.call(method, path, **arguments)).status_code for _ in range(times)]


def standing(response: Response) -> tuple[int, int]:
    return int(response.headers["X-RateLimit-Limit"]), int(response.headers["X-RateLimit-Remaining"])


async def test_answers_say_what_is_left_and_when_it_begins_anew(node: Node) -> None:
    response = await node.client().get("/api/v1/instance")
    assert standing(response) == (300, 299)
    reset = response.headers["X-RateLimit-Reset"]
    assert reset.endswith("Z") and "." in reset
    assert 0 < datetime.fromisoformat(reset).timestamp() - clock.timestamp() <= 300
    assert standing(await node.client().get("/api/v1/instance")) == (300, 298)


async def test_an_anonymous_client_is_stopped_after_three_hundred_calls(node: Node) -> None:
    assert set(await many(node.client(), "/api/v1/instance/rules", 300)) == {200}
    response = await node.client().get("/api/v1/instance/rules")
    assert await json(response, 429) == {"error": "Too many requests"}
    assert standing(response) == (300, 0) and 0 < int(response.headers["Retry-After"]) <= 300
    token = await new_access_token(await person("alice"))
    assert standing(await node.client(token).get(CHECK)) == (300, 299), "a token has calls of its own"


async def test_tokens_count_apart_and_the_person_counts_over_all_of_them(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PER_TOKEN", Limit("token", 3, 300))
    monkeypatch.setattr(limits, "PER_USER", Limit("user", 5, 300))
    alice, bob = await person("alice"), await person("bob")
    first, second = [node.client(await new_access_token(alice)) for _ in range(2)]
    assert await many(first, CHECK, 4) == [200, 200, 200, 429]
    assert await many(second, CHECK, 2) == [200, 429]
    assert await many(node.client(await new_access_token(bob)), CHECK, 3) == [200] * 3


async def test_bad_tokens_count_for_the_address_they_come_from(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", Limit("address", 3, 300))
    statuses = [(await node.client(f"guess{number}").get(CHECK)).status_code for number in range(5)]
    assert statuses == [401, 401, 401, 429, 429]


async def test_apps_register_five_times_in_ten_minutes(node: Node) -> None:
    asked = {"client_name": "Weir", "redirect_uris": "weir://callback"}
    statuses = await many(node.client(), "/api/v1/apps", 6, "POST", json=asked)
    assert statuses == [200] * 5 + [429]


async def test_sign_ups_are_counted_by_address_through_api_and_page_together(node: Node) -> None:
    for number in range(3):
        client = node.client(await new_access_token(None, "write"))
        await json(await client.post("/api/v1/accounts", json={"username": f"n{number}"}), 422)
    browser = await node.browser().open("/sign-up")
    fields = browser.hidden()
    for status in (422, 422, 429):
        await browser.send("/sign-up", fields)
        assert browser.status == status
    assert "<!doctype html>" in browser.text
    await json(await client.post("/api/v1/accounts", json={"username": "n"}), 429)


async def test_deletions_and_uploads_have_limits_of_their_own(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    client = node.client(await new_access_token(await person("alice")))
    assert await many(client, "/api/v1/statuses/1", 31, "DELETE") == [404] * 30 + [429]
    assert (await client.post("/api/v1/statuses/1/unreblog")).status_code == 429
    statuses = await many(client, "/api/v2/media", 31, "POST")
    assert 429 not in statuses[:30] and statuses[30] == 429
    assert (await client.get(CHECK)).status_code == 200


async def test_paging_without_a_token_is_limited_over_a_longer_time(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PAGING", Limit("paging", 2, 900))
    assert await many(node.client(), "/api/v1/timelines/public?max_id=5", 3) == [200, 200, 429]
    assert (await node.client().get("/api/v1/timelines/public")).status_code == 200


async def test_password_guesses_are_limited_by_address(node: Node) -> None:
    await person("alice")
    browser = await node.browser().open("/sign-in")
    fields = browser.hidden()
    for number in range(25):
        await browser.send("/sign-in", {**fields, "login": f"nobody{number}", "password": "wrong wrong"})
        assert browser.status == 422
    await browser.send("/sign-in", {**fields, "login": "alice", "password": PASSWORD})
    assert browser.status == 429 and int(browser.response.headers["Retry-After"]) > 0


async def test_password_guesses_are_limited_by_name_wherever_they_come_from(behind_one_proxy: Node) -> None:
    await person("alice")
    browser = await behind_one_proxy.browser().open("/sign-in")
    fields = {**browser.hidden(), "password": "wrong wrong"}
    for number in range(25):
        name = ("alice", "@ALICE", " Alice ")[number % 3]
        await browser._send("POST", "/sign-in", {**fields, "login": name}, {"X-Forwarded-For": f"192.0.2.{number}"})
        assert browser.status == 422
    await browser._send("POST", "/sign-in", {**fields, "login": "alice"}, {"X-Forwarded-For": "192.0.2.99"})
    assert browser.status == 429


async def test_the_address_is_what_the_trusted_proxy_saw_not_what_the_client_claims(behind_one_proxy: Node) -> None:
    client = behind_one_proxy.client()
    for number in range(3):
        headers = {"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.7"}
        response = await client.get("/api/v1/instance", headers=headers)
        assert standing(response) == (300, 299 - number)
    response = await client.get("/api/v1/instance", headers={"X-Forwarded-For": "198.51.100.8"})
    assert standing(response) == (300, 299)


async def test_without_a_proxy_forwarded_addresses_are_not_believed(node: Node) -> None:
    for number in range(3):
        response = await node.client().get("/api/v1/instance", headers={"X-Forwarded-For": f"198.51.100.{number}"})
        assert standing(response) == (300, 299 - number)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not:an:address", "not:an:address"),
        ("unknown", "unknown"),
    ],
)
def test_one_home_counts_as_one(address: str, expected: str) -> None:
    assert neighbourhood(address) == expected


async def test_nothing_is_counted_when_the_settings_say_so(started: Runtime) -> None:
    values = {**started.settings.model_dump(), "rate_limits": False}
    object.__setattr__(started.settings, "rate_limits", False)
    client = Client(create_app(Settings(**values)))
    response = await client.get("/api/v1/instance")
    assert "X-RateLimit-Limit" not in response.headers
    assert set(await many(client, "/api/v1/instance/rules", 310)) == {200}


async def test_pages_carry_no_counts(node: Node) -> None:
    browser = await node.browser().open("/sign-in")
    assert "X-RateLimit-Limit" not in browser.response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/statuses",
        "/api/v1/nothing",
        "/oauth/token",
        "/oauth/revoke",
        "/oauth/userinfo",
        "/.well-known/webfinger",
    ],
)
async def test_preflights_are_answered_for_what_is_open_to_other_sites(node: Node, path: str) -> None:
    headers = {"Origin": "https://web.example", "Access-Control-Request-Method": "POST"}
    response = await node.client().call("OPTIONS", path, headers=headers)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
    assert "DELETE" in response.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in response.headers


async def test_other_sites_may_read_answers_and_errors_of_the_api(node: Node) -> None:
    for path, status in (("/api/v1/instance", 200), (CHECK, 401), ("/api/v1/nothing", 404)):
        response = await node.client().get(path, headers={"Origin": "https://web.example"})
        assert response.status_code == status
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Link" in response.headers["Access-Control-Expose-Headers"]


async def test_other_sites_may_not_read_the_pages(node: Node) -> None:
    app = await registered()
    for path in ("/", "/sign-in", f"/oauth/authorize?client_id={app.application.client_id}"):
        browser = await node.browser().open(path, headers={"Origin": "https://web.example"})
        assert "Access-Control-Allow-Origin" not in browser.response.headers
    response = await node.client().call("OPTIONS", "/sign-in", headers={"Access-Control-Request-Method": "POST"})
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_session_cookie_opens_no_api_call(node: Node) -> None:
    await person("alice")
    browser = await node.browser().open("/sign-in")
    await browser.submit(login="alice", password=PASSWORD)
    await browser.open(CHECK)
    assert browser.status == 401
