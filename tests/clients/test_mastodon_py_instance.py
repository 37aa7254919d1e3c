"""Mastodon.py: what the server says of itself, and what it shows to everybody."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from mastodon.errors import MastodonNotFoundError

from api.entities.instance import API_VERSION, MASTODON_COMPATIBLE
from tests.clients.conftest import ANNOUNCED, RULE
from tests.clients.mastodon_py import App, ids, strict, text_of


def test_the_client_recognises_the_server(anna: App) -> None:
    api = anna.api
    assert api.verify_minimum_version(MASTODON_COMPATIBLE)
    assert api.retrieve_mastodon_version() == MASTODON_COMPATIBLE
    domain = anna.person.node.domain
    first = strict(api.instance_v1())
    assert (first.uri, first.registrations) == (domain, True)
    newer = strict(api.instance_v2())
    assert newer.domain == strict(api.instance()).domain == domain
    assert newer.api_versions.mastodon == API_VERSION
    assert newer.configuration.statuses.max_media_attachments == 20
    assert "image/jpeg" in newer.configuration.media_attachments.supported_mime_types
    nodeinfo = strict(api.instance_nodeinfo())
    assert nodeinfo.software.name == "heliograph"
    assert "activitypub" in nodeinfo.protocols
    assert api.instance_health() is True
    server = strict(api.oauth_authorization_server_info())
    assert server.issuer == f"{anna.person.node.url}/"
    assert {"read", "write", "follow", "push", "profile"} <= set(server.scopes_supported)
    assert abs(api.get_approx_server_time().timestamp() - time.time()) < 60


def test_the_house_is_described(anna: App) -> None:
    api = anna.api
    assert [rule.text for rule in strict(api.instance_rules())] == [RULE]
    assert len(strict(api.instance_activity())) == 12
    assert strict(api.instance_domain_blocks()) == []
    strict(api.instance_extended_description())
    assert {"en", "de"} <= {language.code for language in strict(api.instance_languages())}
    assert strict(api.instance_translation_languages()) == {}
    assert isinstance(api.instance_peers(), list)
    assert api.custom_emojis() == []
    with pytest.raises(MastodonNotFoundError):
        api.instance_terms_of_service()


def test_an_announcement_is_read_and_answered(anna: App) -> None:
    api = anna.api
    [told] = strict(api.announcements())
    assert ANNOUNCED in text_of(told)
    assert told.read is False
    api.announcement_reaction_create(told.id, "👍")
    [reaction] = strict(api.announcements())[0].reactions
    assert (reaction.name, reaction.count, reaction.me) == ("👍", 1, True)
    api.announcement_reaction_delete(told.id, "👍")
    assert api.announcements()[0].reactions == []
    api.announcement_dismiss(told.id)
    assert [it.read for it in api.announcements()] in ([], [True])


def test_what_is_talked_about_is_served(anna: App) -> None:
    strict(anna.api.trending_tags())
    strict(anna.api.trending_statuses())
    assert strict(anna.api.trending_links()) == []
    strict(anna.api.trends())


def test_what_is_switched_off_answers_as_mastodon_does_then(anna: App) -> None:
    api, year = anna.api, datetime.now(UTC).year - 1
    assert strict(api.annual_reports()).annual_reports == []
    assert strict(api.annual_report_state(year)).state == "ineligible"
    assert api.annual_report_generate(year) in (None, {})
    for refused in (api.annual_report, api.annual_report_read):
        with pytest.raises(MastodonNotFoundError):
            refused(year)
    post = api.status_post("Nichts zu übersetzen", language="de")
    with pytest.raises(MastodonNotFoundError):
        api.status_translate(post.id)
    with pytest.raises(MastodonNotFoundError):
        api.get_async_refresh_status("nothing")
    context = api.status_context(post.id)
    assert api.get_async_refresh_info(context) is None
    assert api.await_async_refresh(context) is context
    assert ids(context.descendants) == []
