"""The journey of an app: register, send somebody to the consent page, get a token, give it back."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any
from urllib.parse import urlencode

import pytest

from api import auth
from node import clock
from node.models.accounts import Account, User
from node.models.credentials import AccessToken, AuthorizationGrant
from node.services import oauth
from node.services.oauth import OUT_OF_BAND, Registration
from tests.api.client import (
    CALLBACK,
    PASSWORD,
    Browser,
    Client,
    Node,
    json,
    new_access_token,
    person,
    query_of,
    registered,
)

VERIFIER = "a-verifier-that-is-long-enough-for-the-rules-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorize_url(app: Registration, **values: str) -> str:
    defaults = {
        "response_type": "code",
        "client_id": app.application.client_id,
        "redirect_uri": app.application.redirect_uris[0],
        "scope": "read write",
    }
    return "/oauth/authorize?" + urlencode({**defaults, **values})


async def signed_in_browser(node: Node, username: str = "alice") -> Browser:
    browser = await node.browser().open("/sign-in")
    await browser.submit(login=username, password=PASSWORD)
    assert browser.status == 200, browser.text
    return browser


async def granted_code(node: Node, app: Registration, **values: str) -> str:
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, **values))
    await browser.submit(action="/oauth/authorize", follow=False, decision="allow")
    assert browser.status == 303, browser.text
    return query_of(browser.location)["code"]


def token_form(app: Registration, code: str, **values: str) -> dict[str, str]:
    defaults = {
        "grant_type": "authorization_code",
        "client_id": app.application.client_id,
        "client_secret": app.client_secret,
        "code": code,
        "redirect_uri": app.application.redirect_uris[0],
    }
    return {**defaults, **values}


async def test_an_app_registers_signs_somebody_in_and_calls_in_their_name(node: Node) -> None:
    await person("alice")
    client = node.client()
    app = await json(
        await client.post(
            "/api/v1/apps",
            form={
                "client_name": "Weir",
                "redirect_uris": CALLBACK,
                "scopes": "read write",
                "website": "https://weir.example",
            },
        )
    )
    assert (
        app["client_secret_expires_at"] == 0 and app["redirect_uri"] == CALLBACK and app["scopes"] == ["read", "write"]
    )
    browser = node.browser()
    query = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": CALLBACK,
        "scope": "read write",
        "state": "s/1&2",
    }
    await browser.open("/oauth/authorize?" + urlencode(query))
    assert "Sign in" in browser.text
    await browser.submit(login="alice@mail.example", password=PASSWORD)
    assert "Allow" in browser.text and "Weir" in browser.text and "app.example" in browser.text
    await browser.submit(action="/oauth/authorize", follow=False, decision="allow")
    assert browser.location.startswith(CALLBACK + "?")
    answer = query_of(browser.location)
    assert answer["state"] == "s/1&2"
    token = await json(
        await client.post(
            "/oauth/token",
            json={
                "grant_type": "authorization_code",
                "code": answer["code"],
                "client_id": app["client_id"],
                "client_secret": app["client_secret"],
                "redirect_uri": CALLBACK,
            },
        )
    )
    assert set(token) == {"access_token", "token_type", "scope", "created_at"}
    assert token["token_type"] == "Bearer" and token["scope"] == "read write"
    assert isinstance(token["created_at"], int) and abs(token["created_at"] - clock.timestamp()) < 60
    checked = await json(await node.client(token["access_token"]).get("/api/v1/apps/verify_credentials"))
    assert checked["name"] == "Weir" and "client_secret" not in checked
    assert checked == {key: value for key, value in app.items() if not key.startswith("client_")}
    assert checked["vapid_key"] == node.parts.vapid_public_key and checked["redirect_uris"] == [CALLBACK]
    assert checked["website"] == "https://weir.example"


async def test_tokens_and_secrets_are_not_in_the_database_as_they_are(node: Node) -> None:
    await person("alice")
    app = await registered()
    issued = await json(await node.client().post("/oauth/token", form=token_form(app, await granted_code(node, app))))
    row = await AccessToken.get(user_id__not_isnull=True)
    assert issued["access_token"] not in (row.token_hash, str(row.id))
    assert app.application.secret_hash != app.client_secret


@pytest.mark.parametrize(
    "uris", [[CALLBACK, OUT_OF_BAND, "weir://callback"], f"{CALLBACK}\n{OUT_OF_BAND} weir://callback"]
)
async def test_several_redirect_uris_are_taken_as_list_or_lines(node: Node, uris: Any) -> None:
    app = await json(await node.client().post("/api/v1/apps", json={"client_name": "Weir", "redirect_uris": uris}))
    assert app["redirect_uris"] == [CALLBACK, OUT_OF_BAND, "weir://callback"]
    assert app["scopes"] == ["read"]


@pytest.mark.parametrize(
    "values",
    [
        {"client_name": ""},
        {"client_name": "x" * 61},
        {"redirect_uris": ""},
        {"redirect_uris": "/callback"},
        {"redirect_uris": "https://"},
        {"redirect_uris": "https://app.example/#fragment"},
        {"redirect_uris": "https://user:secret@app.example/"},
        {"redirect_uris": "javascript:alert(1)"},
        {"redirect_uris": "JavaScript:alert(1)"},
        {"redirect_uris": "data:text/html,x"},
        {"redirect_uris": "https://app.example/\u00e9"},
        {"redirect_uris": "https://app.example/" + "x" * 2000},
        {"redirect_uris": [f"https://app.example/{n}" for n in range(21)]},
        {"scopes": "read everything"},
        {"website": "javascript:alert(1)"},
    ],
)
async def test_an_app_that_cannot_be_accepted_is_refused(node: Node, values: dict[str, Any]) -> None:
    asked = {"client_name": "Weir", "redirect_uris": CALLBACK, "scopes": "read", **values}
    refusal = await json(await node.client().post("/api/v1/apps", json=asked), 422)
    assert refusal["error"].startswith("Validation failed: ")


async def test_the_code_is_shown_when_there_is_no_address_to_go_to(node: Node) -> None:
    await person("alice")
    app = await registered(redirect_uri=OUT_OF_BAND)
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app))
    await browser.submit(action="/oauth/authorize", decision="allow")
    assert browser.status == 200
    code = query_of(browser.url)["code"]
    assert code in browser.text
    await json(await node.client().post("/oauth/token", form=token_form(app, code)))


async def test_saying_no_sends_access_denied_and_makes_no_code(node: Node) -> None:
    await person("alice")
    app = await registered()
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, state="xyz"))
    await browser.submit(action="/oauth/authorize", follow=False, decision="deny")
    assert query_of(browser.location)["error"] == "access_denied"
    assert query_of(browser.location)["state"] == "xyz"
    assert not await AuthorizationGrant.exists()


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/callback",
        CALLBACK + "/",
        CALLBACK + "?x=1",
        CALLBACK.upper(),
        "https://app.example",
        "//app.example/callback",
        "",
    ],
)
async def test_nobody_is_sent_to_an_address_that_was_not_registered(node: Node, redirect_uri: str) -> None:
    await person("alice")
    app = await registered()
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, redirect_uri=redirect_uri, scope="nonsense"), follow=False)
    assert browser.status == 422 and "Location" not in browser.response.headers
    await browser.open(authorize_url(app))
    form = browser.hidden("/oauth/authorize") | {"redirect_uri": redirect_uri, "decision": "allow"}
    await browser.send("/oauth/authorize", form)
    assert browser.status == 422 and "Location" not in browser.response.headers


async def test_an_unknown_application_gets_a_page_not_a_redirect(node: Node) -> None:
    browser = await node.browser().open(authorize_url(await registered(), client_id="nobody"), follow=False)
    assert browser.status == 422 and "Location" not in browser.response.headers


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read nonsense"}, "invalid_scope"),
        ({"scope": "read write admin:write"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
    ],
)
async def test_other_faults_are_told_to_the_application(node: Node, values: dict[str, str], error: str) -> None:
    browser = await node.browser().open(authorize_url(await registered(), state="xyz", **values), follow=False)
    assert browser.location.startswith(CALLBACK + "?")
    assert query_of(browser.location)["error"] == error and query_of(browser.location)["state"] == "xyz"


async def test_the_form_cannot_widen_what_the_application_registered_for(node: Node) -> None:
    await person("alice")
    app = await registered(scopes="read")
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, scope="read"))
    await browser.send("/oauth/authorize", browser.hidden("/oauth/authorize") | {"scope": "write", "decision": "allow"})
    assert query_of(browser.location)["error"] == "invalid_scope"


async def test_a_narrower_scope_than_the_registered_one_is_granted(node: Node) -> None:
    await person("alice")
    app = await registered(scopes="read")
    code = await granted_code(node, app, scope="read:statuses profile")
    token = await json(await node.client().post("/oauth/token", form=token_form(app, code)))
    assert token["scope"] == "read:statuses profile"


async def test_a_redirect_uri_that_has_a_query_keeps_it(node: Node) -> None:
    await person("alice")
    app = await registered(redirect_uri="https://app.example/cb?server=here")
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app))
    await browser.submit(action="/oauth/authorize", follow=False, decision="allow")
    assert browser.location.startswith("https://app.example/cb?server=here&code=")


async def test_force_login_asks_for_the_password_again(node: Node) -> None:
    await person("alice")
    await person("bob")
    app = await registered()
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, force_login="true", lang="de"))
    assert browser.url.startswith("/sign-in")
    await browser.submit(login="bob", password=PASSWORD)
    assert "@bob" in browser.text and "Allow" in browser.text


async def test_consent_without_our_form_is_refused(node: Node) -> None:
    await person("alice")
    app = await registered()
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app))
    form = browser.hidden("/oauth/authorize") | {"decision": "allow"}
    for forged in ({}, {"csrf_token": "0" * 64}, {"csrf_token": "\u00e9"}):
        await browser.send("/oauth/authorize", {k: v for k, v in form.items() if k != "csrf_token"} | forged)
        assert browser.status == 403
    other = await node.browser().open("/sign-in")
    await browser.send("/oauth/authorize", form | {"csrf_token": other.hidden()["csrf_token"]})
    assert browser.status == 403
    assert not await AuthorizationGrant.exists()


async def test_the_consent_page_may_lead_elsewhere_but_cannot_be_framed(node: Node) -> None:
    await person("alice")
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(await registered()))
    policy = browser.response.headers["Content-Security-Policy"]
    assert "form-action" not in policy and "frame-ancestors 'none'" in policy and "default-src 'none'" in policy
    assert browser.response.headers["X-Frame-Options"] == "DENY"
    assert "<script" not in browser.text


async def test_an_apps_name_and_website_cannot_put_markup_into_the_page(node: Node) -> None:
    await person("alice")
    app = await oauth.register("<script>alert(1)</script>", [CALLBACK], ["read"])
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, scope="read", state='"><script>alert(2)</script>'))
    assert "<script" not in browser.text


async def test_a_code_used_twice_ends_the_token_it_gave(node: Node) -> None:
    await person("alice")
    app = await registered()
    form = token_form(app, await granted_code(node, app))
    token = await json(await node.client().post("/oauth/token", form=form))
    client = node.client(token["access_token"])
    await json(await client.get("/api/v1/apps/verify_credentials"))
    refusal = await json(await node.client().post("/oauth/token", form=form), 400)
    assert refusal["error"] == "invalid_grant"
    refusal = await json(await client.get("/api/v1/apps/verify_credentials"), 401)
    assert refusal == {"error": "The access token is invalid"}


@pytest.mark.parametrize("verifier", [None, "", "wrong" * 10, VERIFIER + "x", CHALLENGE])
async def test_a_code_with_a_challenge_needs_its_verifier(node: Node, verifier: str | None) -> None:
    await person("alice")
    app = await registered()
    code = await granted_code(node, app, code_challenge=CHALLENGE, code_challenge_method="S256")
    form = token_form(app, code) | ({} if verifier is None else {"code_verifier": verifier})
    assert (await json(await node.client().post("/oauth/token", form=form), 400))["error"] == "invalid_grant"
    await json(await node.client().post("/oauth/token", form=token_form(app, code, code_verifier=VERIFIER)))


async def test_a_verifier_where_the_challenge_was_taken_out_is_refused(node: Node) -> None:
    await person("alice")
    app = await registered()
    form = token_form(app, await granted_code(node, app), code_verifier=VERIFIER)
    assert (await json(await node.client().post("/oauth/token", form=form), 400))["error"] == "invalid_grant"


async def test_a_code_is_good_only_for_its_application_address_and_time(node: Node) -> None:
    await person("alice")
    app, other = await registered(), await registered()
    code = await granted_code(node, app)
    for form in (
        token_form(other, code),
        token_form(app, code, redirect_uri="https://app.example/other"),
        token_form(app, code[:-1]),
    ):
        assert (await json(await node.client().post("/oauth/token", form=form), 400))["error"] == "invalid_grant"
    await AuthorizationGrant.all().update(expires_at=clock.now())
    refusal = await json(await node.client().post("/oauth/token", form=token_form(app, code)), 400)
    assert refusal["error"] == "invalid_grant"
    assert not await AccessToken.exists()


@pytest.mark.parametrize("secret", ["", "wrong"])
async def test_an_application_that_does_not_prove_itself_gets_no_token(node: Node, secret: str) -> None:
    await person("alice")
    app = await registered()
    form = token_form(app, await granted_code(node, app), client_secret=secret)
    response = await node.client().post("/oauth/token", form=form)
    refusal = await json(response, 401)
    assert refusal["error"] == "invalid_client" and "Client authentication failed" in refusal["error_description"]
    assert "WWW-Authenticate" in response.headers


async def test_an_application_may_prove_itself_in_the_header(node: Node) -> None:
    app = await registered()
    good = base64.b64encode(f"{app.application.client_id}:{app.client_secret}".encode()).decode()
    form = {"grant_type": "client_credentials", "scope": "read"}
    token = await json(await node.client().post("/oauth/token", form=form, headers={"Authorization": f"Basic {good}"}))
    assert token["scope"] == "read"
    for bad in ("Basic !!!", "Basic " + base64.b64encode(b"a:b").decode(), "Basic"):
        refusal = await json(await node.client().post("/oauth/token", form=form, headers={"Authorization": bad}), 401)
        assert refusal["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "alice", "password": PASSWORD}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "client_credentials", "scope": "admin:read"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "nonsense"}, "invalid_scope"),
        ({"grant_type": ["a", {}]}, "invalid_request"),
    ],
)
async def test_token_requests_are_refused_in_the_words_of_the_protocol(
    node: Node, form: dict[str, Any], error: str
) -> None:
    app = await registered()
    asked = {"client_id": app.application.client_id, "client_secret": app.client_secret, **form}
    response = await node.client().post("/oauth/token", json=asked)
    assert (await json(response, 400))["error"] == error
    assert response.headers["Cache-Control"] == "no-store"


async def test_an_application_token_has_no_person(node: Node) -> None:
    app = await registered()
    form = {
        "grant_type": "client_credentials",
        "client_id": app.application.client_id,
        "client_secret": app.client_secret,
    }
    token = await json(await node.client().post("/oauth/token", form=form))
    assert token["scope"] == "read"
    client = node.client(token["access_token"])
    await json(await client.get("/api/v1/apps/verify_credentials"))
    await json(await client.get("/oauth/userinfo"), 422)


async def revoke(client: Client, app: Registration, token: str, **values: str) -> Any:
    form = {"client_id": app.application.client_id, "client_secret": app.client_secret, "token": token, **values}
    return await client.post("/oauth/revoke", form=form)


async def test_a_revoked_token_stops_at_once_and_revoking_again_is_no_fault(node: Node) -> None:
    app = await registered()
    token = await new_access_token(await person("alice"), application=app.application)
    client = node.client(token)
    await json(await client.get("/api/v1/apps/verify_credentials"))
    for _ in range(2):
        assert await json(await revoke(node.client(), app, token)) == {}
    await json(await client.get("/api/v1/apps/verify_credentials"), 401)


async def test_a_token_revoked_while_a_request_looks_it_up_is_not_remembered(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, user = await registered(), await person("alice")
    client = node.client(token := await new_access_token(user, application=app.application))
    load, looked_up, go_on = auth._load, asyncio.Event(), asyncio.Event()

    async def slow(token_hash: str) -> auth.Caller:
        caller = await load(token_hash)
        looked_up.set()
        await go_on.wait()
        return caller

    monkeypatch.setattr(auth, "_load", slow)
    under_way = asyncio.create_task(client.get("/api/v1/accounts/verify_credentials"))
    await looked_up.wait()
    assert await json(await revoke(node.client(), app, token)) == {}
    go_on.set()
    await under_way
    assert (await client.get("/api/v1/accounts/verify_credentials")).status_code == 401


async def test_another_applications_token_cannot_be_revoked(node: Node) -> None:
    app, other = await registered(), await registered()
    token = await new_access_token(await person("alice"), application=app.application)
    for response in (
        await revoke(node.client(), other, token),
        await revoke(node.client(), app, token, client_secret="wrong"),
    ):
        refusal = await json(response, 403)
        assert refusal == {
            "error": "unauthorized_client",
            "error_description": "You are not authorized to revoke this token",
        }
    await json(await node.client(token).get("/api/v1/apps/verify_credentials"))


async def test_userinfo_tells_whose_token_it_is_by_get_and_post(node: Node) -> None:
    user = await person("alice")
    client = node.client(await new_access_token(user, "profile"))
    for method in ("GET", "POST"):
        claims = await json(await client.call(method, "/oauth/userinfo"))
        assert claims["iss"] == "https://here.example/" and claims["sub"] == user.account.uri
        assert claims["preferred_username"] == "alice" and claims["profile"] == "https://here.example/@alice"
    await json(await node.client(await new_access_token(user, "write")).get("/oauth/userinfo"), 403)


async def test_the_answer_comes_in_the_fragment_if_asked_for_there(node: Node) -> None:
    await person("alice")
    app = await registered()
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app, response_mode="fragment", state="s"))
    await browser.submit(action="/oauth/authorize", follow=False, decision="allow")
    assert browser.location.startswith(f"{CALLBACK}#code=") and browser.location.endswith("&state=s")
    await browser.open(authorize_url(app, response_mode="fragment", scope="admin:write"), follow=False)
    assert browser.location.startswith(f"{CALLBACK}#error=invalid_scope")
    await browser.open(authorize_url(app, response_mode="form_post"), follow=False)
    assert query_of(browser.location)["error"] == "unsupported_response_mode"


async def test_the_metadata_says_what_is_served(node: Node) -> None:
    found = await json(
        await node.client().get("/.well-known/oauth-authorization-server", headers={"Host": "evil.example"})
    )
    assert found["issuer"] == "https://here.example/"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "read:statuses" in found["scopes_supported"]
    for name in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "app_registration_endpoint"):
        assert found[name].startswith("https://here.example/")


@pytest.mark.parametrize("column", ["disabled_at", "approved_at", "confirmed_at"])
async def test_whoever_may_not_use_their_account_can_authorise_nothing(node: Node, column: str) -> None:
    user = await person("alice")
    app = await registered()
    browser = await signed_in_browser(node)
    await browser.open(authorize_url(app))
    form = browser.hidden("/oauth/authorize") | {"decision": "allow"}
    token = await new_access_token(user)
    await User.filter(id=user.id).update(**{column: clock.now() if column == "disabled_at" else None})
    await browser.send("/oauth/authorize", form)
    assert browser.status == 303 and browser.location.startswith(("/sign-in", "/confirm-email"))
    assert not await AuthorizationGrant.exists()
    await json(await node.client(token).get("/oauth/userinfo"), 403)


async def test_a_suspended_account_is_signed_out_everywhere(node: Node) -> None:
    user = await person("alice")
    token = await new_access_token(user)
    browser = await signed_in_browser(node)
    await Account.filter(id=user.account_id).update(suspended_at=clock.now())
    await browser.open("/settings")
    assert browser.url.startswith("/sign-in")
    await browser.submit(login="alice", password=PASSWORD)
    assert browser.status == 422 and "disabled" in browser.text
    await json(await node.client(token).get("/oauth/userinfo"), 403)


async def test_an_account_keeps_a_bounded_number_of_tokens_for_one_application(node: Node) -> None:
    user = await person("alice")
    app = await registered()
    for _ in range(oauth.MOST_TOKENS_OF_ONE_APPLICATION):
        await new_access_token(user, application=app.application)
    await json(await node.client().post("/oauth/token", form=token_form(app, await granted_code(node, app))))
    assert await AccessToken.filter(user_id=user.id).count() == oauth.MOST_TOKENS_OF_ONE_APPLICATION
