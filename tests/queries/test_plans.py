"""Every page of a growing table is a walk along an index: looked at as SQLite would do it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from api.pagination import Page
from node import db
from node.queries import (
    account_collections,
    accounts,
    conversations,
    notification_groups,
    notification_requests,
    notifications,
    relationships,
    statuses,
    suggestions,
    timelines,
)
from node.queries.conditions import EVERYTHING
from node.queries.notification_groups import Grouping
from node.runtime import Runtime
from node.services.notification_facts import GROUPED

PAGE = Page(20, max_id=10**18)
ORIGIN = timelines.Origin(local=True)
BY_VIEWER: dict[str, Callable[[int | None], Awaitable[Any]]] = {
    "public": lambda viewer: timelines.public(viewer, PAGE, timelines.Origin(), only_media=False),
    "local": lambda viewer: timelines.public(viewer, PAGE, ORIGIN, only_media=True),
    "hashtag": lambda viewer: timelines.hashtag(
        viewer, timelines.Tagged("x", all_of=["y"], none_of=["z"]), PAGE, ORIGIN, only_media=True
    ),
    "link": lambda viewer: timelines.link(viewer, "x", PAGE, ORIGIN, only_media=True),
    "profile": lambda viewer: timelines.profile(viewer, 1, PAGE, timelines.ProfileFilter(only_media=True, tagged="x")),
    "one": lambda viewer: statuses.one(viewer, 1),
    "several": lambda viewer: statuses.by_ids(viewer, [1, 2, 3]),
    "followers": lambda viewer: accounts.followers(viewer, 1, PAGE),
    "following": lambda viewer: accounts.following(viewer, 1, PAGE),
}
OWN: dict[str, Callable[[int], Awaitable[Any]]] = {
    "home": lambda viewer: timelines.home(viewer, PAGE),
    "list": lambda viewer: timelines.of_list(viewer, 1, PAGE),
    "conversations": lambda viewer: conversations.page_of_conversations(viewer, PAGE),
    "list members": lambda viewer: accounts.on_list(viewer, PAGE),
    "bookmarks": lambda viewer: timelines.bookmarks(viewer, PAGE),
    "favourites": lambda viewer: timelines.favourites(viewer, PAGE),
    "notifications": lambda viewer: notifications.page_of_notifications(viewer, PAGE, EVERYTHING),
    "groups": lambda viewer: notification_groups.page_of_groups(viewer, PAGE, EVERYTHING, Grouping(GROUPED)),
    "filtered": lambda viewer: notification_requests.page_of_requests(viewer, PAGE),
    "relationships": lambda viewer: relationships.with_accounts(viewer, [1, 2, 3]),
    "requests": lambda viewer: accounts.follow_requests(viewer, PAGE),
    "endorsed": lambda viewer: accounts.endorsed_by(viewer, PAGE),
    "domains": lambda viewer: accounts.domains_blocked_by(viewer, PAGE),
    "most_followed": lambda viewer: suggestions.most_followed(viewer, 40),
    "collections": lambda viewer: account_collections.of_account(viewer, limit=40, offset=0, discoverable_only=False),
    "in_collections": lambda viewer: account_collections.featuring(viewer, limit=40, offset=0),
}
BOUNDED = ("SCAN held",)
"""What is counted up to a limit of its own."""
CASES = [(name, viewer) for name in BY_VIEWER for viewer in (None, 7)] + [(name, 7) for name in OWN]


@pytest.mark.parametrize("database_kind", ["sqlite"])
@pytest.mark.parametrize(("name", "viewer"), CASES)
async def test_no_page_reads_a_whole_table_or_sorts_one(
    started: Runtime, name: str, viewer: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Sequence[object]]] = []
    original = db.fetch_all

    async def remember(sql: str, parameters: Sequence[object] = ()) -> Any:
        asked.append((sql, parameters))
        return await original(sql, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(db, "fetch_all", remember)
        if name in OWN:
            assert viewer is not None
            await OWN[name](viewer)
        else:
            await BY_VIEWER[name](viewer)
    assert len(asked) == 1
    sql, parameters = asked[0]
    plan = [str(row[3]) for row in await explained(sql, parameters)]
    costly = [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step]
    assert not [step for step in costly if step not in BOUNDED], plan


async def explained(sql: str, parameters: Sequence[object]) -> Sequence[Any]:
    """The steps SQLite would take."""
    return await db.fetch_all(f"EXPLAIN QUERY PLAN {sql}", parameters)
