"""What the node says of itself."""

from __future__ import annotations

import pytest

from node.services import domains
from tests import builders
from tests.api.client import Node, json


async def test_the_instance_says_what_it_accepts(node: Node) -> None:
    shown = await json(await node.client().get("/api/v2/instance"))
    settings = node.parts.settings
    assert shown["domain"] == "here.example"
    statuses = shown["configuration"]["statuses"]
    assert statuses["max_media_attachments"] == settings.media.max_attachments
    assert statuses["max_characters"] == settings.max_characters
    assert shown["configuration"]["media_attachments"]["image_size_limit"] == settings.media.max_photo_bytes
    assert set(shown["registrations"]) >= {"enabled", "approval_required", "message"}
    assert shown["api_versions"]["mastodon"] >= 1


async def test_older_clients_get_the_older_shape(node: Node) -> None:
    await builders.post(await builders.local_account())
    await builders.remote_account()
    shown = await json(await node.client().get("/api/v1/instance"))
    assert shown["uri"] == "here.example"
    assert shown["stats"] == {"user_count": 1, "status_count": 1, "domain_count": 1}


async def test_peers_and_domain_blocks_are_public(node: Node) -> None:
    await builders.remote_account(domain="good.example")
    await builders.remote_account(domain="bad.example")
    await domains.block("bad.example", public_comment="spam")
    assert await json(await node.client().get("/api/v1/instance/peers")) == ["good.example"]
    (rule,) = await json(await node.client().get("/api/v1/instance/domain_blocks"))
    assert (rule["domain"], rule["severity"], rule["comment"]) == ("bad.example", "suspend", "spam")
    assert len(rule["digest"]) == 64


@pytest.mark.parametrize("path", ["/api/v1/instance/rules", "/api/v1/custom_emojis"])
async def test_lists_that_are_truthfully_empty(node: Node, path: str) -> None:
    assert await json(await node.client().get(path)) == []


@pytest.mark.parametrize("path", ["/api/v1/lists", "/api/v2/filters", "/api/v1/trends/tags", "/api/v1/nothing"])
async def test_what_is_not_there_says_so(node: Node, path: str) -> None:
    assert await json(await node.client().get(path), 404) == {"error": "Record not found"}


async def test_health_is_ok_while_the_database_answers(node: Node) -> None:
    answer = await node.client().get("/health")
    assert (answer.status_code, await answer.get_data()) == (200, b"OK")
