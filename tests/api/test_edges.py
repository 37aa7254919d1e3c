"""The edge of the API: what cannot be read is answered with a precise 4xx, in one shape, with the same headers."""

from __future__ import annotations

from typing import Any

import pytest

from api import token_use
from api.deprecation import deprecation
from api.openapi.surface import calls
from node.models.credentials import AccessToken
from tests import builders
from tests.api.client import Client, Node, json

DEEP = b"[" * 5_000 + b"]" * 5_000
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}

UNREADABLE = [
    (JSON, b"{"),
    (JSON, b'"text"'),
    (JSON, b"[]"),
    (JSON, b"\xff\xfe"),
    (JSON, b'{"status":' + DEEP + b"}"),
    (JSON, b'{"status":1e999}'),
    (JSON, b'{"media_ids":{"a":{"b":{"c":1}}}}'),
    (JSON, b'{"status":["a",{"b":1}]}'),
    (JSON, b'{"poll":"x"}'),
    (FORM, b"media_ids[a][b][c][d][e][f]=1"),
    (FORM, b"&".join(b"a=1" for _ in range(1001))),
    (FORM, b"media_ids[]=" + b"9" * 400),
    (FORM, b"sensitive=maybe"),
    (FORM, b"status=%00"),
    (MULTIPART, b"no boundary at all"),
    ({"Content-Type": "multipart/form-data"}, b"--x\r\n\r\n"),
    (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="status"\r\n\r\ncut off'),
]
HARMLESS = [
    (FORM, b"status=%zz%"),
    (FORM, b"status=%ff%fe"),
    (FORM, b"status[=1&status]=2&[]=3&=4&status[][][]=5"),
    (FORM, b"media_ids=&status=a&status=b"),
    ({"Content-Type": "text/plain"}, b"status=a"),
    ({"Content-Type": "application/json; charset=latin-1"}, b"{}"),
    ({"Content-Type": "application/json;;;="}, b"{}"),
]


async def alice(node: Node) -> Client:
    return await node.signed_in(await builders.local_account("alice"))


@pytest.mark.parametrize(("headers", "body"), UNREADABLE)
async def test_what_cannot_be_read_is_refused_and_changes_nothing(
    node: Node, headers: dict[str, str], body: bytes
) -> None:
    client = await alice(node)
    refusal = await client.post("/api/v1/statuses", headers=headers, data=body)
    said = await refusal.get_json()
    assert refusal.status_code in (400, 422), said
    assert set(said) <= {"error", "details"}
    assert isinstance(said["error"], str)
    assert refusal.headers["X-RateLimit-Remaining"]


@pytest.mark.parametrize(("headers", "body"), HARMLESS)
async def test_odd_bodies_are_answered_like_any_other(node: Node, headers: dict[str, str], body: bytes) -> None:
    client = await alice(node)
    answer = await client.post("/api/v1/statuses", headers=headers, data=body)
    assert answer.status_code in (200, 400, 422), await answer.get_data()


@pytest.mark.parametrize(
    "query", ["limit=x", "limit=-1", "max_id=1.5", "min_id=%00", "only_media=perhaps", "any[][][]=%ff", "local[a]=1"]
)
async def test_odd_queries_are_answered(node: Node, query: str) -> None:
    answer = await node.client().get(f"/api/v1/timelines/public?{query}")
    assert answer.status_code in (200, 400), await answer.get_data()


async def test_a_body_larger_than_a_megabyte_is_too_large(node: Node) -> None:
    client = await alice(node)
    answer = await client.post("/api/v1/statuses", headers=JSON, data=b'{"status":"' + b"a" * 2_000_000 + b'"}')
    assert await json(answer, 413) == {"error": "The request is too large"}


async def test_every_error_has_one_shape_rate_limits_and_is_open_to_other_sites(node: Node) -> None:
    client = await alice(node)
    for method, path, status in (
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/statuses/abc", 404),
        ("GET", "/api/v1/accounts/verify_credentials.json", 404),
        ("PATCH", "/api/v1/timelines/home", 405),
        ("GET", "/api/v1/statuses/1", 404),
        ("GET", "/api/nothing", 404),
    ):
        answer = await client.call(method, path, headers={"Accept": "text/html"})
        said = await json(answer, status)
        assert isinstance(said["error"], str), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path
        assert answer.headers["X-RateLimit-Limit"] == "300", path
        assert answer.headers["Content-Type"].startswith("application/json")
    refused = await node.client("wrong").get("/api/v1/timelines/home")
    assert await json(refused, 401) == {"error": "The access token is invalid"}
    assert all(name in refused.headers for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"))


async def test_a_preflight_of_any_call_allows_the_headers_it_asks_for(node: Node) -> None:
    for path in {call.path for call in calls(node.app) if call.path.startswith("/api/")}:
        answer = await node.client().call(
            "OPTIONS",
            path.replace("{", "").replace("}", ""),
            headers={
                "Origin": "https://web.example",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization, x-anything",
            },
        )
        assert answer.status_code == 204, path
        assert answer.headers["Access-Control-Allow-Headers"] == "authorization, x-anything"
    odd = {"Access-Control-Request-Headers": "a\tb<script>"}
    answer = await node.client().call("OPTIONS", "/api/v1/apps", headers=odd)
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


async def test_head_answers_like_get(node: Node) -> None:
    client = await alice(node)
    for path in ("/api/v1/timelines/public", "/api/v2/instance", "/health"):
        got, asked = await client.get(path), await client.call("HEAD", path)
        assert asked.status_code == 200
        assert asked.headers["Content-Type"] == got.headers["Content-Type"]
        assert asked.headers["Content-Length"] == got.headers["Content-Length"]


async def test_a_slash_at_the_end_is_forgiven(node: Node) -> None:
    assert (await node.client().get("/api/v2/instance/")).status_code == 200


async def test_the_use_of_a_token_is_written_once_an_hour(node: Node, held_clock: Any) -> None:
    client = await alice(node)
    await json(await client.get("/api/v1/accounts/verify_credentials"))
    assert (await AccessToken.get()).last_used_at is None
    await token_use.write_down()
    first = (await AccessToken.get()).last_used_at
    assert first is not None
    held_clock.advance(1800)
    await json(await client.get("/api/v1/accounts/verify_credentials"))
    await token_use.write_down()
    assert (await AccessToken.get()).last_used_at == first
    held_clock.advance(1801)
    await json(await client.get("/api/v1/accounts/verify_credentials"))
    await token_use.write_down()
    second = (await AccessToken.get()).last_used_at
    assert second is not None
    assert second > first


async def test_a_deprecated_call_says_so(node: Node) -> None:
    assert deprecation("2022-11-14") == "@1668384000"
    answer = await node.client().get("/api/v1/instance")
    assert answer.headers["Deprecation"] == "@1668384000"
    assert "Deprecation" not in (await node.client().get("/api/v2/instance")).headers
