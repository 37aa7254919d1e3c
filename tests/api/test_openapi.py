"""The API's description of itself: complete, true to the structs, and stable."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from api.openapi.examples import example_of
from api.openapi.operations import types_of
from api.openapi.surface import calls
from node.scopes import SCOPES
from tests.api.client import Node, json


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def references(part: Any) -> set[str]:
    if isinstance(part, dict):
        found = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
        return found.union(*map(references, part.values()))
    return set().union(*map(references, part)) if isinstance(part, list) else set()


async def test_the_document_describes_the_calls_and_refers_to_nothing_that_is_not_there(node: Node) -> None:
    response = await node.client().get("/api/openapi.json")
    document = await json(response)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "https://here.example"}]
    for reference in references(document):
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    found = operations(document)
    assert len({operation["operationId"] for operation in found.values()}) == len(found)
    assert {tag for operation in found.values() for tag in operation["tags"]} == {
        tag["name"] for tag in document["tags"]
    }
    again = await node.client().get("/api/openapi.json", headers={"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, await again.get_data()) == (304, b"")


async def test_a_call_is_described_with_its_parameters_answers_errors_and_scopes(node: Node) -> None:
    document = await json(await node.client().get("/api/openapi.json"))
    found = operations(document)
    tag = found["GET /api/v1/timelines/tag/{name}"]
    names = [parameter["name"] for parameter in tag["parameters"]]
    assert names == [
        "name", "local", "remote", "only_media", "any[]", "all[]", "none[]", "limit", "max_id", "since_id", "min_id",
    ]  # fmt: skip
    assert tag["security"] == [{}, {"OAuth2": ["read:statuses"]}]
    assert tag["summary"] == "Public posts with a hashtag."
    assert tag["responses"]["200"]["headers"].keys() == {
        "Link", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
    }  # fmt: skip
    assert tag["responses"].keys() == {"200", "400", "401", "403", "404", "429"}
    shown = tag["responses"]["200"]["content"]["application/json"]
    assert shown["schema"] == {"type": "array", "items": {"$ref": "#/components/schemas/Status"}}
    assert shown["examples"]["usual"]["$ref"] == "#/components/examples/StatusList"
    assert document["components"]["examples"]["StatusList"]["value"][0]["account"]["username"] == "aurora"
    assert found["GET /api/v1/timelines/home"]["security"] == [{"OAuth2": ["read:statuses"]}]
    scopes = document["components"]["securitySchemes"]["OAuth2"]["flows"]["authorizationCode"]["scopes"]
    assert tuple(scopes) == SCOPES


async def test_every_example_reads_back_through_its_struct(node: Node) -> None:
    kinds = {kind: None for call in calls(node.app) for kind in types_of(call)}
    for kind in kinds:
        msgspec.json.decode(msgspec.json.encode(example_of(kind)), type=kind, strict=False)


async def test_every_call_says_what_it_takes_and_answers_and_asks_for_scopes_there_are(node: Node) -> None:
    found = calls(node.app)
    assert [f"{call.method} {call.path}" for call in found if call.operation is None] == []
    assert [call.path for call in found if not call.description[0]] == []
    assert {scope for call in found if call.access for scope in call.access.scopes} <= set(SCOPES)


async def test_operation_ids_follow_the_path(node: Node) -> None:
    by_path = {(call.method, call.path): call.operation_id for call in calls(node.app)}
    assert by_path["GET", "/api/v1/accounts/{account_id}/statuses"] == "getApiV1AccountsByAccountIdStatuses"
    assert all(re.fullmatch(r"[a-z]+([A-Z][A-Za-z0-9]*)+", name) for name in by_path.values())


async def test_the_page_shows_every_call_without_scripts_or_styles_of_its_own(node: Node) -> None:
    response = await node.client().get("/api/docs")
    page = await response.get_data(as_text=True)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    addresses = {"/api/docs", *re.findall(r'href="(/api/docs/[a-z0-9-]+)"', page)}
    pages = {address: await (await node.client().get(address)).get_data(as_text=True) for address in addresses}
    assert max(map(len, pages.values())) < 400_000 and len(page) < 150_000
    everything = "".join(pages.values())
    for forbidden in ("<script", "<style", " style=", " onclick"):
        assert forbidden not in everything
    for call in calls(node.app):
        assert f'<article id="{call.operation_id}">' in everything
        assert f'#{call.operation_id}"' in page
    for words in ("any[]", "read:statuses", "entities#Account", "Idempotency-Key", "1500 in 5 minutes"):
        assert words in everything
    for address, text in pages.items():
        for target, anchor in re.findall(r'href="([^"#]*)#([^"]+)"', text):
            assert f' id="{anchor}"' in pages[target or address], (address, target, anchor)
    assert (await node.client().get("/api/docs/nothing")).status_code == 404
    again = await node.client().get(
        "/api/docs/posts", headers={"If-None-Match": (await node.client().get("/api/docs/posts")).headers["ETag"]}
    )
    assert again.status_code == 304
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert (await node.client().get(style)).headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("path", ["/api/openapi.json", "/api/docs"])
async def test_the_description_may_be_read_from_other_sites(node: Node, path: str) -> None:
    response = await node.client().get(path)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
