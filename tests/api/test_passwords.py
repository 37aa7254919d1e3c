"""Passwords: how they are kept, and changing and resetting them."""

from __future__ import annotations

import asyncio
import re

import pytest
from argon2 import PasswordHasher

from node import clock, passwords
from node.errors import Invalid
from node.models.accounts import User
from node.models.credentials import AccessToken, BrowserSession
from tests import builders
from tests.api.client import PASSWORD, Node, body, json, link_in, new_access_token, person
from tests.conftest import HeldClock
from tests.shortcuts import REAL_HASHER

NEW = "another heron, elsewhere"


@pytest.fixture(autouse=True)
def hashing_as_nodes_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)


async def test_a_password_is_kept_as_argon2id_and_recognised() -> None:
    stored = await passwords.hash_password("Ångström åå")
    assert stored.startswith("$argon2id$") and "ngstr" not in stored
    assert await passwords.verify("Ångström åå", stored)
    assert await passwords.verify("A\u030angstro\u0308m a\u030aa\u030a", stored), "typed on another keyboard"
    assert not await passwords.verify("angstrom aa", stored)
    assert not passwords.needs_rehash(stored)


async def test_nobodys_password_is_never_right() -> None:
    assert not await passwords.verify("the password of nobody at all", None)
    assert not await passwords.verify("", None)
    assert not await passwords.verify("x", "not a hash")
    assert not await passwords.verify("x" * 1_000_000, await passwords.hash_password("y" * 200))


async def test_hashing_leaves_the_event_loop_free_and_is_bounded() -> None:
    many = [asyncio.create_task(passwords.hash_password("a heron")) for _ in range(passwords.MOST_WAITING + 5)]
    turns = 0
    while not all(task.done() for task in many):
        await asyncio.sleep(0)
        turns += 1
    refused = [task for task in many if task.exception() is not None]
    assert len(refused) == 5 and turns > 100


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "ERR_BLANK"),
        ("1234567", "ERR_TOO_SHORT"),
        ("x" * 201, "ERR_TOO_LONG"),
        ("alice.heron", "ERR_INVALID"),
        ("Alice.Heron", "ERR_INVALID"),
        ("alice.heron@mail.example", "ERR_INVALID"),
        ("alicenice", "ERR_INVALID"),
        ("aaaaaaaaaa", "ERR_INVALID"),
    ],
)
def test_a_poor_password_is_refused(password: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check_acceptable(password, username="alicenice", email="alice.heron@mail.example")
    assert refusal.value.field == "password" and refusal.value.code == code


async def test_a_hash_with_old_parameters_is_renewed_at_sign_in(node: Node) -> None:
    user = await person("alice")
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    await User.filter(id=user.id).update(password_hash=old)
    browser = await node.browser().open("/sign-in")
    await browser.submit(login="alice", password=PASSWORD)
    renewed = (await User.get(id=user.id)).password_hash
    assert renewed and renewed != old and not passwords.needs_rehash(renewed)
    assert await passwords.verify(PASSWORD, renewed)


async def test_changing_the_password_ends_every_other_session_and_token(node: Node) -> None:
    user = await person("alice")
    mine, other = await new_access_token(user), await new_access_token(user)
    browser = await node.browser().open("/sign-in")
    await browser.submit(login="alice", password=PASSWORD)
    await json(await node.client(other).get("/oauth/userinfo"))
    asked = {"current_password": PASSWORD, "password": NEW}
    assert await json(await node.client(mine).post("/api/v1/passwords/change", json=asked)) == {}
    await json(await node.client(other).get("/oauth/userinfo"), 401)
    await json(await node.client(mine).get("/oauth/userinfo"))
    await browser.open("/settings")
    assert browser.url.startswith("/sign-in")
    await builders.run_jobs()
    (letter,) = node.letters("alice@mail.example")
    assert "was changed" in letter["Subject"]
    await browser.submit(login="alice", password=NEW)
    assert "signed in as @alice" in browser.text


async def test_changing_the_password_takes_the_present_one_and_an_acceptable_new_one(node: Node) -> None:
    user = await person("alice")
    client = node.client(await new_access_token(user))
    for asked, field in (
        ({"current_password": "wrong", "password": NEW}, "current_password"),
        ({"password": NEW}, "current_password"),
        ({"current_password": PASSWORD, "password": "short"}, "password"),
    ):
        refusal = await json(await client.post("/api/v1/passwords/change", json=asked), 422)
        assert list(refusal["details"]) == [field]
    assert await passwords.verify(PASSWORD, (await User.get(id=user.id)).password_hash)
    await json(await node.client(await new_access_token(user, "read")).post("/api/v1/passwords/change", json={}), 403)


async def test_guessing_the_present_password_with_a_stolen_token_is_bounded(node: Node) -> None:
    client = node.client(await new_access_token(await person("alice")))
    asked = {"current_password": "wrong", "password": NEW}
    statuses = [(await client.post("/api/v1/passwords/change", json=asked)).status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]


async def test_a_forgotten_password_is_set_anew_with_the_link_from_the_letter(node: Node) -> None:
    user = await person("alice", confirmed_at=None)
    token = await new_access_token(user)
    browser = await node.browser().open("/forgotten-password")
    await browser.submit(email="Alice@Mail.example")
    assert browser.status == 200
    await builders.run_jobs()
    (letter,) = node.letters()
    path = link_in(letter)
    await browser.open(path)
    await browser.submit(password="short")
    assert browser.status == 422 and "too short" in browser.text
    await browser.submit(password=NEW)
    assert "Your password is set" in browser.text
    await browser.open(path)
    assert browser.status == 404
    await json(await node.client(token).get("/oauth/userinfo"), 401)
    assert (await User.get(id=user.id)).confirmed_at is not None, "who reads the letter has the address"
    await browser.open("/sign-in")
    await browser.submit(login="alice", password=NEW)
    assert "signed in as @alice" in browser.text


async def test_opening_the_link_uses_nothing_up(node: Node) -> None:
    await person("alice")
    await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"})
    await builders.run_jobs()
    path = link_in(node.letters()[0])
    for _ in range(3):
        assert (await node.browser().open(path)).status == 200
    token = path.rsplit("/", 1)[1]
    assert (
        await json(await node.client().post("/api/v1/passwords/reset/confirm", json={"token": token, "password": NEW}))
        == {}
    )
    await json(await node.client().post("/api/v1/passwords/reset/confirm", json={"token": token, "password": NEW}), 404)


async def test_asking_for_a_reset_says_the_same_whether_or_not_there_is_an_account(node: Node) -> None:
    await person("alice")
    pages, answers = [], []
    for address in ("alice@mail.example", "nobody@mail.example", "not an address"):
        browser = await node.browser().open("/forgotten-password")
        await browser.submit(email=address)
        pages.append((browser.status, re.sub(r"\w{64}", "", browser.text)))
        answer = await node.client().post("/api/v1/passwords/reset", json={"email": address})
        answers.append((answer.status_code, await answer.get_data()))
    assert len(set(pages)) == 1 and len(set(answers)) == 1
    await builders.run_jobs()
    assert {letter["To"] for letter in node.letters()} == {"alice@mail.example"}


async def test_a_newer_letter_makes_the_older_link_useless(node: Node) -> None:
    await person("alice")
    paths = []
    for _ in range(2):
        await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"})
        await builders.run_jobs()
        paths.append(link_in(node.letters()[-1]))
    assert (await node.browser().open(paths[0])).status == 404
    assert (await node.browser().open(paths[1])).status == 200


async def test_a_link_is_too_old_after_an_hour(node: Node, held_clock: HeldClock) -> None:
    await person("alice")
    await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"})
    await builders.run_jobs()
    path = link_in(node.letters()[0])
    held_clock.advance(3601)
    assert (await node.browser().open(path)).status == 404
    asked = {"token": path.rsplit("/", 1)[1], "password": NEW}
    await json(await node.client().post("/api/v1/passwords/reset/confirm", json=asked), 404)


async def test_links_in_letters_do_not_follow_the_host_header(node: Node) -> None:
    await person("alice")
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"}, headers=headers)
    await builders.run_jobs()
    text = body(node.letters()[0])
    assert "evil.example" not in text and "https://here.example/reset-password/" in text


async def test_one_address_is_not_flooded_with_letters(node: Node) -> None:
    await person("alice")
    for _ in range(8):
        await json(await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"}))
    await builders.run_jobs()
    assert len(node.letters()) == 5


async def test_a_disabled_user_gets_no_link(node: Node) -> None:
    await person("alice", disabled_at=clock.now())
    await json(await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"}))
    await builders.run_jobs()
    assert not node.letters()


async def test_a_reset_ends_sessions_and_tokens_of_nobody_else(node: Node) -> None:
    await person("alice")
    bob = await person("bob")
    token = await new_access_token(bob)
    await node.client().post("/api/v1/passwords/reset", json={"email": "alice@mail.example"})
    await builders.run_jobs()
    asked = {"token": link_in(node.letters()[0]).rsplit("/", 1)[1], "password": NEW}
    await json(await node.client().post("/api/v1/passwords/reset/confirm", json=asked))
    await json(await node.client(token).get("/oauth/userinfo"))
    assert await AccessToken.filter(user_id=bob.id).exists() and not await BrowserSession.exists()
