"""Pages that lead back to the profile that leads to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from federation import fetching
from federation.client import HttpClient
from federation.profile_links import identity_links
from node.models.accounts import Account
from node.services import accounts
from tests import builders
from tests.federation.node import Node
from tests.federation.peers import always, peer, response, tls_contexts


@pytest.mark.parametrize(
    ("markup", "links"),
    [
        ('<a href="https://a.example" rel="me">', ["https://a.example"]),
        ("<LINK REL='nofollow ME' HREF=https://a.example>", ["https://a.example"]),
        ('<a href="https://a.example/?a&amp;b" rel="me noopener">', ["https://a.example/?a&b"]),
        ('<a href="https://a.example" rel="author">', []),
        ('<!-- <a href="https://a.example" rel="me"> -->', []),
        (
            '<script>"<a href=https://a.example rel=me>"</SCRIPT><a rel=me href=https://b.example>',
            ["https://b.example"],
        ),
        ('<textarea><a href="https://a.example" rel="me"></textarea>', []),
        ('<p title="<a href=https://a.example rel=me>">', []),
        ("<" * 200_000 + "<a " * 50_000 + "<!--" * 1000, []),
    ],
)
def test_identity_links_of_a_page(markup: str, links: list[str]) -> None:
    assert list(identity_links(markup)) == links


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_field_is_verified_when_its_page_leads_back(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await builders.local_account("alice")
    bob = await builders.remote_account("bob")
    page = f'<a rel="me" href="{alice.url}">me</a><link rel="me" href="{bob.url}">'
    server, client = tls_contexts(tmp_path)
    async with (
        peer(always(response(200, page.encode(), "text/html")), tls=server) as page_server,
        HttpClient("test", allow_private_networks=True, ssl_context=client) as guarded,
    ):
        monkeypatch.setattr(fetching, "_client", guarded)
        fields = (("Site", page_server.url("/")), ("Insecure", "http://127.0.0.1/"), ("Words", "no page"))
        await accounts.update_profile(alice, accounts.ProfileChanges(fields=fields))
        markup = f'<a href="{page_server.url("/")}" rel="me"><span class="invisible">https://</span>{page_server.url("/")[8:]}</a>'
        await builders.remote_account("bob", fields=(("Site", markup), ("Note", f"see {markup}")))
        await builders.run_jobs()
        await accounts.update_profile(
            await Account.get(id=alice.id), accounts.ProfileChanges(fields=(*fields, ("More", "words")))
        )
        await builders.run_jobs()
    assert len(page_server.asked) == 2
    for account, verified in ((alice, [True, False, False, False]), (bob, [True, False])):
        known = await Account.get(id=account.id)
        assert [field.get("verified_at") is not None for field in known.fields_] == verified
        assert known.version > account.version


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a_page_that_cannot_be_had_verifies_nothing(node: Node) -> None:
    alice = await builders.local_account("alice")
    changes = accounts.ProfileChanges(fields=(("Site", "https://127.0.0.1:1/"), ("Own", "https://here.example/@alice")))
    await accounts.update_profile(alice, changes)
    await builders.run_jobs()
    assert all(field.get("verified_at") is None for field in (await Account.get(id=alice.id)).fields_)
