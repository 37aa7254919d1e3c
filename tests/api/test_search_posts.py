"""Posts found by their words."""

from __future__ import annotations

from typing import Any

from node.models.accounts import Account
from node.queries.search_terms import Unreadable, parse
from node.services import blocks, bookmarks, likes
from node.services.polls import NewPoll
from tests import builders
from tests.api.client import Client, Node, json
from tests.api.statements import counted_statements


async def found(client: Client, query: str, **parameters: Any) -> list[int]:
    """The ids of the posts a search finds, in order."""
    asked = {"q": query, "type": "statuses", **parameters}
    answer = await json(await client.get("/api/v2/search", query_string=asked))
    assert answer["accounts"] == answer["hashtags"] == []
    return [int(item["id"]) for item in answer["statuses"]]


async def indexable(name: str) -> Account:
    return await builders.local_account(name, indexable=True)


async def test_who_finds_what_depends_on_what_it_is_to_them(node: Node) -> None:
    alice, shy, me = await indexable("alice"), await builders.local_account("shy"), await builders.local_account("me")
    client = await node.signed_in(me)
    open_post = await builders.post(alice, "A heron")
    await builders.post(alice, "A heron", visibility="unlisted")
    hidden, liked, kept = [await builders.post(shy, "A heron") for _ in range(3)]
    named = await builders.post(shy, "A heron for @me", visibility="direct")
    own = await builders.post(me, "My heron", visibility="followers")
    await likes.like(me, liked.id)
    await bookmarks.keep(me, kept.id)
    assert await found(client, "heron") == [own.id, named.id, kept.id, liked.id, open_post.id]
    assert await found(client, "heron in:library") == [own.id, named.id, kept.id, liked.id]
    assert await found(client, "heron in:public") == [open_post.id]
    assert await found(client, "heron from:shy") == [named.id, kept.id, liked.id]
    assert await found(client, "heron", account_id=shy.id) == [named.id, kept.id, liked.id]
    assert await found(client, "heron from:me") == await found(client, "heron -from:shy in:library") == [own.id]
    assert await found(client, "heron from:@me@here.example") == [own.id]
    assert await found(client, "heron from:nobody") == []
    assert await found(client, "heron from:alice", account_id=shy.id) == []
    assert await found(node.client(), "heron") == []
    assert hidden.id not in await found(client, "heron")
    await blocks.block(alice, me)
    assert await found(client, "heron in:public") == []


async def test_words_phrases_and_what_must_not_be_there(node: Node) -> None:
    me = await indexable("me")
    client = await node.signed_in(me)
    file = await builders.picture(me, description="An Egret, wading")
    first = await builders.post(me, "The grey Heron stands, at dawn. #Weir https://herons.example/class")
    second = await builders.post(me, "HERONS at dusk", media_ids=(file.id,))
    third = await builders.post(me, "Ärger im Moor 鷺が立つ", spoiler_text="Heronless")
    for query, expected in (
        ("heron", [third, second, first]),
        ("heron dawn", [first]),
        ("+heron -dusk -heronless", [first]),
        ('"at dawn"', [first]),
        ('"dawn at"', []),
        ('-"at dawn" heron', [third, second]),
        ("egret wading", [second]),
        ("ärger", [third]),
        ("ÄRGER", [third]),
        ("鷺", [third]),
        ("#weir", [first]),
        ("ron", []),
        ("span", []),
        ("class", [first]),
        ("unknown:dusk", []),
        ("100%", []),
        ("_______", []),
        ("-", []),
    ):
        assert await found(client, query) == [post.id for post in expected], query


async def test_operators_narrow_a_search_down(node: Node) -> None:
    me = await indexable("me")
    client = await node.signed_in(me)
    file = await builders.picture(me)
    picture = await builders.post(me, "Heron", media_ids=(file.id,), language="de-AT")
    answer = await builders.post(me, "Heron", parent_id=picture.id, language="en")
    delicate = await builders.post(me, "Heron https://x.example/", sensitive=True, poll=NewPoll(("Wader", "Duck"), 300))
    everything = [delicate.id, answer.id, picture.id]
    day = f"{picture.created_at:%Y-%m-%d}"
    for query, expected in (
        ("has:media", [picture.id]),
        ("has:image", [picture.id]),
        ("has:video", []),
        ("has:link", [delicate.id]),
        ("-has:media", [delicate.id, answer.id]),
        ("has:poll", [delicate.id]),
        ("wader", [delicate.id]),
        ("is:reply", [answer.id]),
        ("is:sensitive", [delicate.id]),
        ("-is:sensitive -is:reply", [picture.id]),
        ("language:de", [picture.id]),
        ("LANGUAGE:en", [answer.id]),
        (f"during:{day}", everything),
        (f"before:{day}", []),
        (f"after:{day}", []),
        ("after:2020-01-01", everything),
        ("has:nonsense", []),
        ("is:nonsense", []),
    ):
        assert await found(client, f"heron {query}") == expected, query
        assert await found(client, f"{query} from:me") == expected, query
    assert await found(client, "heron", limit=1, offset=1) == [answer.id]
    assert await found(client, "heron", max_id=delicate.id, min_id=picture.id) == [answer.id]
    refused = await client.get("/api/v2/search", query_string={"q": "heron before:yesterday"})
    assert (await json(refused, 422))["error"].startswith("Validation failed: Q")


async def test_anonymous_searches_have_one_page_and_ask_nobody(node: Node) -> None:
    for name, text in (("offset=1", "pagination"), ("resolve=1", "resolve remote resources")):
        answer = await json(await node.client().get(f"/api/v2/search?q=a&{name}"), 401)
        assert text in answer["error"]
        assert "not supported without authentication" in answer["error"]


async def test_a_search_takes_the_same_number_of_statements_however_much_it_finds(node: Node) -> None:
    me = await indexable("me")
    client = await node.signed_in(me)
    await builders.post(me, "heron")
    await found(client, "heron")
    with counted_statements() as few:
        await found(client, "heron")
    for number in range(5):
        await builders.post(me, f"heron {number}")
    await found(client, "heron")
    with counted_statements() as many:
        await found(client, "heron")
    assert len(few) == len(many)


def test_a_search_is_read_whatever_is_written() -> None:
    for hostile in ("-" * 2000, '"' * 2000, "from:" * 300, ":" * 2000, "a:b:c", 'has:"', "before:99999-01-01x a"):
        try:
            terms = parse(hostile)
        except Unreadable:
            continue
        assert len(terms.clauses) <= 20
