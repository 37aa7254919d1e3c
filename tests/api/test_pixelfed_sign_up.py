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
