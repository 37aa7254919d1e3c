"""Mastodon.py in a moderator's hands: people are found, judged, let in and turned away, and reports are worked off."""

from __future__ import annotations

from typing import Any

import pytest
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.mastodon_py import App, ids, strict
from tests.e2e.nodes import NodeProcess, until
from tests.e2e.person import Member, Refused, newcomer


def test_people_are_found_by_who_they_are(admin: App, newcomer_app: App) -> None:
    api, nova = admin.api, newcomer_app.person
    shown = strict(api.admin_account(nova.id))
    assert (shown.username, shown.email, shown.ip, shown.domain) == (nova.username, nova.email, "127.0.0.1", None)
    assert (shown.confirmed, shown.approved, shown.disabled, shown.suspended) == (True, True, False, False)
    assert [address.ip for address in shown.ips] == ["127.0.0.1"]
    assert _of_first_version(api.admin_accounts(username=nova.username)) == [nova.id]
    assert _of_first_version(api.admin_accounts_v1(email=nova.email, ip="127.0.0.1")) == [nova.id]
    assert ids(strict(api.admin_accounts_v2(origin="local", status="active", username=nova.username))) == [nova.id]
    assert api.admin_accounts_v2(status="suspended", username=nova.username) == []
    me = strict(api.admin_account(admin.id))
    staff = ids(strict(api.admin_accounts_v2(permissions="staff")))
    assert admin.id in staff and nova.id not in staff
    assert _of_first_version(api.admin_accounts_v1(staff_only=True)) == staff
    assert ids(strict(api.admin_accounts_v2(role_ids=[me.role.id]))) == staff
    [newest] = strict(api.admin_accounts_v2(origin="local", limit=1))
    assert int(newest.id) >= int(nova.id)
    assert api.admin_accounts_v2(invited_by=admin.id) == []
    with pytest.raises(MastodonAPIError, match="403"):
        newcomer_app.api.admin_accounts_v2()


def _of_first_version(answer: Any) -> list[str]:
    """The ids of a page that the library takes for one account, and leaves as it came."""
    return [str(account["id"]) for account in answer]


def test_people_of_other_nodes_are_found_too(admin: App, elsewhere: NodeProcess) -> None:
    api, far = admin.api, newcomer(elsewhere, "dana")
    number = str(admin.person.knows(far)["id"])
    wanted = {"by_domain": elsewhere.domain, "username": far.username}
    assert _of_first_version(api.admin_accounts_v1(remote=True, **wanted)) == [number]
    [shown] = api.admin_accounts_v2(origin="remote", **wanted)
    assert (str(shown.id), shown.domain, shown.email, shown.confirmed) == (number, elsewhere.domain, None, None)
    assert strict(shown.account).acct == far.handle


def test_a_person_is_warned_limited_shut_out_and_let_in_again(admin: App, newcomer_app: App) -> None:
    api, nova = admin.api, newcomer_app.api
    whom, node, email = newcomer_app.id, newcomer_app.person.node, newcomer_app.person.email
    api.admin_account_moderate(whom, text="Mind the tripods", send_email_notification=True)
    [told] = strict(nova.notifications(types=["moderation_warning"]))
    assert (told.moderation_warning.action, told.moderation_warning.text) == ("none", "Mind the tripods")
    until("a letter came", lambda: any("Mind the tripods" in letter for letter in node.letters_to(email)))
    api.admin_account_moderate(whom, "silence", send_email_notification=False)
    assert _of_first_version(api.admin_accounts_v1(status="silenced")) == [whom]
    assert strict(api.admin_account_unsilence(whom)).silenced is False
    assert api.admin_accounts_v1(status="silenced") == []
    api.admin_account_moderate(whom, "sensitive")
    assert strict(api.admin_account(whom)).sensitized is True
    assert strict(api.admin_account_unsensitive(whom)).sensitized is False
    api.admin_account_moderate(whom, "disable")
    assert ids(strict(api.admin_accounts_v2(status="disabled"))) == [whom]
    with pytest.raises(MastodonAPIError):
        nova.me()
    assert strict(api.admin_account_enable(whom)).disabled is False
    with pytest.raises(MastodonAPIError, match="422"):
        api.admin_account_moderate(whom, "scold")


def test_a_suspended_person_is_gone_until_let_back_and_for_good_once_removed(
    admin: App, anna: App, newcomer_app: App
) -> None:
    api, whom = admin.api, newcomer_app.id
    post = newcomer_app.api.status_post("Still here")
    api.admin_account_moderate(whom, "suspend", text="Enough")
    assert strict(api.admin_account(whom)).suspended is True
    assert _of_first_version(api.admin_accounts(status="suspended")) == [whom]
    assert strict(anna.api.account(whom)).suspended is True
    with pytest.raises(MastodonNotFoundError):
        anna.api.status(post.id)
    assert strict(api.admin_account_unsuspend(whom)).suspended is False
    assert strict(anna.api.status(post.id)).id == post.id
    with pytest.raises(MastodonAPIError, match="403"):
        api.admin_account_delete(whom)
    api.admin_account_moderate(whom, "suspend")
    api.admin_account_delete(whom)
    shell = api.admin_account(whom)
    assert (shell.suspended, shell.email, shell.account.display_name) == (True, None, "")
    with pytest.raises(MastodonNotFoundError):
        anna.api.status(post.id)


def test_who_asks_to_join_is_let_in_or_turned_away(admin: App, here: NodeProcess) -> None:
    api = admin.api
    gate = api.admin_create_ip_block("127.0.0.1/32", "sign_up_requires_approval")
    try:
        welcome, unwelcome = _applicant(here, "vera"), _applicant(here, "otto")
        waiting = {found.username: found for found in strict(api.admin_accounts_v2(status="pending"))}
        assert waiting.keys() == {welcome.username, unwelcome.username}
        assert not any(found.approved for found in waiting.values())
    finally:
        api.admin_delete_ip_block(gate.id)
    let_in = strict(api.admin_account_approve(waiting[welcome.username].id))
    assert (let_in.username, let_in.approved) == (welcome.username, True)
    assert welcome.get("/api/v1/accounts/verify_credentials")["id"] == let_in.id
    turned_away = waiting[unwelcome.username].id
    api.admin_account_reject(turned_away)
    with pytest.raises(MastodonNotFoundError):
        api.admin_account(turned_away)
    assert api.admin_accounts_v1(status="pending") == []


def _applicant(node: NodeProcess, name: str) -> Member:
    """Somebody who has signed up and waits to be let in."""
    member = Member(node, f"{name}{node.domain[-3:]}")
    with pytest.raises(Refused) as refusal:
        member.sign_up()
    assert refusal.value.status == 403
    return member


def test_a_report_is_worked_off(admin: App, anna: App, newcomer_app: App) -> None:
    api, whom = admin.api, newcomer_app.id
    [rule] = anna.api.instance_rules()
    post = newcomer_app.api.status_post("Not my photograph")
    filed = anna.api.report(whom, [post.id], "Stolen", category="violation", rule_ids=[rule.id])
    assert ids(strict(api.admin_reports(target_account_id=whom))) == [filed.id]
    assert ids(strict(api.admin_reports(account_id=anna.id, limit=1))) == [filed.id]
    assert api.admin_reports(account_id=whom) == []
    shown = strict(api.admin_report(filed.id))
    assert (shown.comment, shown.category, shown.action_taken) == ("Stolen", "violation", False)
    assert (shown.account.id, shown.target_account.id, ids(shown.statuses)) == (anna.id, whom, [post.id])
    assert ids(shown.rules) == [rule.id]
    assert strict(api.admin_report_assign(filed.id)).assigned_account.id == admin.id
    assert strict(api.admin_report_unassign(filed.id)).assigned_account is None
    closed = strict(api.admin_report_resolve(filed.id))
    assert (closed.action_taken, closed.action_taken_by_account.id) == (True, admin.id)
    assert api.admin_reports(target_account_id=whom) == []
    assert ids(strict(api.admin_reports(resolved=True, target_account_id=whom))) == [filed.id]
    assert ids(strict(api.admin_reports(resolved=True, unresolved=True, target_account_id=whom))) == [filed.id]
    opened = strict(api.admin_report_reopen(filed.id))
    assert (opened.action_taken, opened.action_taken_at, opened.action_taken_by_account) == (False, None, None)
    api.admin_account_moderate(whom, "sensitive", report_id=filed.id)
    assert strict(api.admin_report(filed.id)).action_taken is True
