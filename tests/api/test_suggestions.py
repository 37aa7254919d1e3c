"""Accounts that are offered: suggestions and the directory."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from api.entities import account as account_entity
from node import runtime
from node.models.accounts import Account, User
from node.services import blocks, domain_blocks, mutes, suggestions
from tests import builders
from tests.api.client import Node, json
from tests.api.statements import counted_statements

OPEN = {"discoverable": True}


async def _suggested(node: Node, viewer: Account) -> list[tuple[str, str, list[str]]]:
    shown = await json(await (await node.signed_in(viewer)).get("/api/v2/suggestions"))
    return [(item["account"]["username"], item["source"], item["sources"]) for item in shown]


async def test_suggestions_name_friends_of_friends_before_the_most_followed(node: Node) -> None:
    me, friend, hiding = [await builders.local_account(name) for name in ("me", "friend", "hiding")]
    near, famous, behind = [await builders.local_account(name, **OPEN) for name in ("near", "famous", "behind")]
    await builders.local_account("shy")
    await Account.filter(id=famous.id).update(followers_count=50)
    await Account.filter(id=hiding.id).update(hide_collections=True)
    for one, other in ((me, friend), (me, hiding), (friend, near), (hiding, behind)):
        await builders.following(one, other)
    found = await _suggested(node, me)
    assert found[0] == ("near", "past_interactions", ["friends_of_friends", "most_followed"])
    assert found[1] == ("famous", "global", ["most_followed"])
    assert [name for name, *_ in found] == ["near", "famous", "behind"]
    client = await node.signed_in(me)
    answer = await client.get("/api/v1/suggestions?limit=1&offset=1")
    assert [item["username"] for item in await json(answer)] == ["famous"]
    assert "Deprecation" in answer.headers


async def test_whoever_is_unwelcome_is_suggested_no_more_at_once(node: Node) -> None:
    me = await builders.local_account("me")
    names = ("dismissed", "followed", "muted", "blocked", "blocking", "suspended", "silenced", "moved", "kept")
    people = {name: await builders.local_account(name, **OPEN) for name in names}
    remote = await builders.remote_account("elsewhere", "bad.example", discoverable=True)
    await builders.remote_account("reader", "bad.example")
    assert {name for name, *_ in await _suggested(node, me)} == {*names, remote.username}
    client = await node.signed_in(me)
    for _ in range(2):
        assert await json(await client.call("DELETE", f"/api/v1/suggestions/{people['dismissed'].id}")) == {}
    assert await json(await client.call("DELETE", "/api/v1/suggestions/5")) == {}
    await builders.following(me, people["followed"])
    await mutes.mute(me, people["muted"])
    await blocks.block(me, people["blocked"])
    await blocks.block(people["blocking"], me)
    await domain_blocks.block(me, "bad.example")
    await Account.filter(id=people["suspended"].id).update(suspended_at=1)
    await Account.filter(id=people["silenced"].id).update(silenced_at=1)
    await Account.filter(id=people["moved"].id).update(moved_to_uri="https://third.example/users/new")
    assert [name for name, *_ in await _suggested(node, me)] == ["kept"]
    await json(await node.client().get("/api/v2/suggestions"), 401)
    await json(await (await node.signed_in(me, "read")).call("DELETE", "/api/v1/suggestions/5"), 403)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_the_node_features_whom_its_settings_name_and_may_keep_no_directory(node: Node) -> None:
    me = await builders.local_account("me")
    await builders.local_account("guide", **OPEN)
    told = node.parts.settings.instance.model_copy(update={"suggested_accounts": ["Guide"], "directory": False})
    settings = node.parts.settings.model_copy(update={"instance": told})
    runtime.start(dataclasses.replace(node.parts, settings=settings))
    assert await _suggested(node, me) == [("guide", "staff", ["featured", "most_followed"])]
    await json(await node.client().get("/api/v1/directory"), 404)


async def _listed(node: Node, viewer: Account | None = None, **query: Any) -> list[str]:
    client = await node.signed_in(viewer) if viewer is not None else node.client()
    shown = await json(await client.get("/api/v1/directory", query_string=query))
    return [item["username"] for item in shown]


async def test_the_directory_lists_who_wants_to_be_found(node: Node) -> None:
    _, busy, busier = [await builders.local_account(name, **OPEN) for name in ("quiet", "busy", "busier")]
    await builders.local_account("hidden")
    waiting = await builders.local_account("waiting", **OPEN)
    await User.filter(account_id=waiting.id).update(confirmed_at=None)
    remote = await builders.remote_account("elsewhere", discoverable=True)
    for author in (busy, busier):
        await builders.post(author)
    await builders.received(remote)
    await Account.filter(id=busier.id).update(last_post_at=2_000_000_000_000)
    await Account.filter(id=remote.id).update(last_post_at=1_900_000_000_000)
    assert await _listed(node) == ["busier", "elsewhere", "busy", "quiet"]
    assert await _listed(node, order="new") == ["elsewhere", "busier", "busy", "quiet"]
    assert await _listed(node, local="true") == ["busier", "busy", "quiet"]
    assert await _listed(node, limit=2, offset=2) == ["busy", "quiet"]
    assert await _listed(node, limit=1, offset=3) == ["quiet"]
    viewer = await builders.local_account("viewer")
    await mutes.mute(viewer, busy)
    await domain_blocks.block(viewer, "remote.example")
    assert await _listed(node, viewer) == ["busier", "quiet"]
    await json(await node.client().get("/api/v1/directory?offset=x"), 400)


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_lists_of_accounts_take_as_many_statements_however_long_they_are(node: Node) -> None:
    me, star = await builders.local_account("me"), await builders.local_account("star", **OPEN)
    client = await node.signed_in(me)
    paths = (
        f"/api/v1/accounts/{star.id}/followers",
        "/api/v2/suggestions",
        "/api/v1/directory",
        "/api/v1/accounts/relationships",
    )
    await client.get("/api/v1/accounts/verify_credentials")
    counts: list[list[int]] = []
    for fans in (1, 12):
        for _ in range(fans):
            await builders.following(await builders.local_account(**OPEN), star)
        ids = "&".join(f"id[]={account.id}" for account in await Account.all())
        counts.append([])
        for path in paths:
            account_entity.forget_all()
            suggestions.forget_all()
            with counted_statements() as seen:
                shown = await json(await client.get(f"{path}?{ids}" if path.endswith("relationships") else path))
            counts[-1].append(len(seen))
            assert len(shown) >= fans
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 8
