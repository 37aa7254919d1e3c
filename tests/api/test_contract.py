"""Every call, as its own description says it may be made and as it says it may not: schemathesis makes the requests.

The strictest database there is is asked. No answer may be a fault of the server's, of a status that is not described, or other than its schema says. A few
requests of each kind are made for every call; `HELIOGRAPH_CONTRACT_EXAMPLES=100` makes as many, for a long look.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from quart.testing.utils import sentinel
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

import api.routes
import federation.wiring
from api.openapi.surface import calls
from node import runtime
from node.app import create_app
from node.models.accounts import User
from node.runtime import Runtime
from tests import builders
from tests.api.client import Node, json, new_access_token
from tests.databases import DATABASES

EXAMPLES = int(os.environ.get("HELIOGRAPH_CONTRACT_EXAMPLES", "2"))
BASE = "https://here.example"
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
ENDLESS = "/api/v1/streaming"
FACTS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Caller:
    """Sends what schemathesis makes up, from its thread, to the application on the test's loop."""

    def __init__(self, node: Node, token: str, known: dict[str, str]) -> None:
        self._client = node.app.test_client(use_cookies=False)
        self._loop = asyncio.get_running_loop()
        self._token = token
        self._known = known
        self._turn = 0

    def call(self, case: Case) -> schemathesis.Response:
        """The answer to a request; every other one is about things that are there."""
        self._turn += 1
        if self._turn % 2:
            case.path_parameters |= {
                name: value for name, value in self._known.items() if name in (case.path_parameters or {})
            }
        prepared = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
        return asyncio.run_coroutine_threadsafe(self._send(prepared), self._loop).result(60)

    async def _send(self, sent: requests.PreparedRequest) -> schemathesis.Response:
        parts = urlsplit(str(sent.url))
        answer = await self._client.open(
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            method=str(sent.method),
            headers={**sent.headers, "Authorization": f"Bearer {self._token}"},
            data=sent.body if isinstance(sent.body, bytes) else (sent.body or "").encode(),
            json=sentinel,
            scheme="https",
        )
        headers = {name.lower(): answer.headers.getlist(name) for name in dict(answer.headers)}
        body = await answer.get_data(as_text=False)
        return schemathesis.Response(answer.status_code, headers, body, sent, 0.0, verify=True)


@pytest.fixture
async def unlimited(started: Runtime) -> AsyncIterator[Node]:
    """A node that counts no calls."""
    parts = replace(started, settings=started.settings.model_copy(update={"rate_limits": False}))
    runtime.start(parts)
    app = create_app(parts.settings)
    disconnect = api.routes.connect()
    federation.wiring.forget_everything()
    yield Node(app, parts)
    disconnect()


async def a_small_world() -> tuple[str, dict[str, str]]:
    """Somebody signed in who posted, and somebody else; the ids that stand for variables of paths."""
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    await builders.following(alice, bob)
    post = await builders.post(alice, "A #heron for @bob")
    await builders.post(bob, "For @alice", parent_id=post.id)
    picture = await builders.picture(alice)
    token = await new_access_token(
        await User.get(account_id=alice.id), "read", "write", "follow", "push", "profile", "admin:read", "admin:write"
    )
    return token, {
        "account_id": str(bob.id),
        "status_id": str(post.id),
        "media_id": str(picture.id),
        "name": "heron",
        "key": "posts/none",
    }


def faults(document: dict[str, Any], described: set[str], caller: Caller) -> Iterator[str]:
    """What is wrong with the answers, one text for each call and kind of request."""
    load_all_checks()
    checks = CHECKS.get_by_names(list(CHECKED))
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        operation = found.ok()
        if operation.path.startswith(ENDLESS) or operation.definition.raw["operationId"] not in described:
            continue
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                _probe(operation.as_strategy(mode), caller, checks)
            except (Exception, BaseExceptionGroup) as fault:
                if type(fault).__name__ not in ("Unsatisfiable", "NothingToNegate"):
                    yield f"{operation.label} ({mode.value})\n{fault}"


def _probe(cases: Any, caller: Caller, checks: Any) -> None:
    @seed(1)
    @FACTS
    @given(case=cases)
    def probe(case: Case) -> None:
        case.validate_response(caller.call(case), checks=checks)

    probe()


@pytest.mark.timeout(0 if EXAMPLES > 3 else 300)
@pytest.mark.parametrize("database_kind", DATABASES[-1:], indirect=True)
async def test_every_answer_is_as_described(unlimited: Node) -> None:
    token, known = await a_small_world()
    document = await json(await unlimited.client().get("/api/openapi.json"))
    caller = Caller(unlimited, token, known)
    described = {call.operation_id for call in calls(unlimited.app) if call.operation is not None}
    found = await asyncio.to_thread(lambda: list(faults(document, described, caller)))
    assert not found, "\n\n".join(found)
