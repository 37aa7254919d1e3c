"""Reporting somebody, and what the moderators do about it."""

from __future__ import annotations

from typing import Any

import pytest

from api.pagination import Page
from node.errors import Invalid, NotFound
from node.events import ReportFiled
from node.models.account_collections import AccountCollection
from node.models.accounts import User
from node.queries.reports import ReportFilter, page_of_reports
from node.services import reports, rules
from node.services.reports import Complaint
from tests import builders
from tests.api.client import Node, json

PATH = "/api/v1/reports"


async def test_a_report_says_what_it_is_about_and_reaches_the_moderators(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.remote_account("bob")
    moderator = await builders.local_account()
    await User.filter(account_id=moderator.id).update(role="moderator")
    rule = await rules.add("Be kind")
    post = await builders.received(bob)
    client = await node.signed_in(alice)
    form = {
        "account_id": str(bob.id),
        "status_ids[]": str(post.id),
        "comment": "He is not kind",
        "rule_ids[]": str(rule.id),
        "category": "spam",
        "forward": "true",
    }
    async with builders.hearing(ReportFiled) as heard:
        shown = await json(await client.post(PATH, form=form))
    assert heard == [ReportFiled(report_id=int(shown["id"]))]
    assert shown.pop("target_account")["acct"] == "bob@remote.example"
    assert shown.pop("created_at").endswith("Z")
    assert shown == {
        "id": shown["id"],
        "action_taken": False,
        "action_taken_at": None,
        "category": "violation",
        "comment": "He is not kind",
        "forwarded": False,
        "status_ids": [str(post.id)],
        "rule_ids": [str(rule.id)],
        "collection_ids": [],
    }
    assert [told[:2] for told in await builders.told(moderator)] == [("admin.report", alice.id)]
    assert (await reports.one(int(shown["id"]))).forward is True
    collection = await AccountCollection.create(account_id=bob.id, uri="https://remote.example/c/1", name="Kind people")
    with_collection = {"account_id": str(bob.id), "collection_ids": [str(collection.id)]}
    assert (await json(await client.post(PATH, json=with_collection)))["collection_ids"] == [str(collection.id)]
    bare = await json(await client.post(PATH, json={"account_id": str(moderator.id)}))
    assert (bare["category"], bare["rule_ids"], bare["status_ids"], bare["comment"]) == ("other", None, [], "")


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"comment": "a" * 1001}, "Validation failed: Comment is too long (maximum is 1000 characters)"),
        ({"category": "boredom"}, "Validation failed: Category is not included in the list"),
        ({"category": "violation"}, "Validation failed: Rule ids does not reference valid rules"),
        ({"rule_ids": ["1"]}, "Validation failed: Rule ids does not reference valid rules"),
        ({"status_ids": ["1"]}, "Record not found"),
        ({"collection_ids": ["1"]}, "Record not found"),
        ({"account_id": "1"}, "Record not found"),
        ({"account_id": ""}, "Record not found"),
    ],
)
async def test_what_makes_no_sense_is_not_reported(node: Node, values: dict[str, Any], error: str) -> None:
    bob = await builders.local_account("bob")
    client = await node.signed_in(await builders.local_account())
    answer = await client.post(PATH, json={"account_id": str(bob.id), **values})
    assert await answer.get_json() | {"details": None} == {"error": error, "details": None}
    assert answer.status_code == (404 if error == "Record not found" else 422)
    assert await page_of_reports(ReportFilter(), Page(10)) == []


async def test_posts_of_others_and_hidden_ones_cannot_be_reported_and_a_scope_is_needed(node: Node) -> None:
    alice, bob, carl = [await builders.local_account() for _ in range(3)]
    hidden = await builders.post(bob, visibility="followers")
    for post in (hidden, await builders.post(carl)):
        with pytest.raises(NotFound):
            await reports.file(alice, Complaint(bob.id, post_ids=(post.id,)))
    client = await node.signed_in(alice, "write:statuses")
    await json(await client.post(PATH, json={"account_id": str(bob.id)}), 403)
    await json(await node.client().post(PATH, json={"account_id": str(bob.id)}), 401)


async def test_moderators_work_reports_off(node: Node) -> None:
    alice, bob, moderator = [await builders.local_account() for _ in range(3)]
    far = await builders.remote_account(domain="far.example")
    await User.filter(account_id=moderator.id).update(role="admin")
    first = await reports.file(alice, Complaint(bob.id, comment="one"))
    second = await reports.file(bob, Complaint(far.id))
    third = await reports.file(bob, Complaint(bob.id))
    assert [kind for kind, _, _ in await builders.told(moderator)] == ["admin.report"] * 2, "one is open already"

    async def found(**values: Any) -> list[int]:
        return await page_of_reports(ReportFilter(**values), Page(10))

    assert await found() == [third.id, second.id, first.id]
    assert await page_of_reports(ReportFilter(), Page(1, min_id=first.id)) == [second.id]
    assert await found(account_id=bob.id, target_id=bob.id) == [third.id]
    assert await found(domain="far.example") == [second.id]
    assert (await reports.assign(first.id, moderator)).assigned_id == moderator.id
    assert (await reports.assign(first.id, None)).assigned_id is None
    closed = await reports.resolve(first.id, moderator)
    assert (await reports.resolve(first.id, bob)).action_taken_by_id == closed.action_taken_by_id == moderator.id
    assert (await found(resolved=True), await found()) == ([first.id], [third.id, second.id])
    assert (await reports.reopen(first.id)).action_taken_at is None
    await reports.resolve_all_of(bob.id, moderator)
    assert await found() == [second.id]
    assert (await reports.classify(second.id, category="spam")).category == "spam"
    for wrong in ({"category": "x"}, {"category": "violation"}, {"category": "violation", "rule_ids": [1]}):
        with pytest.raises(Invalid):
            await reports.classify(second.id, **wrong)  # type: ignore[arg-type]
    noted = await reports.note(second.id, moderator, "Seen before")
    assert [note.content for note in await reports.notes(second.id)] == ["Seen before"]
    with pytest.raises(NotFound):
        await reports.remove_note(first.id, noted.id)
    await reports.remove_note(second.id, noted.id)
    for blank in ("", "a" * 2001):
        with pytest.raises(Invalid):
            await reports.note(second.id, moderator, blank)
    with pytest.raises(NotFound):
        await reports.resolve(1, moderator)
