"""What is answered before the framework is what the framework would answer."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from activitypub.signatures import SigningKey, body_digest, generate_rsa_key, public_pem, sign_post
from api import hot, hot_inbox
from federation.inbound import door, receive
from node import clock, db
from node.models.accounts import ActorKey
from node.services import likes, lists
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements

VARYING = {"x-ratelimit-remaining"}
ACTIVITY = {"Accept": "application/activity+json"}


async def both_ways(client: Client, path: str, monkeypatch: pytest.MonkeyPatch, **arguments: Any) -> list[Any]:
    """What a GET is answered before the framework and by it: status, body and headers."""
    answers = []
    for in_front in (True, False):
        with monkeypatch.context() as patch:
            if not in_front:
                patch.setattr(hot, "_answer", _pass_on)
            answer = await client.get(path, **arguments)
        headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in VARYING}
        answers.append((answer.status_code, await answer.get_data(), headers))
    return answers


async def _pass_on(scope: hot.Scope) -> None:
    return None


def watched(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each request was answered in front, as they come."""
    original, seen = hot._answer, []

    async def answer(scope: hot.Scope) -> hot.Answer | None:
        found = await original(scope)
        seen.append(found is not None)
        return found

    monkeypatch.setattr(hot, "_answer", answer)
    return seen


async def test_posts_and_timelines_are_answered_alike(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await builders.local_account()
    post = await builders.post(alice, "#heron")
    await builders.post(alice, "more")
    client = await node.signed_in(alice)
    await client.get("/api/v1/timelines/home")
    seen = watched(monkeypatch)
    for path in (
        f"/api/v1/statuses/{post.id}",
        "/api/v1/timelines/home?limit=1",
        "/api/v1/timelines/public?local=true&limit=1&limit=2",
        "/api/v1/timelines/tag/heron?only_media=",
        f"/api/v1/accounts/{alice.id}/statuses?exclude_replies=1",
        f"/api/v1/accounts/{alice.id}/statuses?max_id={post.id + 1}",
    ):
        for caller in (client, node.client()):
            if "home" in path and caller is not client:
                continue
            first, second = await both_ways(caller, path, monkeypatch)
            assert first == second, path
            assert first[0] == 200
    assert all(seen)


async def test_lists_threads_notifications_and_relationships_are_answered_alike(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await builders.local_account(), await builders.local_account()
    await builders.following(alice, bob)
    made = await lists.create(alice, lists.Terms(title="Friends"))
    await lists.add(alice, made.id, [bob.id])
    post = await builders.post(alice)
    comment = await builders.post(bob, "I like it", parent_id=post.id)
    await builders.post(bob)
    await likes.like(bob, post.id)
    client = await node.signed_in(alice)
    await client.get("/api/v1/timelines/home")
    seen = watched(monkeypatch)
    for path in (
        f"/api/v1/timelines/list/{made.id}?limit=1",
        f"/api/v1/statuses/{post.id}/context",
        f"/api/v1/statuses/{comment.id}/context",
        "/api/v1/notifications",
        "/api/v1/notifications?limit=1&types[]=favourite&exclude_types[]=mention",
        "/api/v1/notifications?types[]=poll",
        "/api/v2/notifications?expand_accounts=partial_avatars&limit=1",
        f"/api/v1/accounts/relationships?id[]={bob.id}&id%5B%5D={alice.id}&id[]=5",
    ):
        first, second = await both_ways(client, path, monkeypatch)
        assert first == second, path
        assert first[0] == 200
    assert all(seen)
    for path in (
        f"/api/v1/timelines/list/{made.id + 1}",
        "/api/v1/timelines/list/x",
        "/api/v1/statuses/5/context",
        f"/api/v1/statuses/{post.id}/context?limit=1",
        "/api/v1/notifications?limit=x",
        "/api/v1/notifications?account_id=x",
        "/api/v2/notifications?expand_accounts=some",
        f"/api/v1/accounts/relationships?id={bob.id}&with_suspended=true",
        "/api/v1/accounts/relationships?id[]=x",
    ):
        seen.clear()
        first, second = await both_ways(client, path, monkeypatch)
        assert first == second, path
        assert not any(seen), path


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/timelines/home",
        "/api/v1/timelines/list/5",
        "/api/v1/notifications",
        "/api/v2/notifications",
        "/api/v1/accounts/relationships?id[]=5",
        "/api/v1/timelines/home?limit=x",
        "/api/v1/timelines/public?local=perhaps",
        "/api/v1/timelines/tag/nothing",
        "/api/v1/accounts/5/statuses",
        "/api/v1/accounts/x/statuses",
        "/api/v1/statuses/5",
        "/api/v1/statuses/abc",
        "/api/v1/statuses/99999999999999999999999999",
    ],
)
async def test_refusals_are_the_framework_s(node: Node, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watched(monkeypatch)
    for client in (node.client(), node.client("wrong"), await node.signed_in(await builders.local_account(), "push")):
        first, second = await both_ways(client, path, monkeypatch)
        assert first == second
    assert not any(seen)


async def test_too_many_calls_are_refused_in_front_as_behind(node: Node) -> None:
    post = await builders.post(await builders.local_account())
    client = node.client()
    path = f"/api/v1/statuses/{post.id}"
    statuses = [(await client.get(path)).status_code for _ in range(302)]
    assert statuses[:300] == [200] * 300
    assert statuses[300:] == [429] * 2


async def test_ready_documents_and_webfinger_are_answered_alike(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await builders.local_account("alice")
    post = await builders.post(alice)
    client = node.client()
    for path in (
        f"/ap/users/{alice.id}",
        f"/ap/posts/{post.id}",
        "/.well-known/webfinger?resource=acct:alice@here.example",
    ):
        await json(await client.get(path, headers=ACTIVITY))
        first, second = await both_ways(client, path, monkeypatch, headers=ACTIVITY)
        assert first == second, path
        signed, by_framework = await both_ways(client, path, monkeypatch, headers={**ACTIVITY, "Signature": "x"})
        assert signed == by_framework


async def test_the_shared_inbox_answers_alike(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, pem = await builders.remote_account("ann"), generate_rsa_key()
    key = SigningKey.from_pem(f"{ann.uri}#main-key", pem)
    await ActorKey.filter(key_id=key.key_id).update(public_pem=public_pem(pem))
    await node.client().get("/health")  # Whom the admins shut out is known from now on.

    def signed(**activity: object) -> dict[str, Any]:
        body = orjson.dumps({"type": "Like", "object": "https://here.example/ap/posts/5", **activity})
        headers = sign_post(key, "https://here.example/inbox", body_digest(body), clock.now())
        return {"data": body, "headers": {**headers, "Content-Type": "application/activity+json"}}

    like = signed(id=f"{ann.uri}/likes/1", actor=ann.uri)
    for status, posted in (
        (202, like),
        (401, {**like, "headers": {}}),
        (401, {**like, "data": like["data"] + b" "}),
        (401, signed(id="https://elsewhere.example/1", actor="https://elsewhere.example/bob")),
        (400, {**like, "data": b"{"}),
        (400, {**like, "data": b""}),
        (413, {**like, "data": b" " * (door.MAX_BYTES + 1)}),
    ):
        answers = []
        for in_front in (True, False):
            with monkeypatch.context() as patch:
                if not in_front:
                    patch.setattr(hot, "_doors", {})
                answer = await node.app.test_client().post("/inbox", **posted)
            answers.append((answer.status_code, await answer.get_data(), sorted(answer.headers.items())))
        assert answers[0] == answers[1]
        assert answers[0][0] == status
    rows = await db.fetch_all("SELECT key FROM jobs WHERE kind = ?", (receive.KIND,))
    assert [row[0].partition(":")[0] for row in rows] == ["request"], "the very same request counts once, either way"


async def test_an_activity_that_does_not_come_to_an_end_is_given_up(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_inbox, "PATIENCE", 0.01)
    await node.client().get("/health")  # Whom the admins shut out is known from now on.
    sent: list[dict[str, Any]] = []

    async def receive_nothing() -> None:
        await asyncio.Event().wait()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/inbox", "headers": [(b"content-length", b"5")]}
    await node.app.asgi_app(scope, receive_nothing, send)  # type: ignore[arg-type]
    assert sent[0]["status"] == 408


async def test_what_is_kept_is_read_with_a_few_statements_whatever_the_size(node: Node) -> None:
    alice = await builders.local_account()
    others = [await builders.local_account() for _ in range(4)]
    client = await node.signed_in(alice)
    await client.get("/api/v1/timelines/home")
    counts = []
    for size in (2, 9):
        post = await builders.post(alice)
        for number in range(size):
            await builders.post(others[number % 4], f"Comment {number}", parent_id=post.id)
        ids = "&".join(f"id[]={other.id}" for other in others[:size])
        for path in (
            f"/api/v1/statuses/{post.id}/context",
            f"/api/v1/notifications?limit={size}",
            f"/api/v1/accounts/relationships?{ids}",
        ):
            await json(await client.get(path))
            with counted_statements() as warm:
                await json(await client.get(path))
            counts.append(len(warm))
    assert counts == [3, 1, 1] * 2
