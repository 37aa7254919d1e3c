"""Attacks other servers have had, tried on ours: whose request and whose document it is, and who may read what.

Each test names the advisory it comes from; what they have in common is that a signature is believed for exactly what it
covers, and by exactly whose key it is.
"""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from activitypub.signatures import SigningKey
from activitypub.signatures.linked_data import sign_linked_data
from federation import ready
from node import clock, urls
from node.models.accounts import Account
from node.models.posts import Post
from node.services import blocks, domains
from tests import builders
from tests.federation.node import ACTIVITY, Node
from tests.federation.peer import CONTEXT, Peer, Person, key_number, signed_post_headers
from tests.federation.test_received_activities import followed, met

HERE = "http://here.example"


@pytest.fixture
async def reader(node: Node) -> Account:
    return await builders.local_account()


@pytest.fixture
async def bob(node: Node, stranger: Peer, reader: Account) -> Person:
    """The victim: somebody elsewhere who is followed here."""
    person = stranger.person("bob", key=1)
    await followed(node, person, reader)
    return person


@pytest.fixture
async def eve(node: Node, peer: Peer) -> Person:
    """The attacker, on a server of her own."""
    person = peer.person("eve", key=2)
    await met(node, person)
    return person


async def untouched(node: Node) -> None:
    """Nothing was taken in and nothing waits to be."""
    await node.process()
    assert await Post.all().count() == 0
    assert await node.count("jobs", "state = 'failed'") == 0


def signed(document: dict[str, Any], by: Person) -> dict[str, Any]:
    return sign_linked_data(document, by.signing_key, clock.now())


async def test_cve_2024_23832_nobody_speaks_for_another_origin(node: Node, bob: Person, eve: Person) -> None:
    """Mastodon GHSA-3fjr-858r-92rw, Misskey CVE-2023-49079: the origin of what is delivered or fetched."""
    theirs = bob.note("<p>forged</p>")
    for activity in (
        eve.create(theirs),
        eve.create({**eve.note(), "attributedTo": bob.uri}),
        eve.create({**eve.note(), "id": theirs["id"]}),
        eve.activity("Update", theirs),
        eve.activity("Update", bob.document()),
    ):
        await node.receive(activity, eve)
    answer = await node.receive(bob.create(theirs) | {"id": f"{eve.uri}#1"}, eve)
    assert answer.status_code == 400
    await untouched(node)


async def test_cve_2022_24307_a_signed_document_is_read_as_it_was_signed(
    node: Node, bob: Person, eve: Person, reader: Account
) -> None:
    """Mastodon: the same graph, other words. What the receiver reads must be what the signature covers."""
    note = bob.note("<p>signed</p>")
    document = signed(bob.create(note), bob)
    told = {**note, "true_content": note["content"], "content": "<p>forged</p>"}
    forged = {**document, "object": told, "@context": [CONTEXT, {"true_content": "as:content", "content": None}]}
    del told["@context"]
    await node.take(forged, eve)
    assert (await Post.get(uri=note["id"])).content == "<p>signed</p>"


async def test_cve_2024_32983_a_signed_document_does_not_change_its_kind(
    node: Node, stranger: Peer, bob: Person, eve: Person
) -> None:
    """Misskey GHSA-2vxv-pv3m-3wvj: not normalised, a signed document could be made to say something else."""
    note = stranger.serve(bob.note())
    await node.take(bob.create(note), bob)
    renamed = signed(bob.create(note) | {"id": f"{bob.uri}#again"}, bob)
    renamed |= {"type": "Delete", "@context": [CONTEXT, {"Delete": "as:Create", "Create": None}]}
    await node.take(renamed, eve)
    assert await Post.exists(uri=note["id"])
    redirected = signed(
        bob.activity("Undo", {"id": f"{bob.uri}#x", "type": "Like", "actor": bob.uri, "object": note["id"]}), bob
    )
    redirected |= {"type": "Delete", "object": note["id"]}
    await node.take(redirected, eve)
    assert await Post.exists(uri=note["id"])


@pytest.mark.parametrize("keyword", ["@graph", "@included", "@reverse"])
async def test_cve_2026_46349_and_42462_rearranged_documents_are_not_believed(
    node: Node, bob: Person, eve: Person, keyword: str
) -> None:
    """Mastodon GHSA-53m7-2wrh-q839 and GHSA-chgx-jx3p-rf73, Fedify: keywords that put another node on top."""
    activity, note = bob.create(bob.note()), bob.note("<p>buried</p>")
    note.pop("@context")
    held: dict[str, Any] = {"@reverse": {"https://x.example/p": [note]}, "@included": [note], "@graph": [note]}
    for place in ("top", "object"):
        document = json.loads(json.dumps(activity))
        (document if place == "top" else document["object"])[keyword] = held[keyword]
        document["id"] = f"{activity['id']}/{place}"
        answer = await node.receive(signed(document, bob), eve)
        assert answer.status_code == 202
        renamed = json.loads(json.dumps(document).replace(f'"{keyword}"', '"harmless"')) | {"id": f"{document['id']}2"}
        renamed["@context"] = [CONTEXT, {"harmless": keyword}]
        assert (
            await node.receive(
                renamed
                | {
                    "signature": {
                        "type": "RsaSignature2017",
                        "creator": bob.key_id,
                        "created": clock.now().isoformat(),
                        "signatureValue": "AAAA",
                    }
                },
                eve,
            )
        ).status_code == 202
    await untouched(node)


async def test_cve_2024_52591_the_key_the_actor_and_the_object_share_one_origin(
    node: Node, peer: Peer, bob: Person, eve: Person
) -> None:
    """Misskey: ids were compared only on some of the ways in."""
    note = bob.note()
    as_bob = SigningKey.from_pem(bob.key_id, eve.private_pem)
    assert (await node.receive(bob.create(note), bob, key=as_bob)).status_code == 401
    eve.extra["publicKey"] = {**eve.document()["publicKey"], "id": bob.key_id}
    liar = peer.person("liar", key=2, publicKey={**eve.document()["publicKey"], "owner": bob.uri})
    assert (await node.receive(bob.create(note), liar)).status_code == 401
    await untouched(node)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Signature": ""},
        {"Signature": 'keyId="KEY",headers="",signature="AAAA"'},
        {"Signature": 'keyId="KEY",signature=""'},
        {"Signature": 'keyId="KEY",algorithm="none",headers="(request-target) host date digest",signature="AAAA"'},
        {"Signature": 'keyId="KEY",algorithm="hs2019",headers="(created)",created=1,signature="AAAA"'},
        {"Signature-Input": 'sig1=();keyid="KEY"', "Signature": "sig1=::"},
        {"Signature-Input": 'sig1=("@method" "@target-uri");keyid="KEY"', "Signature": "sig2=:AAAA:"},
        {"Authorization": 'Signature keyId="KEY",signature="AAAA"'},
    ],
)
async def test_cve_2026_28432_nothing_passes_without_a_signature_that_covers_it(
    node: Node, bob: Person, headers: dict[str, str]
) -> None:
    """Misskey: verification could be got round with headers it did not expect."""
    body, usual = signed_post_headers(bob, f"{HERE}/inbox", bob.create(bob.note()))
    sent = {name: usual[name] for name in ("Host", "Date", "Digest", "Content-Type")}
    sent |= {name: value.replace("KEY", bob.key_id) for name, value in headers.items()}
    answer = await node.app.test_client().post("/inbox", data=body, headers=sent)
    assert answer.status_code == 401
    assert '"@target-uri"' in answer.headers["Accept-Signature"]
    await untouched(node)


class TestWithoutFederation:
    """CVE-2026-28432 again: the door stays shut when nothing is exchanged at all."""

    @pytest.fixture
    def federation_options(self) -> dict[str, object]:
        return {"enabled": False}

    async def test_a_node_that_does_not_federate_takes_nothing(self, node: Node, peer: Peer) -> None:
        eve = peer.person("eve")
        assert (await node.receive(eve.create(eve.note()), eve)).status_code == 403
        assert peer.asked == []


@pytest.mark.parametrize("rfc9421", [False, True])
async def test_mbin_a_signature_is_right_or_wrong_and_nothing_between(node: Node, bob: Person, rfc9421: bool) -> None:
    """Mbin GHSA-x9g5-vwhc-pxm7: -1, an error of the library, counted as true."""
    for value in ("", "AA==", "AAAA", "A" * 342 + "==", "A" * 684, "/" * 342 + "==", "=", "%"):
        written = f"sig1=:{value}:" if rfc9421 else None
        body, headers = signed_post_headers(bob, f"{HERE}/inbox", bob.create(bob.note()), rfc9421=rfc9421)
        headers["Signature"] = written or headers["Signature"].partition('signature="')[0] + f'signature="{value}"'
        answer = await node.app.test_client().post("/inbox", data=body, headers=headers)
        assert answer.status_code == 401
    await untouched(node)


async def test_fedify_cve_2025_54888_nothing_is_done_before_the_key_is_the_actors(
    node: Node, stranger: Peer, bob: Person, eve: Person, reader: Account
) -> None:
    """Activities were handled before it was known whose they are."""
    note = bob.note()
    await node.take(bob.create(note), bob)
    asked = len(stranger.asked)
    for activity in (
        bob.activity("Delete", note["id"]),
        bob.activity("Delete", bob.uri),
        bob.activity("Update", {**note, "content": "<p>forged</p>"}),
        bob.activity("Undo", bob.follow(reader.uri)),
        bob.follow(reader.uri),
    ):
        assert (await node.receive(activity, eve)).status_code == 401
    await node.process()
    assert await Post.exists(uri=note["id"], content=note["content"])
    assert await node.count("follows", "target_id = ?", reader.id) == 0
    assert len(stranger.asked) == asked, "nobody is asked because of it"


async def test_fedify_cve_2026_34148_invented_keys_make_us_ask_for_few(
    node: Node, stranger: Peer, bob: Person, eve: Person
) -> None:
    """Key ids cost their inventor nothing, so they must not cost us a request each."""
    before = len(stranger.asked)
    for number in range(20):
        key = SigningKey.from_pem(f"{bob.uri}#invented-{number}", eve.private_pem)
        assert (await node.receive(bob.create(bob.note()), bob, key=key)).status_code == 401
    assert stranger.asked[before:].count("/users/bob") <= 1
    invented = [SigningKey.from_pem(f"{stranger.origin}/users/nobody{n}#k", eve.private_pem) for n in range(60)]
    await asyncio.gather(*(node.receive(bob.create(bob.note()), bob, key=key) for key in invented))
    for number in range(60, 90):
        key = SigningKey.from_pem(f"{stranger.origin}/users/nobody{number}#k", eve.private_pem)
        assert (await node.receive(bob.create(bob.note()), bob, key=key)).status_code == 401
    assert sum(target.startswith("/users/nobody") for target in stranger.asked) <= 60
    assert (await node.receive(bob.create(bob.note()), bob)).status_code == 202, "who is known is not shut out by it"


async def test_fedify_cve_2026_77632_a_key_is_not_read_through_a_redirect_to_another_name(
    node: Node, peer: Peer, stranger: Peer, bob: Person
) -> None:
    """A signed fetch that is redirected, to another server or to ourselves, proves nothing about the first."""
    mallory = peer.person("mallory", key=2)
    for number, target in enumerate((bob.uri, f"{HERE}/actor", "http://169.254.169.254/latest")):
        peer.documents[f"/users/hop{number}"] = (
            f"HTTP/1.1 302 X\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
        )
        key = SigningKey.from_pem(f"{peer.origin}/users/hop{number}#main-key", mallory.private_pem)
        activity = mallory.create(mallory.note()) | {"actor": f"{peer.origin}/users/hop{number}"}
        assert (await node.receive(activity, mallory, key=key)).status_code == 401
    assert not await Account.exists(uri__contains="/users/hop")


async def test_ghsa_ccpr_m53r_mfwr_what_one_may_see_is_kept_for_nobody_else(
    node: Node, bob: Person, eve: Person, reader: Account
) -> None:
    """Mastodon: answers to signed requests were cached without the requester."""
    await builders.following(await Account.get(uri=bob.uri), reader)
    post = await builders.post(reader, visibility="followers")
    await blocks.block(reader, await Account.get(uri=eve.uri))
    public = await builders.post(reader)
    for _ in range(2):
        for path, whose in (
            (f"/ap/posts/{post.id}", {"bob": 200, "eve": 404, "nobody": 404}),
            (f"/ap/posts/{public.id}", {"bob": 200, "eve": 404, "nobody": 200}),
        ):
            for who, status in whose.items():
                answer = await node.get(path, by={"bob": bob, "eve": eve}.get(who))
                assert answer.status_code == status, (path, who)
                if who != "nobody":
                    assert answer.headers["Cache-Control"] == "private, no-store"
                    assert "Signature" in answer.headers["Vary"]
    full = json.loads(await (await node.get(f"/ap/users/{reader.id}/outbox", by=bob)).get_data())
    empty = json.loads(await (await node.get(f"/ap/users/{reader.id}/outbox", by=eve)).get_data())
    assert (full["totalItems"], empty["totalItems"]) == (1, 0)
    assert ready.ready_document(f"/ap/posts/{post.id}", ACTIVITY) is None


async def test_ghsa_gwhw_gcjx_72v8_a_hidden_post_is_like_none(
    node: Node, peer: Peer, eve: Person, reader: Account
) -> None:
    """Mastodon: differing errors told that a private post exists."""
    friend = await builders.local_account()
    hidden = [
        await builders.post(reader, f"@{friend.username}", visibility=visibility)
        for visibility in ("followers", "direct")
    ]
    blocked = await builders.post(reader)
    await blocks.block(reader, await Account.get(uri=eve.uri))
    paths = [f"/ap/posts/{post.id}{suffix}" for post in (*hidden, blocked) for suffix in ("", "/replies", "/activity")]

    async def answer(path: str, by: Person | None) -> tuple[int, bytes, str]:
        got = await node.get(path, by=by)
        return got.status_code, await got.get_data(), str(got.headers)

    none = await answer(urls.post(1).removeprefix(HERE), None)
    assert none[0] == 404
    assert {await answer(path, eve) for path in paths} == {none}
    assert {await answer(path, None) for path in paths if str(blocked.id) not in path} == {none}
    await domains.block(peer.host.partition(":")[0])
    assert {await answer(path, eve) for path in paths} == {none}


async def test_ghsa_5h2f_wg8j_xqwp_somebody_suspended_does_not_come_back_by_another_way(
    node: Node, bob: Person, eve: Person
) -> None:
    """Mastodon: checked at the front door, not where others pass things on."""
    await Account.filter(uri=bob.uri).update(suspended_at=clock.now())
    await node.receive(bob.create(bob.note()), bob)
    await node.receive(signed(bob.create(bob.note()), bob), eve)
    await node.process()
    assert await Post.all().count() == 0


async def test_a_request_played_again_changes_nothing_and_grows_stale(node: Node, bob: Person) -> None:
    """Rule 8: the window of time, the activity's id, and the address are all covered."""
    note = bob.note()
    body, headers = signed_post_headers(bob, f"{HERE}/inbox", bob.create(note))
    for _ in range(3):
        assert (await node.app.test_client().post("/inbox", data=body, headers=headers)).status_code == 202
    await node.process()
    assert await Post.filter(uri=note["id"]).count() == 1
    assert (await node.app.test_client().post("/actor/inbox", data=body, headers=headers)).status_code == 401
    for age in (timedelta(hours=1, minutes=6), timedelta(hours=-1, minutes=-1)):
        assert (await node.receive(bob.create(bob.note()), bob, age=age)).status_code == 401


async def test_a_farewell_whose_key_is_gone_already_is_accepted_and_its_origin_asked(
    node: Node, stranger: Peer, bob: Person, eve: Person
) -> None:
    await node.take(bob.create(bob.note()), bob)
    unknown = SigningKey.from_pem(f"{bob.uri}/key-2", key_number(0))
    stranger.documents["/users/bob/key-2"] = 404
    assert (await node.receive(bob.activity("Delete", bob.uri), bob, key=unknown)).status_code == 401
    await node.process()
    assert await Post.all().count() == 1
    stranger.documents["/users/bob"] = 410
    gone = SigningKey.from_pem(f"{bob.uri}/key-3", key_number(0))
    stranger.documents["/users/bob/key-3"] = 410
    assert (await node.receive(bob.activity("Delete", bob.uri), bob, key=gone)).status_code == 202
    assert (await node.receive(bob.activity("Delete", bob.uri + "/x"), bob, key=gone)).status_code == 401
    await node.process()
    assert await Post.all().count() == 0
