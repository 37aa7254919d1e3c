"""Mastodon.py in an admin's hands: who is kept out, what may trend, and how the node is used."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from node.demo.process import PROJECT
from tests.clients.conftest import TRENDING
from tests.clients.mastodon_py import App, ids, strict
from tests.e2e.nodes import NodeProcess
from tests.e2e.person import Member, Refused, newcomer

COUNT_TRENDS = "from node.cli.session import on_the_node; from node.services import trends; on_the_node(trends.refresh)"


def test_a_domain_is_blocked_and_let_be(admin: App, anna: App) -> None:
    api = admin.api
    made = strict(
        api.admin_create_domain_block(
            "spam.example",
            "silence",
            reject_media=True,
            reject_reports=False,
            public_comment="Spam",
            private_comment="By the dozen",
        )
    )
    assert (made.domain, made.severity, made.reject_media, made.reject_reports) == (
        "spam.example",
        "silence",
        True,
        False,
    )
    assert (made.public_comment, made.private_comment) == ("Spam", "By the dozen")
    assert made.digest == sha256(b"spam.example").hexdigest()
    second = strict(api.admin_create_domain_block("worse.example", "suspend"))
    assert ids(strict(api.admin_domain_blocks())) == [second.id, made.id]
    assert ids(strict(api.admin_domain_blocks(max_id=second.id))) == [made.id]
    with pytest.raises(MastodonAPIError, match="422"):
        api.admin_create_domain_block("spam.example", "silence")
    changed = strict(api.admin_update_domain_block(made.id, severity="suspend", obfuscate=True))
    assert (changed.severity, changed.obfuscate) == ("suspend", True)
    assert (changed.reject_media, changed.public_comment) == (True, "Spam"), "what was not named stays"
    assert strict(api.admin_domain_blocks(made.id)).severity == "suspend"
    told = {block.digest: block for block in strict(anna.api.instance_domain_blocks())}
    assert (told[made.digest].severity, told[made.digest].comment) == ("suspend", "Spam")
    assert told[made.digest].domain != "spam.example", "an obfuscated name"
    for block in (made, second):
        api.admin_delete_domain_block(block.id)
    assert api.admin_domain_blocks() == []
    with pytest.raises(MastodonNotFoundError):
        api.admin_domain_blocks(made.id)


def test_a_domain_is_allowed_and_no_longer(admin: App) -> None:
    api = admin.api
    allowed = strict(api.admin_create_domain_allow("friends.example"))
    assert api.admin_create_domain_allow("friends.example").id == allowed.id
    assert ids(strict(api.admin_domain_allows())) == [allowed.id]
    assert strict(api.admin_domain_allow(allowed.id)).domain == "friends.example"
    api.admin_delete_domain_allow(allowed.id)
    assert api.admin_domain_allows() == []


def test_some_addresses_open_no_account(admin: App, here: NodeProcess) -> None:
    api = admin.api
    domain = strict(api.admin_create_email_domain_block("throwaway.example"))
    address = strict(api.admin_create_canonical_email_block("mallory@mallory.example"))
    assert address.canonical_email_hash == sha256(b"mallory@mallory.example").hexdigest()
    for email in ("anybody@throwaway.example", "Mal.Lory+again@mallory.example"):
        assert not _may_sign_up(here, email)
    assert ids(strict(api.admin_email_domain_blocks())) == [domain.id]
    assert strict(api.admin_email_domain_block(domain.id)).domain == "throwaway.example"
    assert ids(strict(api.admin_canonical_email_blocks())) == [address.id]
    assert strict(api.admin_canonical_email_block(address.id)).canonical_email_hash == address.canonical_email_hash
    assert ids(strict(api.admin_test_canonical_email_block("m.allory@mallory.example"))) == [address.id]
    assert api.admin_test_canonical_email_block("alice@mallory.example") == []
    digest = sha256(b"trudy@trudy.example").hexdigest()
    other = strict(api.admin_create_canonical_email_block(canonical_email_hash=digest))
    assert ids(api.admin_test_canonical_email_block("trudy@trudy.example")) == [other.id]
    api.admin_delete_email_domain_block(domain.id)
    for block in (address, other):
        api.admin_delete_canonical_email_block(block.id)
    assert (api.admin_email_domain_blocks(), api.admin_canonical_email_blocks()) == ([], [])
    assert _may_sign_up(here, "Mal.Lory+again@mallory.example")


def test_a_network_opens_no_account(admin: App, here: NodeProcess) -> None:
    api = admin.api
    block = strict(api.admin_create_ip_block("127.0.0.0/8", "sign_up_block", comment="Robots", expires_in=3600))
    assert (block.ip, block.severity, block.comment) == ("127.0.0.0/8", "sign_up_block", "Robots")
    assert timedelta(minutes=59) < block.expires_at - block.created_at <= timedelta(hours=1, seconds=1)
    assert ids(strict(api.admin_ip_blocks())) == [block.id]
    assert not _may_sign_up(here, "somebody@network.example")
    changed = strict(api.admin_update_ip_block(block.id, ip="192.0.2.0/24", severity="no_access", comment="Worse"))
    assert (changed.ip, changed.severity, changed.comment) == ("192.0.2.0/24", "no_access", "Worse")
    assert strict(api.admin_ip_block(block.id)).severity == "no_access"
    assert _may_sign_up(here, "somebody@network.example")
    api.admin_delete_ip_block(block.id)
    assert api.admin_ip_blocks() == []


def _may_sign_up(node: NodeProcess, email: str) -> bool:
    person = Member(node, f"someone{email.partition('@')[2].partition('.')[0]}")
    person.email = email
    try:
        person.sign_up()
    except Refused as refusal:
        assert refusal.status in (403, 422)
        return False
    return True


@pytest.fixture(scope="module")
def talk(here: NodeProcess) -> Iterator[tuple[Member, str]]:
    """Somebody whose post and hashtag many take up, and the post's id."""
    author, *crowd = (newcomer(here, name) for name in ("tara", "udo", "vera"))
    author.change_profile(discoverable=True)
    post = author.publish("High water #Flood", language="en")
    for person in crowd:
        person.does("favourite", post["id"])
        person.publish("Everywhere #Flood", language="de")
        assert person.home()
    _count_trends(here)
    yield author, post["id"]


def _count_trends(node: NodeProcess) -> None:
    """What the node does every few minutes."""
    settings = {f"HELIOGRAPH_{name}": value for name, value in TRENDING.items()}
    where = {"HELIOGRAPH_DATA_DIR": str(node.data_dir), "HELIOGRAPH_BASE_URL": node.url}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HELIOGRAPH_")}
    environment = {**inherited, **settings, **where}
    subprocess.run([sys.executable, "-c", COUNT_TRENDS], cwd=PROJECT, env=environment, check=True)


def test_what_trends_is_judged(admin: App, anna: App, talk: tuple[Member, str]) -> None:
    api, (_, number) = admin.api, talk
    tag = next(tag for tag in strict(api.admin_trending_tags(limit=20)) if tag.name == "Flood")
    assert (tag.trendable, tag.usable, tag.requires_review) == (True, True, True)
    rejected = strict(api.admin_reject_trending_tag(tag.id))
    assert (rejected.name, rejected.trendable, rejected.requires_review) == ("Flood", False, False)
    assert "Flood" not in [shown.name for shown in anna.api.trending_tags()]
    assert "Flood" in [shown.name for shown in api.admin_trending_tags()]
    assert strict(api.admin_approve_trending_tag(tag.id)).trendable is True
    assert "Flood" in [shown.name for shown in strict(anna.api.trending_tags())]

    post = next(post for post in strict(api.admin_trending_statuses()) if post.id == number)
    assert post.requires_review is True
    assert strict(api.admin_reject_trending_status(post.id)).requires_review is False
    assert number not in ids(anna.api.trending_statuses())
    assert number in ids(api.admin_trending_statuses())
    assert strict(api.admin_approve_trending_status(post.id)).id == number
    assert number in ids(strict(anna.api.trending_statuses()))

    assert api.admin_trending_links() == [], "pages of others are not looked at here"
    for decide in (api.admin_approve_trending_link, api.admin_reject_trending_link):
        with pytest.raises(MastodonNotFoundError):
            decide(1)


def test_the_use_of_the_node_is_counted(
    admin: App, anna: App, elsewhere: NodeProcess, talk: tuple[Member, str]
) -> None:
    api, now = admin.api, datetime.now(UTC)
    tag, there = anna.api.tag("flood").id, elsewhere.domain
    far = newcomer(elsewhere, "odo")
    admin.person.follow(far)
    counted = strict(
        api.admin_measures(
            now - timedelta(days=2),
            now,
            active_users=True,
            new_users=True,
            interactions=True,
            opened_reports=True,
            resolved_reports=True,
            tag_accounts=tag,
            tag_uses=tag,
            tag_servers=tag,
            instance_accounts=there,
            instance_media_attachments=there,
            instance_reports=there,
            instance_statuses=there,
            instance_follows=there,
            instance_followers=there,
        )
    )
    found = {measure.key: measure for measure in counted}
    assert len(found) == 14
    assert all(len(measure.data) == 3 for measure in counted), "a value for each day"
    totals = {key: int(measure.total) for key, measure in found.items()}
    assert totals["new_users"] >= 4 and totals["active_users"] >= 2 and totals["interactions"] >= 2
    assert (totals["tag_accounts"], totals["tag_uses"], totals["tag_servers"]) == (3, 3, 1)
    assert totals["instance_accounts"] >= 1 and totals["instance_reports"] == 0
    assert found["tag_uses"].data[-1].value == 3 and found["tag_uses"].previous_total == "0"
    assert found["instance_media_attachments"].unit == "bytes"
    assert found["instance_media_attachments"].human_value


def test_the_use_of_the_node_is_divided_into_its_parts(
    admin: App, anna: App, here: NodeProcess, elsewhere: NodeProcess, talk: tuple[Member, str]
) -> None:
    api, now = admin.api, datetime.now(UTC)
    tag, there = anna.api.tag("flood").id, elsewhere.domain
    divided = strict(
        api.admin_dimensions(
            now - timedelta(days=2),
            now,
            limit=3,
            languages=True,
            sources=True,
            servers=True,
            space_usage=True,
            software_versions=True,
            tag_servers=tag,
            tag_languages=tag,
            instance_accounts=there,
            instance_languages=there,
        )
    )
    parts = {dimension.key: dimension.data for dimension in divided}
    assert len(parts) == 9
    assert [(part.key, part.human_key, part.value) for part in parts["tag_languages"]] == [
        ("de", "German", 2),
        ("en", "English", 1),
    ]
    assert [(part.key, part.value) for part in parts["tag_servers"]] == [(here.domain, 3)]
    assert "Heliograph demo" in [part.human_key for part in parts["sources"]]
    assert "Heliograph" in [part.human_key for part in parts["software_versions"]]
    assert all(part.value > 0 and part.human_value for part in parts["space_usage"] if part.key != "media")

    for frequency in ("day", "month"):
        cohorts = strict(api.admin_retention(now - timedelta(days=2), now, frequency=frequency))
        newest = cohorts[-1]
        assert newest.frequency == frequency
        assert newest.data[0].rate == 1.0 and newest.data[0].value >= 4
