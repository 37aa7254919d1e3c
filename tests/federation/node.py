"""Our side in tests: asks the app like any client does, and runs its background work step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quart import Quart
from quart.wrappers import Response

from federation import wiring
from federation.inbound import receive
from node import db, jobs
from node.settings import Settings
from tests.federation.peer import Person, signed_get_headers, signed_post_headers

ACTIVITY = "application/activity+json"


@dataclass
class Node:
    """The running node."""

    app: Quart
    settings: Settings

    async def get(self, path: str, accept: str = ACTIVITY, *, by: Person | None = None) -> Response:
        """GET `path`, signed when somebody asks for it in their name."""
        headers = {"Accept": accept}
        if by is not None:
            headers |= signed_get_headers(by, self.settings.base_url + path)
        return await self.app.test_client().get(path, headers=headers)

    async def receive(
        self, activity: dict[str, Any] | bytes, by: Person, *, path: str = "/inbox", **changes: Any
    ) -> Response:
        """POST an activity to an inbox, signed by `by`; `changes` go to `signed_post_headers`."""
        body, headers = signed_post_headers(by, self.settings.base_url + path, activity, **changes)
        return await self.app.test_client().post(path, data=body, headers=headers)

    async def process(self) -> None:
        """Work through what was received, and fetch what that calls for."""
        await jobs.Worker(receive.QUEUE, wiring.INBOX_CONCURRENCY).run_until_idle()
        await self.fetch()
        await jobs.Worker(jobs.DEFAULT_QUEUE, 4).run_until_idle()

    async def fetch(self) -> None:
        """Fetch what is due in the background."""
        await jobs.Worker(wiring.FETCH_QUEUE, wiring.FETCH_CONCURRENCY).run_until_idle()

    async def take(self, activity: dict[str, Any], by: Person, *, path: str = "/inbox") -> None:
        """Receive an activity that is accepted, and work through it."""
        answer = await self.receive(activity, by, path=path)
        assert answer.status_code == 202, await answer.get_data(as_text=True)
        await self.process()

    async def publish(self) -> None:
        """Turn what happened here into deliveries."""
        await jobs.Worker(wiring.PUBLISH_QUEUE, 1).run_until_idle()

    async def deliver(self) -> None:
        """Turn what happened here into deliveries and send what is due."""
        await self.publish()
        await wiring.delivery_worker(self.settings).run_until_idle()

    async def count(self, table: str, where: str = "1 = 1", *values: object) -> int:
        """How many rows there are."""
        row = await db.fetch_one(f"SELECT COUNT(*) FROM {table} WHERE {where}", values)
        assert row is not None
        return int(row[0])
