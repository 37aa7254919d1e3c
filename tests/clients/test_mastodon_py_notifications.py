"""Mastodon.py: notifications one by one and in groups, whom to filter, pushes and markers."""

from __future__ import annotations

import pytest
from mastodon.errors import MastodonNotFoundError

from tests.clients.mastodon_py import App, ids, strict
from tests.e2e.nodes import until
from tests.push_app import App as Woken


def test_notifications_come_in_groups(anna: App, cleo: App, newcomer_app: App) -> None:
    anna.api.notifications_clear()
    assert anna.api.notifications() == []
    post = anna.api.status_post("Liked by many")
    for fan in (cleo, newcomer_app):
        fan.api.status_favourite(post.id)
    assert anna.api.notifications_unread_count().count == 2
    assert anna.api.unread_grouped_notifications_count() == 1
    found = strict(anna.api.grouped_notifications(expand_accounts="partial_avatars"))
    [group] = found.notification_groups
    assert (group.type, group.notifications_count, group.status_id) == ("favourite", 2, post.id)
    assert list(group.sample_account_ids) == [newcomer_app.id, cleo.id]
    assert ids(found.statuses) == [post.id]
    full = strict(anna.api.grouped_notifications(expand_accounts="full"))
    assert set(ids(full.accounts)) == {cleo.id, newcomer_app.id}
    one = strict(anna.api.grouped_notification(group.group_key))
    assert one.notification_groups[0].group_key == group.group_key
    assert ids(strict(anna.api.grouped_notification_accounts(group.group_key))) == [newcomer_app.id, cleo.id]
    anna.api.dismiss_grouped_notification(group.group_key)
    assert anna.api.grouped_notifications().notification_groups == []


def test_a_read_mark_moves(anna: App, cleo: App) -> None:
    post = anna.api.status_post("Mark here")
    cleo.api.status_favourite(post.id)
    newest = anna.api.notifications()[0]
    moved = strict(anna.api.markers_set(["home", "notifications"], [post.id, newest.id]))
    assert (moved.home.last_read_id, moved.notifications.last_read_id) == (post.id, newest.id)
    kept = strict(anna.api.markers_get(["home"]))
    assert (list(kept), kept["home"].last_read_id) == (["home"], post.id)
    assert anna.api.notifications_unread_count().count == 0


def test_strangers_are_held_back_until_let_in(anna: App, cleo: App, newcomer_app: App) -> None:
    nova = newcomer_app
    policy = strict(nova.api.update_notifications_policy(for_not_following="filter"))
    assert policy.for_not_following == "filter"
    for stranger in (anna, cleo):
        stranger.api.status_post(f"@{nova.person.username} hello")
    assert nova.api.notifications() == []
    assert strict(nova.api.notifications_policy()).summary.pending_requests_count == 2
    held = {request.account.id: request for request in strict(nova.api.notification_requests())}
    assert set(held) == {anna.id, cleo.id}
    assert strict(nova.api.notification_request(held[anna.id].id)).account.id == anna.id
    nova.api.dismiss_notification_request(held[cleo.id].id)
    assert [request.account.id for request in nova.api.notification_requests()] == [anna.id]
    nova.api.accept_notification_request(held[anna.id].id)
    until("anna's mention is moved over", nova.api.notifications_merged)
    assert [item.account.id for item in nova.api.notifications()] == [anna.id]

    nova.api.notifications_clear()
    cleo.api.status_post(f"@{nova.person.username} again")
    waiting = nova.api.notification_requests()
    nova.api.dismiss_multiple_notification_requests(ids(waiting))
    assert nova.api.notification_requests() == []
    cleo.api.status_post(f"@{nova.person.username} once more")
    nova.api.accept_multiple_notification_requests(ids(nova.api.notification_requests()) or ids(waiting))
    until("cleo's mentions are moved over", nova.api.notifications_merged)
    assert {item.account.id for item in nova.api.notifications()} == {cleo.id}


def test_a_push_subscription_is_kept_changed_and_ended(cleo: App) -> None:
    woken = Woken()
    made = strict(
        cleo.api.push_subscription_set(
            "https://push.example/cleo",
            {"pubkey": woken.point, "auth": woken.secret},
            follow_events=True,
            quote_events=True,
        )
    )
    assert (made.endpoint, made.policy, made.standard) == ("https://push.example/cleo", "all", False)
    assert (made.alerts.follow, made.alerts.quote, made.alerts.mention) == (True, True, None)
    assert made.server_key == cleo.api.instance_v2().configuration.vapid.public_key
    changed = strict(cleo.api.push_subscription_update(mention_events=True, policy="all"))
    assert (changed.alerts.mention, changed.policy) == (True, "all")
    assert strict(cleo.api.push_subscription()).id == made.id
    cleo.api.push_subscription_delete()
    with pytest.raises(MastodonNotFoundError):
        cleo.api.push_subscription()
