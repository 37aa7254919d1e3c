"""What the node says of itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from node.models.accounts import User
from node.queries import instance as instance_queries
from node.runtime import Runtime
from node.services import domains, rules, site, weeks
from tests import builders
from tests.api.client import Node, json
from tests.conftest import HeldClock
from tests.media.zoo import encoded, quadrants


def write(parts: Runtime, name: str, content: str | bytes) -> Path:
    """Put a file into the folder of the admins' texts and pictures."""
    path = parts.settings.data_dir / site.FOLDER / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    site.forget_all()
    return path


def configure(parts: Runtime, **values: object) -> None:
    """Other settings of the instance."""
    changed = parts.settings.instance.model_copy(update=values)
    object.__setattr__(parts, "settings", parts.settings.model_copy(update={"instance": changed}))


async def test_the_instance_says_what_it_accepts_and_who_runs_it(node: Node) -> None:
    alice = await builders.local_account("alice")
    rule = await rules.add("Be kind", hint="Really")
    await rules.translate(rule.id, "de", "Sei freundlich")
    configure(node.parts, contact_account="alice", status_url="https://status.example/")
    shown = await json(await node.client().get("/api/v2/instance"))
    settings = node.parts.settings
    assert shown["domain"] == "here.example"
    configuration = shown["configuration"]
    assert configuration["statuses"]["max_media_attachments"] == settings.media.max_attachments
    assert configuration["statuses"]["max_characters"] == settings.max_characters
    assert configuration["media_attachments"]["image_size_limit"] == settings.media.max_photo_bytes
    assert configuration["urls"] == {
        "streaming": "wss://here.example",
        "status": "https://status.example/",
        "about": "https://here.example/about",
        "privacy_policy": "https://here.example/privacy-policy",
        "terms_of_service": None,
    }
    assert set(configuration) == {
        *("urls", "vapid", "accounts", "statuses", "media_attachments", "polls", "translation"),
        *("timelines_access", "limited_federation"),
    }
    assert set(shown["registrations"]) == {
        *("enabled", "approval_required", "reason_required", "message", "min_age", "url"),
    }
    assert shown["api_versions"]["mastodon"] >= 1
    assert shown["contact"]["account"]["id"] == str(alice.id)
    said = {"id": str(rule.id), "text": "Be kind", "hint": "Really"}
    assert shown["rules"] == [{**said, "translations": {"de": {"text": "Sei freundlich", "hint": ""}}}]
    assert await json(await node.client().get("/api/v1/instance/rules")) == shown["rules"]
    older = await node.client().get("/api/v1/instance")
    assert older.headers["Deprecation"] == "@1668384000"
    first = await json(older)
    assert first["rules"] == shown["rules"]
    assert first["contact_account"] == shown["contact"]["account"]
    assert set(first["configuration"]) == {"accounts", "statuses", "media_attachments", "polls"}


async def test_older_clients_and_other_servers_get_the_same_counts(node: Node) -> None:
    alice = await builders.local_account()
    post = await builders.post(alice)
    await builders.post(alice, "So it is", parent_id=post.id)
    await User.filter(account_id=(await builders.local_account()).id).update(confirmed_at=None)
    await builders.remote_account()
    shown = await json(await node.client().get("/api/v1/instance"))
    assert shown["uri"] == "here.example"
    assert shown["stats"] == {"user_count": 1, "status_count": 2, "domain_count": 1}


async def test_what_the_admins_write_and_show_is_served_harmless(node: Node) -> None:
    client = node.client()
    path = "/api/v1/instance/extended_description"
    assert await json(await client.get(path)) == {"updated_at": None, "content": ""}
    default = await json(await client.get("/api/v1/instance/privacy_policy"))
    assert "here.example" in default["content"]
    await json(await client.get("/api/v1/instance/terms_of_service"), 404)
    assert (await client.get("/terms-of-service")).status_code == 404

    os.utime(write(node.parts, "about.md", "# Hi\n<script>x</script> [a](javascript:x) **b**"), (1e9, 1e9))
    site.forget_all()
    about = await json(await client.get(path))
    assert about["updated_at"] == "2001-09-09T01:46:40Z"
    assert "<h1>Hi</h1>" in about["content"]
    assert "<strong>b</strong>" in about["content"]
    assert "<script" not in about["content"]
    assert "href" not in about["content"]
    write(node.parts, "privacy.html", '<p onclick="x">Ours</p><iframe src="/"></iframe>')
    assert (await json(await client.get("/api/v1/instance/privacy_policy")))["content"] == "<p>Ours</p>"
    page = await (await client.get("/privacy-policy")).get_data(as_text=True)
    assert "<p>Ours</p>" in page

    for day in ("2020-01-01", "2021-01-01", "2999-01-01", "2999-99-99"):
        write(node.parts, f"terms-{day}.md", f"From {day}")
    now = await json(await client.get("/api/v1/instance/terms_of_service"))
    assert now == {
        "effective_date": "2021-01-01",
        "effective": True,
        "content": "<p>From 2021-01-01</p>",
        "succeeded_by": "2999-01-01",
    }
    later = await json(await client.get("/api/v1/instance/terms_of_service/2999-01-01"))
    assert (later["effective"], later["succeeded_by"]) == (False, None)
    for day in ("2999-99-99", "2022-01-01", "x"):
        await json(await client.get(f"/api/v1/instance/terms_of_service/{day}"), 404)
    assert "From 2020" in await (await client.get("/terms-of-service/2020-01-01")).get_data(as_text=True)

    write(node.parts, "thumbnail.png", encoded(quadrants(96, 64), "PNG"))
    write(node.parts, "icon.png", b"no picture")
    shown = await json(await client.get("/api/v2/instance"))
    assert shown["icon"] == []
    assert shown["thumbnail"]["versions"]["@1x"] == shown["thumbnail"]["url"]
    assert shown["configuration"]["urls"]["terms_of_service"] == "https://here.example/terms-of-service"
    file = await client.get(shown["thumbnail"]["url"].removeprefix("https://here.example"))
    assert (file.status_code, file.content_type) == (200, "image/png")
    for name in ("icon.png", "about.md", "..%2Fheliograph.db"):
        assert (await client.get(f"/site/{name}")).status_code == 404


async def test_peers_and_domain_blocks_are_told_to_those_the_admins_choose(node: Node) -> None:
    await builders.remote_account(domain="good.example")
    for domain in ("goose.example", "goose.example", "bad.example"):
        await builders.remote_account(domain=domain)
    await domains.block("quiet.example", severity="silence", public_comment="loud")
    await domains.block("bad.example", public_comment="spam")
    client = node.client()
    assert await json(await client.get("/api/v1/instance/peers")) == ["good.example", "goose.example"]
    assert await json(await client.get("/api/v1/peers/search?q=Goo")) == ["goose.example", "good.example"]
    for query in ("", "?q=", "?q=%25"):
        assert await json(await client.get(f"/api/v1/peers/search{query}")) == []
    path = "/api/v1/instance/domain_blocks"
    found = await json(await client.get(path))
    assert [(rule["domain"], rule["severity"], rule["comment"]) for rule in found] == [
        ("bad.example", "suspend", "spam"),
        ("quiet.example", "silence", "loud"),
    ]
    assert len(found[0]["digest"]) == 64
    member = await node.signed_in(await builders.local_account())
    configure(node.parts, domain_block_reasons="nobody", publish_peers=False)
    assert [rule["comment"] for rule in await json(await member.get(path))] == [None, None]
    for hidden in ("/api/v1/instance/peers", "/api/v1/peers/search?q=goo"):
        await json(await client.get(hidden), 404)
    configure(node.parts, domain_blocks="users", domain_block_reasons="users")
    assert [rule["comment"] for rule in await json(await member.get(path))] == ["spam", "loud"]
    assert await json(await client.get(path), 401) == {"error": "The access token is invalid"}
    configure(node.parts, domain_blocks="nobody")
    await json(await member.get(path), 404)


async def test_the_last_twelve_weeks_are_told_in_numbers(node: Node, held_clock: HeldClock) -> None:
    alice = await builders.local_account()
    await User.filter(account_id=alice.id).update(last_active_at=builders.at(2026, 11, 22))
    await builders.post(alice)
    await weeks.count()
    held_clock.advance(7 * 86_400)
    await User.filter(account_id=alice.id).update(last_active_at=builders.at(2026, 11, 29))
    await weeks.count()
    shown = await json(await node.client().get("/api/v1/instance/activity"))
    assert len(shown) == instance_queries.WEEKS
    assert shown[0] == {"week": "1795392000", "statuses": "0", "logins": "1", "registrations": "0"}
    assert shown[1] == {"week": "1794787200", "statuses": "1", "logins": "1", "registrations": "1"}
    assert shown[2]["logins"] == "0"
    configure(node.parts, publish_activity=False)
    await json(await node.client().get("/api/v1/instance/activity"), 404)


async def test_languages_are_listed_and_none_is_translated(node: Node) -> None:
    client = node.client()
    languages = await json(await client.get("/api/v1/instance/languages"))
    assert {"code": "de", "name": "German"} in languages
    assert {"code": "cu", "name": "Old Church Slavonic"} in languages
    assert await json(await client.get("/api/v1/instance/translation_languages")) == {}


async def test_what_is_switched_off_says_so_as_mastodon_does(node: Node) -> None:
    alice = await builders.local_account()
    post = await builders.post(alice)
    client = await node.signed_in(alice)
    for method, path in (
        ("POST", f"/api/v1/statuses/{post.id}/translate"),
        ("GET", "/api/v1/annual_reports/2025"),
        ("POST", "/api/v1/annual_reports/2025/read"),
    ):
        assert await json(await client.call(method, path), 404) == {"error": "Record not found"}
        await json(await node.client().call(method, path), 401)
    empty = {"annual_reports": [], "accounts": [], "statuses": []}
    assert await json(await client.get("/api/v1/annual_reports")) == empty
    assert await json(await client.get("/api/v1/annual_reports/2025/state")) == {"state": "ineligible"}
    assert await json(await client.post("/api/v1/annual_reports/2025/generate")) == {}


@pytest.mark.parametrize("path", ["/api/v1/instance/rules", "/api/v1/custom_emojis"])
async def test_lists_that_are_truthfully_empty(node: Node, path: str) -> None:
    assert await json(await node.client().get(path)) == []


async def test_what_is_not_there_says_so(node: Node) -> None:
    assert await json(await node.client().get("/api/v1/nothing"), 404) == {"error": "Record not found"}


async def test_health_is_ok_while_the_database_answers(node: Node) -> None:
    answer = await node.client().get("/health")
    assert (answer.status_code, await answer.get_data()) == (200, b"OK")


async def test_what_each_stated_level_of_the_api_stands_for_is_there(node: Node) -> None:
    stated = (await json(await node.client().get("/api/v2/instance")))["api_versions"]
    assert stated == {"mastodon": 11}
    client = await node.signed_in(await builders.local_account())
    for level, path in (
        (2, "/api/v2/notifications"),
        (2, "/api/v2/notifications/policy"),
        (7, "/api/v1/statuses/{}/quotes"),
        (9, "/api/v1/profile"),
        (10, "/api/v1/accounts/{}/collections"),
    ):
        me = await json(await client.get("/api/v1/accounts/verify_credentials"))
        post = await json(await client.post("/api/v1/statuses", json={"status": "A heron"}))
        path = path.format(post["id"] if "statuses" in path else me["id"])
        assert (await client.get(path)).status_code == 200, level
    described = {"avatar_description": "A heron", "header_description": "A weir"}
    shown = await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", json=described))
    assert {name: shown[name] for name in described} == described
