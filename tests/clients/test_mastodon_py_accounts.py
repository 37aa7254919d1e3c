"""Mastodon.py: signing in, profiles, and how people stand with each other, here and elsewhere."""

from __future__ import annotations

import io
import secrets
from typing import Any

import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError

from tests.clients.mastodon_py import App, ids, strict
from tests.e2e.nodes import NodeProcess, until
from tests.e2e.person import newcomer, photographs


def test_a_token_of_the_code_flow_acts_for_the_person(anna: App, cleo: App) -> None:
    assert anna.token != cleo.token
    me = strict(anna.api.me())
    assert me.username == anna.person.username
    assert me.id == anna.id
    assert me.source.privacy == "public"
    assert strict(anna.api.account_verify_credentials()).id == me.id
    assert strict(anna.api.app_verify_credentials()).name == "Darkroom"
    assert strict(anna.api.preferences())["posting:default:visibility"] == "public"
    assert anna.token in anna.api.persistable_login_credentials()


def test_a_revoked_token_opens_nothing(newcomer_app: App) -> None:
    newcomer_app.api.me()
    newcomer_app.api.revoke_access_token(allow_http=True)
    revoked = Mastodon(access_token=newcomer_app.token, api_base_url=newcomer_app.person.node.url)
    with pytest.raises(MastodonUnauthorizedError):
        revoked.me()


def test_an_account_is_opened_in_the_client(here: NodeProcess) -> None:
    client_id, client_secret = Mastodon.create_app("Darkroom", scopes=["read", "write"], api_base_url=here.url)
    api = Mastodon(client_id=client_id, client_secret=client_secret, api_base_url=here.url)
    asked = {"agreement": True, "locale": "en", "scopes": ["read", "write"]}
    token, faults = api.create_account("", "short", "nobody", return_detailed_error=True, **asked)
    assert token is None
    assert {fault.error for fault in faults.details.email} == {"ERR_INVALID"}
    name = f"emil{secrets.token_hex(3)}"
    token = api.create_account(name, "a heron at the weir", f"{name}@emil.example", **asked)
    assert token
    api.email_resend_confirmation()
    until("a second letter came", lambda: len(here.letters_to(f"{name}@emil.example")) >= 2)
    with pytest.raises(MastodonAPIError, match="403"):
        api.status_post("Not confirmed yet")


def test_a_profile_is_changed_with_pictures_and_fields(cleo: App) -> None:
    portrait, banner = photographs(2)
    changed = strict(
        cleo.api.account_update_credentials(
            display_name="Cleo C.",
            note="Analogue only. #film",
            avatar=io.BytesIO(portrait),
            avatar_mime_type="image/jpeg",
            avatar_description="Cleo with a camera",
            header=io.BytesIO(banner),
            header_mime_type="image/jpeg",
            header_description="A contact sheet",
            fields=[("Camera", "M6"), ("Film", "HP5")],
            discoverable=True,
            attribution_domains=["cleo.example"],
            default_quote_policy="followers",
        )
    )
    assert changed.display_name == "Cleo C."
    assert "Analogue only." in changed.note
    assert changed.source.note == "Analogue only. #film"
    assert (changed.source.attribution_domains, changed.source.quote_policy) == (["cleo.example"], "followers")
    assert [(field.name, field.value) for field in changed.fields] == [("Camera", "M6"), ("Film", "HP5")]
    assert "missing" not in changed.avatar + changed.header
    assert changed.avatar_description == "Cleo with a camera"
    assert changed.header_description == "A contact sheet"
    assert strict(cleo.api.account(changed.id)).display_name == "Cleo C."
    cleo.api.account_update_credentials(default_quote_policy="public")
    assert "missing" in strict(cleo.api.account_delete_avatar()).avatar
    assert "missing" in strict(cleo.api.account_delete_header()).header


def test_a_profile_is_read_and_changed_raw(cleo: App) -> None:
    [portrait] = photographs(1)
    changed = strict(
        cleo.api.profile_update(
            display_name="Cleo",
            note="Prints *only*.",
            avatar=io.BytesIO(portrait),
            avatar_mime_type="image/jpeg",
            avatar_description="Cleo again",
            show_featured=False,
            fields=[("Paper", "Baryta")],
        )
    )
    assert (changed.display_name, changed.note, changed.avatar_description) == ("Cleo", "Prints *only*.", "Cleo again")
    assert changed.show_featured is False
    assert [(field.name, field.value) for field in changed.fields] == [("Paper", "Baryta")]
    assert "Prints" in changed.formatted_note
    again = strict(cleo.api.profile())
    assert (again.id, again.avatar, again.note) == (cleo.id, changed.avatar, changed.note)
    cleo.api.profile_update(show_featured=True)


def test_people_are_looked_up_by_name_and_number(anna: App, cleo: App) -> None:
    anna.api.account_update_credentials(discoverable=True)
    assert strict(anna.api.account_lookup(cleo.person.username)).id == cleo.id
    assert set(ids(strict(anna.api.accounts([anna.id, cleo.id])))) == {anna.id, cleo.id}
    assert cleo.id in ids(strict(anna.api.account_search(cleo.person.username)))
    assert anna.id in ids(strict(cleo.api.directory(order="new", local=True)))


def test_somebody_elsewhere_is_found_followed_and_heard(anna: App, elsewhere: NodeProcess) -> None:
    ben = App(newcomer(elsewhere, "ben"))
    found = strict(anna.api.search_v2(f"@{ben.person.handle}", resolve=True, result_type="accounts"))
    [account] = found.accounts
    assert account.acct == ben.person.handle
    assert account.url.startswith(elsewhere.url)
    relationship = strict(anna.api.account_follow(account.id))
    assert relationship.following or relationship.requested

    def standing() -> Any:
        return strict(anna.api.account_relationships(account.id))[0]

    until("ben's node accepts", lambda: standing().following)
    follower = until("ben is told", lambda: next(iter(ben.api.notifications(types=["follow"])), None))
    assert strict(follower).account.acct == anna.person.handle
    assert [item.acct for item in strict(anna.api.account_following(anna.id))] == [ben.person.handle]
    assert [item.acct for item in strict(ben.api.account_followers(ben.id))] == [anna.person.handle]

    media = ben.photograph("Far away")
    post = ben.api.status_post("From afar", media_ids=media)
    heard = until(
        "anna's home shows it", lambda: next((it for it in anna.api.timeline_home() if it.uri == post.uri), None)
    )
    assert strict(heard).account.id == account.id
    assert heard.media_attachments[0].description == "Far away"
    assert strict(anna.api.search(post.uri, resolve=True)).statuses[0].id == heard.id
    anna.api.status_favourite(heard.id)
    until("ben's node counts the like", lambda: ben.api.status(post.id).favourites_count == 1)
    assert elsewhere.domain in anna.api.instance_peers()

    assert strict(anna.api.account_unfollow(account.id)).following is False
    until("ben has no follower", lambda: ben.api.me().followers_count == 0)
    anna.api.domain_block(elsewhere.domain)
    assert list(anna.api.domain_blocks()) == [elsewhere.domain]
    assert standing().domain_blocking is True
    anna.api.domain_unblock(elsewhere.domain)
    assert list(anna.api.domain_blocks()) == []


def test_a_private_account_is_asked_and_answers(anna: App, cleo: App) -> None:
    cleo.api.account_update_credentials(locked=True)
    assert strict(anna.api.account_follow(cleo.id)).requested is True
    assert ids(strict(cleo.api.follow_requests())) == [anna.id]
    assert strict(cleo.api.follow_request_reject(anna.id)).requested_by is False
    assert anna.api.account_follow(cleo.id).requested is True
    assert strict(cleo.api.follow_request_authorize(anna.id)).followed_by is True
    assert anna.api.account_relationships([cleo.id])[0].following is True
    assert strict(cleo.api.account_remove_from_followers(anna.id)).followed_by is False
    cleo.api.account_update_credentials(locked=False)


def test_muting_and_blocking_are_said_and_taken_back(anna: App, cleo: App) -> None:
    assert strict(anna.api.account_mute(cleo.id, duration=3600)).muting is True
    assert ids(strict(anna.api.mutes())) == [cleo.id]
    assert strict(anna.api.account_unmute(cleo.id)).muting is False
    assert strict(anna.api.account_block(cleo.id)).blocking is True
    assert ids(strict(anna.api.blocks())) == [cleo.id]
    assert strict(anna.api.account_unblock(cleo.id)).blocking is False


def test_notes_endorsements_and_common_followers(anna: App, cleo: App, newcomer_app: App) -> None:
    nova = newcomer_app
    assert strict(anna.api.account_note_set(cleo.id, "From the darkroom")).note == "From the darkroom"
    anna.api.account_follow(cleo.id)
    assert strict(anna.api.account_endorse(cleo.id)).endorsed is True
    assert ids(strict(anna.api.endorsements())) == [cleo.id]
    assert strict(anna.api.account_unendorse(cleo.id)).endorsed is False
    assert strict(anna.api.account_pin(cleo.id)).endorsed is True
    assert strict(anna.api.account_unpin(cleo.id)).endorsed is False
    nova.api.account_follow(anna.id)
    [common] = strict(nova.api.account_familiar_followers(cleo.id))
    assert (common.id, ids(common.accounts)) == (cleo.id, [anna.id])
    nova.api.account_unfollow(anna.id)
    anna.api.account_unfollow(cleo.id)


def test_lists_gather_whom_one_follows(anna: App, cleo: App) -> None:
    made = strict(anna.api.list_create("Printers", replies_policy="none", exclusive=True))
    assert (made.title, made.replies_policy, made.exclusive) == ("Printers", "none", True)
    renamed = strict(anna.api.list_update(made.id, "Film", replies_policy="list", exclusive=False))
    assert (renamed.title, renamed.replies_policy, renamed.exclusive) == ("Film", "list", False)
    assert strict(anna.api.list(made.id)).title == "Film"
    assert made.id in ids(strict(anna.api.lists()))
    with pytest.raises(MastodonNotFoundError):
        anna.api.list_accounts_add(made.id, [cleo.id])
    anna.api.account_follow(cleo.id)
    anna.api.list_accounts_add(made.id, [cleo.id])
    assert ids(strict(anna.api.list_accounts(made.id))) == [cleo.id]
    assert ids(strict(anna.api.account_lists(cleo.id))) == [made.id]
    post = cleo.api.status_post("For the list")
    assert ids(strict(anna.api.timeline_list(made.id)))[0] == post.id
    anna.api.list_accounts_delete(made.id, [cleo.id])
    assert anna.api.list_accounts(made.id) == []
    anna.api.list_delete(made.id)
    assert made.id not in ids(anna.api.lists())
    anna.api.account_unfollow(cleo.id)


def test_hashtags_are_followed_and_featured(anna: App, cleo: App) -> None:
    anna.api.status_post("Bright #cyanotype")
    assert strict(cleo.api.tag("cyanotype")).following is False
    assert strict(cleo.api.tag_follow("cyanotype")).following is True
    assert [tag.name for tag in strict(cleo.api.followed_tags())] == ["cyanotype"]
    assert strict(cleo.api.tag_unfollow("cyanotype")).following is False
    assert "cyanotype" in [tag.name for tag in anna.api.featured_tag_suggestions()]
    featured = strict(anna.api.featured_tag_create("cyanotype"))
    assert (featured.name, int(featured.statuses_count)) == ("cyanotype", 1)
    assert [tag.name for tag in strict(anna.api.featured_tags())] == ["cyanotype"]
    assert [tag.name for tag in strict(cleo.api.account_featured_tags(anna.id))] == ["cyanotype"]
    anna.api.featured_tag_delete(featured.id)
    assert anna.api.featured_tags() == []
    assert strict(anna.api.tag_feature("cyanotype")).featuring is True
    assert strict(anna.api.tag_unfeature("cyanotype")).featuring is False


def test_collections_show_accounts_together(anna: App, cleo: App) -> None:
    cleo.api.account_update_credentials(discoverable=True)
    made = strict(
        anna.api.collection_create("Printers", description="Who prints", language="en", discoverable=True)
    ).collection
    assert (made.name, made.item_count, made.discoverable) == ("Printers", 0, True)
    item = strict(anna.api.collection_item_add(made.id, cleo.id)).collection_item
    assert (item.account_id, item.state) == (cleo.id, "accepted")
    shown = strict(cleo.api.collection(made.id))
    assert shown.collection.item_count == 1
    assert {anna.id, cleo.id} >= set(ids(shown.accounts)) >= {cleo.id}
    assert ids(strict(cleo.api.search_v2(shown.collection.uri)).collections) == [made.id]
    changed = strict(anna.api.collection_update(made.id, name="Enlargers", tag_name="enlarger")).collection
    assert (changed.name, changed.tag.name) == ("Enlargers", "enlarger")
    assert ids(strict(cleo.api.account_collections(anna.id)).collections) == [made.id]
    assert ids(strict(cleo.api.account_in_collections(None)).collections) == [made.id]
    cleo.api.collection_item_revoke(made.id, item.id)
    assert cleo.api.account_in_collections(None).collections == []
    second = strict(anna.api.collection_create("Again", account_ids=[cleo.id])).collection
    anna.api.collection_item_delete(second.id, second.collection_items[0].id)
    assert anna.api.collection(second.id).collection.item_count == 0
    for collection in (made, second):
        anna.api.collection_delete(collection.id)
    assert anna.api.account_collections(anna.id).collections == []


def test_suggestions_are_shown_and_waved_away(anna: App, cleo: App, newcomer_app: App) -> None:
    for app in (anna, cleo):
        app.api.account_update_credentials(discoverable=True)
    nova = newcomer_app
    nova.api.account_follow(anna.id)
    anna.api.account_follow(cleo.id)
    offered = strict(nova.api.suggestions_v2())
    assert cleo.id in [suggestion.account.id for suggestion in offered]
    assert cleo.id in ids(strict(nova.api.suggestions()))
    assert cleo.id in ids(strict(nova.api.suggestions_v1()))
    nova.api.suggestion_delete(cleo.id)
    assert cleo.id not in [suggestion.account.id for suggestion in nova.api.suggestions_v2()]
    nova.api.account_unfollow(anna.id)
    anna.api.account_unfollow(cleo.id)


def test_somebody_is_reported(anna: App, newcomer_app: App) -> None:
    nova = newcomer_app
    post = nova.api.status_post("Buy film cheap")
    report = strict(anna.api.report(nova.id, status_ids=[post.id], comment="Spam", category="spam"))
    assert (report.target_account.id, report.category, report.comment) == (nova.id, "spam", "Spam")
    assert list(report.status_ids) == [post.id]
    assert report.rule_ids is None
    assert (report.action_taken, report.forwarded) == (False, False)
