"""How others find us."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from activitypub.nodeinfo import parse_nodeinfo, parse_nodeinfo_links
from activitypub.webfinger import parse_webfinger
from federation import ready, wellknown
from node.models.accounts import User
from node.services import accounts
from tests import builders
from tests.federation.node import Node


async def test_webfinger_answers_every_accepted_form(node: Node) -> None:
    me = await builders.local_account("heron")
    forms = (
        "acct:heron@here.example",
        "acct:@heron@here.example",
        "acct:HERON@Here.Example",
        "heron@here.example",
        "@heron@here.example",
        quote("acct:heron@here.example", safe=""),
        me.uri,
        quote(me.uri, safe=""),
        "http://here.example/@heron",
    )
    for form in forms:
        answer = await node.get(f"/.well-known/webfinger?resource={form}")
        assert answer.status_code == 200, form
        assert answer.headers["Content-Type"] == "application/jrd+json"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        found = parse_webfinger(json.loads(await answer.get_data()))
        assert (found.subject, found.actor_id) == ("acct:heron@here.example", me.uri)
        assert found.aliases == ("http://here.example/@heron", me.uri)


async def test_webfinger_knows_the_node_itself(node: Node) -> None:
    for form in (
        "acct:here.example@here.example",
        "http://here.example/",
        "http://here.example",
        "http://here.example/actor",
    ):
        answer = await node.get(f"/.well-known/webfinger?resource={form}")
        assert answer.status_code == 200, form
        assert parse_webfinger(json.loads(await answer.get_data())).actor_id == "http://here.example/actor"


@pytest.mark.parametrize("query", ["", "?resource=", "?resource==", "?resource=acct:nohost", "?resource=" + "a" * 3000])
async def test_a_bad_question_is_400(node: Node, query: str) -> None:
    assert (await node.get(f"/.well-known/webfinger{query}")).status_code == 400


async def test_strangers_are_404_and_the_gone_410(node: Node) -> None:
    me = await builders.local_account("heron")
    for form in ("acct:nobody@here.example", "acct:heron@elsewhere.example", "https://elsewhere.example/users/1"):
        assert (await node.get(f"/.well-known/webfinger?resource={form}")).status_code == 404
    path = "/.well-known/webfinger?resource=acct:heron@here.example"
    assert (await node.get(path)).status_code == 200
    await accounts.delete_local(me)
    assert (await node.get(path)).status_code == 410
    assert ready.ready_webfinger("resource=acct:heron@here.example") is None


async def test_a_webfinger_answer_is_kept_ready(node: Node) -> None:
    await builders.local_account("heron")
    question = "resource=acct:heron@here.example"
    assert ready.ready_webfinger(question) is None
    answer = await node.get(f"/.well-known/webfinger?{question}")
    assert ready.ready_webfinger(question) == await answer.get_data()


async def test_host_meta_points_to_webfinger(node: Node) -> None:
    answer = await node.get("/.well-known/host-meta", "application/xrd+xml")
    assert answer.headers["Content-Type"].startswith("application/xrd+xml")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "http://here.example/.well-known/webfinger?resource={uri}" in await answer.get_data(as_text=True)


async def test_nodeinfo_says_what_is_here(node: Node) -> None:
    me, admin = await builders.local_account(), await builders.local_account()
    await User.filter(account_id=admin.id).update(role="admin")
    post = await builders.post(me)
    await builders.post(me, "A comment", parent_id=post.id)
    links = parse_nodeinfo_links(json.loads(await (await node.get("/.well-known/nodeinfo")).get_data()))
    application = "https://www.w3.org/ns/activitystreams#Application"
    assert [link.href for link in links if link.rel == application] == ["http://here.example/actor"]
    wellknown.forget_everything()
    for version in ("2.0", "2.1"):
        answer = await node.get(f"/nodeinfo/{version}")
        assert (
            answer.headers["Content-Type"]
            == f'application/json; profile="http://nodeinfo.diaspora.software/ns/schema/{version}#"'
        )
        info = parse_nodeinfo(json.loads(await answer.get_data()))
        assert (info.version, info.software_name, info.protocols) == (version, "heliograph", ("activitypub",))
        assert (info.users_total, info.local_posts, info.local_comments) == (2, 1, 1)
        assert info.open_registrations
        assert (info.node_name, info.staff_accounts) == (node.settings.title, (admin.uri,))
