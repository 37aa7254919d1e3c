"""Opening an account inside Pixelfed's app."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from urllib.parse import urlsplit

from node import runtime
from node.models.accounts import User
from tests import builders
from tests.api.client import Node, body, json, query_of

V = "/api/v1.1/auth"
APP = {"X-PIXELFED-APP": "1"}
FORM = {"username": "dora", "email": "Dora@mail.example", "password": "a heron at the weir"}


async def test_an_account_is_opened_and_confirmed_in_the_app(node: Node) -> None:
    app = node.client()
    assert await json(await app.get(f"{V}/iarpfc")) == {"open": True, "iara": True}
    await json(await app.post(f"{V}/iar", form=FORM), 403)
    for wrong in ({"username": "no name"}, {"email": "nobody"}, {"password": "short"}):
        await json(await app.post(f"{V}/iar", form={**FORM, **wrong}, headers=APP), 422)
    assert await json(await app.post(f"{V}/iar", form=FORM, headers=APP)) == {"success": True}
    await builders.run_jobs()
    (letter,) = node.letters("Dora@mail.example")
    found = re.search(r"https://here\.example(/api/v1\.1/auth/iarer\S+)", body(letter))
    assert found
    for _ in range(2):  # Opening the link uses nothing up.
        answer = await app.get(found[1])
        assert answer.status_code == 302
    target = urlsplit(answer.headers["Location"])
    user = await User.get(account__username="dora")
    assert (target.scheme, target.netloc, target.path) == ("pixelfed", "confirm-account", f"/{user.id}")
    carried = query_of(answer.headers["Location"])
    assert carried["domain"] == "here.example"

    email = base64.b64decode(carried["ea"]).decode()
    good = {"user_token": carried["ut"], "random_token": carried["rt"], "email": email}
    for wrong in ({"user_token": "7"}, {"random_token": "x" * 43}, {"email": "else@mail.example"}):
        refused = await json(await app.post(f"{V}/iarc", json={**good, **wrong}, headers=APP), 403)
        assert refused["error"] == "Invalid tokens"
    await json(await app.post(f"{V}/iarc", json={**good, "email": ""}, headers=APP), 422)
    await json(await app.post(f"{V}/iarc", json=good), 403)
    assert (await builders.fresh(user)).confirmed_at is None
    token = (await json(await app.post("/api/pixelfed/v1/auth/iarc", json=good, headers=APP)))["access_token"]
    me = await json(await node.client(token).get("/api/v1/accounts/verify_credentials"))
    assert me["username"] == "dora"
    await json(await app.post(f"{V}/iarc", json=good, headers=APP), 403)
    await json(await app.get(f"{V}/iarer?ut=1&rt=2"), 422)


async def test_nobody_learns_who_has_an_account_and_closed_is_closed(node: Node) -> None:
    await builders.local_account("alice")
    app = node.client()
    taken = {**FORM, "email": "alice@mail.example"}
    assert await json(await app.post(f"{V}/iar", form=taken, headers=APP)) == {"success": True}
    await builders.run_jobs()
    (letter,) = node.letters("alice@mail.example")
    assert "iarer" not in body(letter)

    settings = node.parts.settings
    rules = settings.registrations.model_copy(update={"mode": "closed"})
    runtime.start(replace(node.parts, settings=settings.model_copy(update={"registrations": rules})))
    assert await json(await app.get(f"{V}/iarpfc")) == {"open": False, "iara": False}
    await json(await app.post(f"{V}/iar", form={**FORM, "username": "else"}, headers=APP), 404)
    await json(await app.post(f"{V}/iarc", form={}, headers=APP), 404)


async def asked(node: Node, email: str) -> str:
    """Type an address into the page the app opens; what the letter says."""
    browser = await node.browser().open("/i/app-email-verify")
    await browser.submit(email=email, follow=False)
    target = urlsplit(browser.location)
    assert (browser.status, target.scheme, target.netloc) == (302, "pixelfed", "verifyEmail")
    assert query_of(browser.location) == {"email": email, "expires_in": "3600", "status": "success"}
    await builders.run_jobs()
    return body(node.letters(email)[-1])


async def test_an_address_is_proven_before_the_account_is_opened(node: Node) -> None:
    app = node.client()
    proof = {"email": "dora@mail.example", "verify_code": code_of(await asked(node, "dora@mail.example"))}
    wrong = {**proof, "verify_code": "000000" if proof["verify_code"] != "000000" else "111111"}
    verify, finish = "/api/auth/app-code-verify", "/api/auth/onboarding"
    for _ in range(6):  # What is right costs no attempt.
        assert await json(await app.post(verify, form=proof)) == {"status": "success"}
    assert await json(await app.post(verify, form=wrong)) == {"status": "error"}
    assert await json(await app.post(verify, form={**proof, "email": "else@mail.example"})) == {"status": "error"}
    for unreadable in ({"email": ""}, {"email": "nobody"}, {"verify_code": "12"}, {"verify_code": ""}):
        await json(await app.post(verify, form={**proof, **unreadable}), 422)
    person = {**proof, "username": "dora", "name": "Dora", "password": "a heron at the weir"}
    refused = await json(await app.post(finish, form={**person, **wrong}))
    assert (refused["status"], refused["code"]) == ("error", "invalid_code")
    for bad in ({"username": "no name"}, {"password": "short"}, {"scope": "everything"}):
        await json(await app.post(finish, form={**person, **bad}), 422)
    await json(await app.post(finish, form={**person, "scope": "admin:read"}), 422)
    await json(await app.post(finish, form={**person, "client_id": "x", "client_secret": "y"}), 401)
    assert not await User.exists(account__username="dora")

    made = await json(await app.post(finish, json=person))
    user = await User.get(account__username="dora")
    assert (made["status"], made["token_type"], made["domain"]) == ("success", "Bearer", "here.example")
    assert made["user"] == {"pid": str(user.account_id), "username": "dora"}
    assert made["account"]["display_name"] == "Dora"
    assert made["scope"] == ["read", "write", "follow", "push"]
    assert made["client_id"] and made["client_secret"]
    me = await json(await node.client(made["access_token"]).get("/api/v1/accounts/verify_credentials"))
    assert me["username"] == "dora"
    assert user.confirmed_at is not None and user.approved_at is not None
    again = await json(await app.post(finish, json={**person, "username": "other"}))
    assert again["code"] == "invalid_code"


async def test_a_proof_is_guessed_a_few_times_and_tells_of_nobodys_account(node: Node) -> None:
    await builders.local_account("alice")
    app = node.client()
    letter = await asked(node, "alice@mail.example")
    assert "You have one already" in letter and re.search(r"\b\d{6}\b", letter) is None
    await asked(node, "eve@mail.example")
    for email in ("alice@mail.example", "eve@mail.example"):
        answers = [
            (await app.post("/api/auth/app-code-verify", form={"email": email, "verify_code": "000000"})).status_code
            for _ in range(6)
        ]
        assert answers == [200] * 5 + [429]
    newer = code_of(await asked(node, "eve@mail.example"))
    good = {"email": "eve@mail.example", "verify_code": newer}
    assert await json(await app.post("/api/auth/app-code-verify", form=good)) == {"status": "success"}

    browser = await node.browser().open("/i/app-email-resend?redirect_uri=pixelfed://here%3Fx")
    await browser.submit(email="no address", follow=False)
    assert browser.status == 422
    await browser.submit(email="eve@mail.example", follow=False)
    assert browser.location.startswith("pixelfed://here?")
    for elsewhere in ("https://evil.example", "javascript:alert(1)", "pixelfed:x"):
        assert (await node.browser().open(f"/i/app-email-verify?redirect_uri={elsewhere}")).status == 400

    settings = node.parts.settings
    rules = settings.registrations.model_copy(update={"mode": "invite"})
    runtime.start(replace(node.parts, settings=settings.model_copy(update={"registrations": rules})))
    await json(await app.post("/api/auth/app-code-verify", form=good), 404)
    await json(await app.post("/api/auth/onboarding", form=good), 404)
    assert (await node.browser().open("/i/app-email-verify", follow=False)).location == "/"


def code_of(letter: str) -> str:
    """The six digits in a letter."""
    found = re.search(r"\b(\d{6})\b", letter)
    assert found
    return found[1]
