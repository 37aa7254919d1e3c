"""Getting an account: by API and page, in every registration mode, and what nobody may learn on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from node.errors import Forbidden, Invalid, NotFound
from node.models.accounts import Account, Invite, User
from node.models.credentials import OneTimeSecret
from node.runtime import Runtime
from node.services import accounts, approvals, credentials, follows, invites, one_time_secrets, sign_up
from node.settings import RegistrationSettings, Settings
from tests import builders
from tests.api.client import (
    PASSWORD,
    Browser,
    Client,
    Node,
    body,
    code_in,
    json,
    link_in,
    new_access_token,
    person,
    registered,
)
from tests.conftest import HeldClock

NEWCOMER = {"username": "Newcomer", "email": "New@mail.example", "password": PASSWORD, "agreement": "true"}


def registrations(parts: Runtime, **values: Any) -> None:
    """Change the rules of the running node."""
    rules = RegistrationSettings(**values)
    settings = parts.settings
    # Settings are frozen for the code; a test changes them as a restart would.
    object.__setattr__(settings, "registrations", rules)
    assert isinstance(settings, Settings)


async def an_app(node: Node) -> Client:
    return node.client(await new_access_token(None, "read", "write"))


async def signed_up(node: Node, **values: Any) -> Client:
    app = await an_app(node)
    token = await json(await app.post("/api/v1/accounts", form={**NEWCOMER, **values}))
    await builders.run_jobs()
    return node.client(token["access_token"])


async def code_works(client: Client, code: str) -> bool:
    response = await client.post("/api/v1/emails/confirmations/verify", json={"code": code})
    return response.status_code == 200


async def test_an_account_opened_by_an_app_works_once_its_code_is_typed(node: Node) -> None:
    client = await signed_up(node)
    refusal = await json(await client.get("/oauth/userinfo"), 403)
    assert refusal == {"error": "Your login is missing a confirmed e-mail address"}
    assert await json(await client.get("/api/v1/emails/check_confirmation")) is False
    (letter,) = node.letters("New@mail.example")
    assert await code_works(client, code_in(letter))
    assert await json(await client.get("/api/v1/emails/check_confirmation")) is True
    assert (await json(await client.get("/oauth/userinfo")))["preferred_username"] == "newcomer"
    account = await Account.get(username="newcomer")
    assert account.is_local and account.uri == f"https://here.example/ap/users/{account.id}"


async def test_the_token_of_a_new_account_has_the_shape_and_scopes_of_the_app(node: Node) -> None:
    app = await an_app(node)
    token = await json(await app.post("/api/v1/accounts", json={**NEWCOMER, "agreement": True}))
    assert token["token_type"] == "Bearer" and token["scope"] == "read write follow push"
    assert isinstance(token["created_at"], int)


@pytest.mark.parametrize(("locale", "kept"), [("pt-BR", "pt-BR"), ("de", "de"), ("<script>", "en"), ("", "en")])
async def test_a_language_that_is_none_becomes_english(node: Node, locale: str, kept: str) -> None:
    await signed_up(node, locale=locale)
    assert (await User.get(account__username="newcomer")).locale == kept


async def test_the_link_in_the_letter_confirms_too_and_once(node: Node) -> None:
    client = await signed_up(node)
    path = link_in(node.letters()[0])
    browser = await node.browser().open(path)
    await json(await client.get("/oauth/userinfo"), 403)
    await browser.submit()
    assert "Your address is confirmed" in browser.text
    await json(await client.get("/oauth/userinfo"))
    assert (await browser.open(path)).status == 404
    await browser.open("/settings")
    assert browser.url.startswith("/sign-in"), "a link from a letter signs nobody in"


@pytest.mark.parametrize(
    ("values", "field", "code"),
    [
        ({"username": ""}, "username", "ERR_BLANK"),
        ({"username": "admin"}, "username", "ERR_RESERVED"),
        ({"username": "no spaces"}, "username", "ERR_INVALID"),
        ({"username": "../../etc"}, "username", "ERR_INVALID"),
        ({"username": "ALICE"}, "username", "ERR_TAKEN"),
        ({"email": ""}, "email", "ERR_BLANK"),
        ({"email": "no address"}, "email", "ERR_INVALID"),
        ({"email": "a@b@mail.example"}, "email", "ERR_INVALID"),
        ({"email": "a@localhost"}, "email", "ERR_INVALID"),
        ({"email": "a@[127.0.0.1]"}, "email", "ERR_INVALID"),
        ({"email": "a@mail.example\nBcc: b@mail.example"}, "email", "ERR_INVALID"),
        ({"email": "x" * 300 + "@mail.example"}, "email", "ERR_TOO_LONG"),
        ({"password": ""}, "password", "ERR_BLANK"),
        ({"password": "short"}, "password", "ERR_TOO_SHORT"),
        ({"password": "newcomer"}, "password", "ERR_INVALID"),
        ({"agreement": "false"}, "agreement", "ERR_ACCEPTED"),
        ({"invite_code": "made up"}, "invite_code", "ERR_INVALID"),
    ],
)
async def test_what_cannot_be_accepted_is_named_and_changes_nothing(
    node: Node, values: dict[str, str], field: str, code: str
) -> None:
    await person("alice")
    app = await an_app(node)
    refusal = await json(await app.post("/api/v1/accounts", form={**NEWCOMER, **values}), 422)
    assert refusal["error"].startswith("Validation failed: ")
    assert refusal["details"][field][0]["error"] == code
    await builders.run_jobs()
    assert await User.all().count() == 1 and await Account.filter(domain="").count() == 1 and not node.letters()


async def test_everything_that_cannot_be_accepted_is_named_at_once(node: Node) -> None:
    registrations(node.parts, mode="approval")
    await person("alice")
    wrong = {"username": "alice", "email": "nobody", "password": "short"}
    refusal = await json(await (await an_app(node)).post("/api/v1/accounts", form=wrong), 422)
    assert {field: faults[0]["error"] for field, faults in refusal["details"].items()} == {
        "username": "ERR_TAKEN",
        "email": "ERR_INVALID",
        "password": "ERR_TOO_SHORT",
        "agreement": "ERR_ACCEPTED",
        "reason": "ERR_BLANK",
    }
    assert refusal["error"] == (
        "Validation failed: Username has already been taken, Email is not a valid e-mail address,"
        " Password is too short (minimum is 8 characters), Agreement must be accepted, Reason can't be blank"
    )
    page = await node.browser().open("/sign-up")
    await page.submit(**wrong)
    assert page.status == 422
    assert "Username has already been taken. Email is not" in page.text


async def test_signing_up_takes_an_app_token_with_the_scope(node: Node) -> None:
    await json(await node.client().post("/api/v1/accounts", form=NEWCOMER), 401)
    await json(await node.client(await new_access_token(None, "read")).post("/api/v1/accounts", form=NEWCOMER), 403)
    own = node.client(await new_access_token(await person("alice")))
    await json(await own.post("/api/v1/accounts", form=NEWCOMER), 403)


async def test_a_taken_address_looks_like_a_free_one_from_everywhere(node: Node) -> None:
    await person("alice")
    app = await an_app(node)
    seen: list[list[Any]] = []
    for username, address in (("one", "alice@mail.example"), ("two", "free@mail.example")):
        answer = await app.post("/api/v1/accounts", form={**NEWCOMER, "username": username, "email": address})
        token = await json(answer)
        client = node.client(token.pop("access_token"))
        del token["created_at"]
        look = [answer.status_code, sorted(dict(answer.headers)), token]
        for method, path, sent in (
            ("GET", "/oauth/userinfo", {}),
            ("GET", "/api/v1/emails/check_confirmation", {}),
            ("POST", "/api/v1/emails/confirmations/verify", {"code": "000000"}),
            ("POST", "/api/v1/emails/confirmations", {}),
            ("POST", "/api/v1/passwords/change", {"password": PASSWORD}),
        ):
            response = await client.call(method, path, **({"json": sent} if method == "POST" else {}))
            look.append((path, response.status_code, await response.get_data()))
        browser = await node.browser().open("/sign-in")
        await browser.submit(login=username, password=PASSWORD)
        look.append((browser.status, browser.url))
        seen.append(look)
    assert seen[0] == seen[1]
    await builders.run_jobs()
    assert {letter["Subject"] for letter in node.letters("alice@mail.example")} == {
        "You already have an account on Heliograph"
    }
    assert all("is your code" in letter["Subject"] for letter in node.letters("free@mail.example"))
    assert (await User.get(email_key="alice@mail.example").select_related("account")).account.username == "alice"


async def test_the_shadow_of_a_taken_address_can_never_be_confirmed(node: Node) -> None:
    await person("alice")
    client = await signed_up(node, email="ALICE@mail.example")
    shadow = await User.get(account__username="newcomer")
    assert not await OneTimeSecret.filter(user_id=shadow.id).exists()
    for code in ("", "000000", "None"):
        assert not await code_works(client, code)


async def test_whoever_mistyped_their_address_can_give_another(node: Node) -> None:
    await person("alice")
    client = await signed_up(node, email="alice@mail.example")
    assert await json(await client.post("/api/v1/emails/confirmations", form={"email": "right@mail.example"})) == {}
    await builders.run_jobs()
    assert await code_works(client, code_in(node.letters("right@mail.example")[0]))
    await json(await client.post("/api/v1/emails/confirmations"), 403)


async def test_a_new_address_makes_the_letter_to_the_old_one_useless(node: Node) -> None:
    client = await signed_up(node)
    old = node.letters()[0]
    await json(await client.post("/api/v1/emails/confirmations", form={"email": "other@mail.example"}))
    assert not await code_works(client, code_in(old))
    assert (await node.browser().open(link_in(old))).status == 404


async def test_the_code_can_be_guessed_five_times_only(node: Node) -> None:
    client = await signed_up(node)
    code = code_in(node.letters()[0])
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(one_time_secrets.ATTEMPTS):
        assert not await code_works(client, wrong)
    assert not await code_works(client, code)
    browser = await node.browser().open(link_in(node.letters()[0]))
    await browser.submit()
    assert "Your address is confirmed" in browser.text, "guessing harms the code alone"


async def test_fresh_codes_cannot_be_had_without_end(node: Node) -> None:
    client = await signed_up(node)
    statuses = [(await client.post("/api/v1/emails/confirmations")).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    await builders.run_jobs()
    assert len(node.letters()) == sign_up.LETTERS_TO_ADDRESS.count


async def test_somebody_elses_code_is_worth_nothing(node: Node) -> None:
    first = await signed_up(node)
    second = await signed_up(node, username="second", email="second@mail.example")
    assert not await code_works(second, code_in(node.letters("New@mail.example")[0]))
    assert not await code_works(first, code_in(node.letters("second@mail.example")[0]))


async def test_code_and_link_are_too_old_after_two_days(node: Node, held_clock: HeldClock) -> None:
    client = await signed_up(node)
    letter = node.letters()[0]
    held_clock.advance(2 * 24 * 3600 + 1)
    assert not await code_works(client, code_in(letter))
    assert (await node.browser().open(link_in(letter))).status == 404


async def test_codes_are_not_in_the_database_as_they_are(node: Node) -> None:
    import hashlib

    await signed_up(node)
    code = code_in(node.letters()[0])
    secret = await OneTimeSecret.get()
    assert secret.code_hash not in (code, hashlib.sha256(code.encode()).hexdigest())


async def test_nobody_gets_an_account_while_registrations_are_closed(node: Node) -> None:
    registrations(node.parts, mode="closed")
    refusal = await json(await (await an_app(node)).post("/api/v1/accounts", form=NEWCOMER), 403)
    assert "closed" in refusal["error"]
    assert (await node.browser().open("/sign-up")).status == 403
    assert not await User.exists()


async def test_without_confirmation_an_account_works_at_once_and_taken_addresses_are_named(node: Node) -> None:
    registrations(node.parts, confirm_email=False)
    await person("alice")
    client = await signed_up(node)
    await json(await client.get("/oauth/userinfo"))
    taken = {**NEWCOMER, "username": "other", "email": "alice@mail.example"}
    refusal = await json(await (await an_app(node)).post("/api/v1/accounts", form=taken), 422)
    assert refusal["details"]["email"][0]["error"] == "ERR_TAKEN"


async def test_an_admin_lets_people_in_where_approval_is_asked_for(node: Node) -> None:
    registrations(node.parts, mode="approval")
    admin = await person("alice", role="admin")
    app = await an_app(node)
    refusal = await json(await app.post("/api/v1/accounts", form=NEWCOMER), 422)
    assert list(refusal["details"]) == ["reason"]
    client = await signed_up(node, reason="I photograph herons")
    assert await approvals.waiting() == []
    assert await code_works(client, code_in(node.letters("New@mail.example")[0]))
    refusal = await json(await client.get("/oauth/userinfo"), 403)
    assert refusal == {"error": "Your login is currently pending approval"}
    await builders.run_jobs()
    assert "I photograph herons" in body(node.letters("alice@mail.example")[0])
    (newcomer,) = await approvals.waiting()
    with pytest.raises(Forbidden):
        await approvals.approve(newcomer, newcomer.id)
    await approvals.approve(admin, newcomer.id)
    await json(await client.get("/oauth/userinfo"))
    await builders.run_jobs()
    assert "Welcome" in node.letters("New@mail.example")[-1]["Subject"]
    with pytest.raises(NotFound):
        await approvals.approve(admin, newcomer.id)


async def test_whoever_is_turned_away_is_told_and_forgotten(node: Node) -> None:
    registrations(node.parts, mode="approval")
    admin = await person("alice", role="moderator")
    client = await signed_up(node, reason="spam")
    newcomer = await User.get(account__username="newcomer")
    with pytest.raises(NotFound):
        await approvals.reject(admin, admin.id)
    await approvals.reject(admin, newcomer.id)
    await json(await client.get("/oauth/userinfo"), 401)
    await builders.run_jobs()
    assert "not accepted" in body(node.letters("New@mail.example")[-1])
    assert not await Account.filter(username="newcomer").exists()
    assert not await User.filter(id=newcomer.id).exists()


async def test_an_invitation_lets_in_as_often_as_it_says(node: Node) -> None:
    registrations(node.parts, mode="invite")
    host = await person("alice")
    app = await an_app(node)
    refusal = await json(await app.post("/api/v1/accounts", form=NEWCOMER), 422)
    assert list(refusal["details"]) == ["invite_code"]
    invite = await invites.create(host, max_uses=1)
    refusal = await json(
        await app.post("/api/v1/accounts", form={**NEWCOMER, "invite_code": invite.code, "username": "alice"}), 422
    )
    assert (await Invite.get(id=invite.id)).uses == 0, "a failed try uses nothing up"
    await signed_up(node, invite_code=invite.code)
    second = {**NEWCOMER, "username": "second", "email": "second@mail.example", "invite_code": invite.code}
    await json(await app.post("/api/v1/accounts", form=second), 422)
    assert not await invites.is_good(invite.code)


async def test_an_invitation_passes_the_queue_for_approval(node: Node) -> None:
    registrations(node.parts, mode="approval")
    invite = await invites.create(None, max_uses=None)
    client = await signed_up(node, invite_code=invite.code)
    assert await code_works(client, code_in(node.letters()[0]))
    await json(await client.get("/oauth/userinfo"))


async def test_invitations_run_out_and_are_taken_back_by_their_giver_alone(node: Node, held_clock: HeldClock) -> None:
    alice, bob = await person("alice"), await person("bob")
    invite = await invites.create(alice, lifetime=timedelta(hours=1))
    assert await invites.is_good(invite.code) and await invites.of_user(alice) == [invite]
    with pytest.raises(NotFound):
        await invites.take_back(bob, invite.id)
    held_clock.advance(3601)
    assert not await invites.is_good(invite.code) and not await invites.spend(invite.code)
    await invites.take_back(alice, invite.id)
    assert await invites.of_user(alice) == []
    with pytest.raises(Invalid):
        await invites.create(alice, max_uses=0)


async def test_accounts_never_confirmed_disappear_after_a_week(node: Node, held_clock: HeldClock) -> None:
    await person("alice")
    await signed_up(node)
    await signed_up(node, username="followed", email="followed@mail.example")
    remote = await builders.remote_account()
    followed = await Account.get(username="followed")
    await follows.follow(remote, followed, uri=f"{remote.uri}#follow")
    assert await sign_up.forget_unconfirmed() == 0
    held_clock.advance(7 * 24 * 3600 + 1)
    assert await sign_up.forget_unconfirmed() == 2
    assert [user.email for user in await User.all()] == ["alice@mail.example"]
    assert not await Account.filter(username="newcomer").exists()
    assert (await accounts.get(followed.id)).suspended_at is not None, "those who knew of it are told that it is gone"
    assert await sign_up.forget_unconfirmed() == 0


async def test_the_first_admin_signs_in_with_a_link_that_works_once(node: Node) -> None:
    user, link = await sign_up.create_admin("keeper", None)
    assert user.role == "admin" and user.password_hash is None and link.startswith("https://here.example/sign-in/link/")
    path = link.removeprefix("https://here.example")
    prefetch = await node.browser().open(path)
    assert prefetch.status == 200
    browser = await node.browser().open(path)
    await browser.submit()
    assert "signed in as @keeper" in browser.text
    assert (await node.browser().open(path)).status == 404
    await browser.submit(action="/settings/password", password=PASSWORD)
    assert "Your password is changed" in browser.text
    other = await node.browser().open("/sign-in")
    await other.submit(login="keeper", password=PASSWORD)
    assert "signed in as @keeper" in other.text


async def test_there_can_be_several_admins_without_an_address_and_none_with_a_taken_one(node: Node) -> None:
    await sign_up.create_admin("one", None)
    await sign_up.create_admin("two", None)
    await sign_up.create_admin("three", "three@mail.example")
    with pytest.raises(Invalid):
        await sign_up.create_admin("four", "Three@mail.example")
    with pytest.raises(Invalid):
        await sign_up.create_admin("one", None)
    assert await User.all().count() == 3


async def test_a_sign_in_link_is_too_old_after_a_day_and_useless_once_there_is_a_newer(
    node: Node, held_clock: HeldClock
) -> None:
    user = await person("alice")
    older = await credentials.sign_in_link(user)
    newer = await credentials.sign_in_link(user)
    assert (await node.browser().open(older.removeprefix("https://here.example"))).status == 404
    held_clock.advance(24 * 3600 + 1)
    assert (await node.browser().open(newer.removeprefix("https://here.example"))).status == 404


async def test_a_link_serves_its_own_purpose_only(node: Node) -> None:
    user = await person("alice")
    issued = await one_time_secrets.issue(user, one_time_secrets.RESET_PASSWORD)
    for path in ("/sign-in/link", "/confirm-email"):
        browser = await node.browser().open(f"{path}/{issued.token}")
        assert browser.status == 404


async def test_someone_signs_up_by_page_types_the_code_and_goes_on_to_the_app(node: Node) -> None:
    from tests.api.test_oauth import authorize_url

    app = await registered()
    browser = await node.browser().open(authorize_url(app))
    next_page = browser.hidden()["next"]
    assert next_page.startswith("/oauth/authorize?")
    await browser.open(f"/sign-up?next={quote(next_page, safe='')}")
    await browser.submit(username="newcomer", email="new@mail.example", password=PASSWORD, agreement="yes")
    assert "Look into your mail" in browser.text
    await browser.submit(action="/confirm-email", code="000000")
    await builders.run_jobs()
    await browser.submit(action="/confirm-email/again", email="new@mail.example")
    assert "Another letter is on its way" in browser.text
    await builders.run_jobs()
    code = code_in(node.letters("new@mail.example")[-1])
    await browser.submit(action="/confirm-email", code=f"{code[:3]} {code[3:]}")
    assert "Allow" in browser.text and "@newcomer" in browser.text


async def page_refusal(browser: Browser, **fields: str) -> str:
    await browser.open("/sign-up")
    filled = {"username": "n", "email": "n@mail.example", "password": PASSWORD, "agreement": "yes", **fields}
    await browser.send("/sign-up", browser.hidden() | filled)
    assert browser.status == 422
    return browser.text


async def test_the_sign_up_page_says_what_is_wrong_and_keeps_what_was_typed(node: Node) -> None:
    browser = node.browser()
    text = await page_refusal(browser, username="admin")
    assert "Username is reserved." in text and 'value="n@mail.example"' in text and PASSWORD not in text
    assert "Agreement must be accepted." in await page_refusal(browser, agreement="")
    text = await page_refusal(browser, email='"><script>alert(1)</script>@x')
    assert "<script" not in text
    assert not await User.exists()
