"""Local accounts, remote profiles and domain rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from node import db, events
from node.errors import Conflict, Forbidden, Invalid, NotFound
from node.models.accounts import Account, ActorKey, User
from node.models.graph import Follow
from node.models.posts import Post
from node.runtime import Runtime
from node.services import accounts, domains, likes
from node.services.accounts import ProfileChanges
from tests import builders


async def test_a_local_account_has_its_urls_and_two_keys(started: Runtime) -> None:
    alice = await builders.local_account("Alice")
    assert (alice.username, alice.domain, alice.is_local) == ("alice", "", True)
    assert alice.uri == f"https://here.example/ap/users/{alice.id}"
    assert alice.inbox_url == f"{alice.uri}/inbox" and alice.url == "https://here.example/@alice"
    keys = {key.purpose: key for key in await ActorKey.filter(account_id=alice.id)}
    assert {purpose: key.key_id for purpose, key in keys.items()} == {
        "authentication": f"{alice.uri}#main-key",
        "assertion": f"{alice.uri}#ed25519-key",
    }
    for key in keys.values():
        assert key.public_pem.startswith("-----BEGIN PUBLIC KEY") and key.private_pem is not None
    found = [await accounts.by_handle("ALICE"), await accounts.by_handle("alice", "Here.example")]
    assert [account and account.id for account in found] == [alice.id, alice.id]
    assert await accounts.by_handle("alice", "elsewhere.example") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "ERR_BLANK"), ("a" * 31, "ERR_TOO_LONG"), ("admin", "ERR_RESERVED"), ("al ice", "ERR_INVALID"),
        (".alice", "ERR_INVALID"), ("alice-", "ERR_INVALID"), ("älice", "ERR_INVALID"), ("a@b", "ERR_INVALID"),
        ("TAKEN", "ERR_TAKEN"),
    ],
)  # fmt: skip
async def test_names_nobody_may_have_are_refused(started: Runtime, name: str, code: str) -> None:
    await builders.local_account("taken")
    with pytest.raises(Invalid) as refusal:
        await accounts.create_local(name, private_key_pem=builders.one_key())
    assert (refusal.value.field, refusal.value.code) == ("username", code)
    assert await Account.all().count() == 1


async def test_a_changed_profile_is_rendered_and_recorded_once(started: Runtime) -> None:
    alice = await builders.local_account("alice")
    changes = ProfileChanges(
        display_name="Ali\u202ece\n!",
        note_source="I <3 https://here.example",
        fields=(("site", "https://x.example"), ("", "")),
    )
    async with builders.hearing(events.AccountUpdated) as heard:
        changed = await accounts.update_profile(alice, changes)
        again = await accounts.update_profile(changed, changes)
    assert changed.display_name == "Alice !"
    assert changed.note.startswith("<p>I &lt;3 <a href=")
    assert [row["name"] for row in changed.fields_] == ["site"] and "<a href=" in changed.fields_[0]["value"]
    assert heard == [events.AccountUpdated(alice.id)]
    assert changed.version == again.version == alice.version + 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        (ProfileChanges(display_name="x" * 65), "display_name"),
        (ProfileChanges(note_source="x" * 501), "note"),
        (ProfileChanges(fields=(("n", "v"),) * 7), "fields_attributes"),
        (ProfileChanges(fields=(("n", "v" * 256),)), "fields_attributes"),
        (ProfileChanges(actor_type="Robot"), "actor_type"),
    ],
)
async def test_a_bad_profile_is_refused_by_field(started: Runtime, changes: ProfileChanges, field: str) -> None:
    alice = await builders.local_account("alice")
    with pytest.raises(Invalid) as refusal:
        await accounts.update_profile(alice, changes)
    assert refusal.value.field == field


async def test_an_avatar_is_cut_stored_and_taken_away(started: Runtime, tmp_path: Path) -> None:
    from PIL import Image

    alice, file, broken = await builders.local_account("alice"), tmp_path / "upload", tmp_path / "broken"
    Image.new("RGB", (300, 200), "teal").save(file, "PNG")
    broken.write_bytes(b"not a picture")
    with_avatar = await accounts.update_profile(alice, ProfileChanges(avatar_path=file))
    assert with_avatar.avatar_key is not None and await started.storage.exists(with_avatar.avatar_key)
    with pytest.raises(Invalid):
        await accounts.update_profile(with_avatar, ProfileChanges(avatar_path=broken))
    without = await accounts.update_profile(with_avatar, ProfileChanges(remove_avatar=True))
    await builders.run_jobs()
    assert without.avatar_key is None and not await started.storage.exists(with_avatar.avatar_key)


async def test_a_deleted_account_leaves_a_shell_and_its_name_is_never_given_again(started: Runtime) -> None:
    alice, bob, remote = (
        await builders.local_account("alice"), await builders.local_account("bob"), await builders.remote_account()
    )  # fmt: skip
    for one, other in ((bob, alice), (alice, bob), (remote, alice)):
        await builders.following(one, other)
    await builders.post(alice)
    await likes.like(alice, (post := await builders.post(bob)).id)
    async with builders.hearing(events.AccountDeleted) as heard:
        await accounts.delete_local(alice)
        await accounts.delete_local(await builders.fresh(alice))
    await builders.run_jobs()
    assert heard == [events.AccountDeleted(alice.id)]
    assert not await User.filter(account_id=alice.id).exists() and not await Post.filter(account_id=alice.id).exists()
    assert [follow.account_id for follow in await Follow.all()] == [remote.id]
    shell, other = await builders.fresh(alice), await builders.fresh(bob)
    assert shell.suspended_at is not None
    assert (other.followers_count, other.following_count) == (0, 0)
    assert (await builders.fresh(post)).likes_count == 0
    with pytest.raises(Invalid):
        await builders.local_account("alice")


async def test_a_remote_profile_is_made_once_and_then_updated(started: Runtime) -> None:
    first = await accounts.receive_profile(builders.profile("Bob", note_html="<p onclick=x>hi</p><script>x</script>"))
    assert (first.username, first.username_key, first.note) == ("Bob", "bob", "<p>hi</p>")
    same = await accounts.receive_profile(builders.profile("Bob", note_html="<p>hi</p>"))
    assert (same.id, same.version) == (first.id, first.version)
    other = await accounts.receive_profile(
        builders.profile("Bob", display_name="B", keys=((f"{first.uri}#new", "PEM"),))
    )
    assert (other.id, other.version) == (first.id, first.version + 1)
    assert [key.key_id for key in await ActorKey.filter(account_id=first.id)] == [f"{first.uri}#new"]


async def test_nobody_takes_anothers_handle_or_key(started: Runtime) -> None:
    bob = await builders.remote_account("bob")
    key = await ActorKey.get(account_id=bob.id)
    with pytest.raises(Conflict):
        await accounts.receive_profile(builders.profile("bob", uri="https://remote.example/users/other"))
    with pytest.raises(Conflict):
        await accounts.receive_profile(builders.profile("eve", keys=((key.key_id, "EVIL"),)))
    eve = await builders.remote_account("eve")
    with pytest.raises(Conflict):
        await accounts.receive_profile(builders.profile("bob", uri=eve.uri))
    assert (await ActorKey.get(id=key.id)).public_pem == key.public_pem
    assert await Account.all().count() == 2


async def test_a_gone_remote_account_releases_its_handle_and_may_come_back(started: Runtime) -> None:
    bob, alice = await builders.remote_account("bob"), await builders.local_account("alice")
    await builders.following(alice, bob)
    await builders.received(bob)
    await accounts.receive_deletion(bob)
    await builders.run_jobs()
    assert not await Follow.all().exists() and not await Post.all().exists()
    new = await accounts.receive_profile(builders.profile("bob", uri="https://remote.example/users/second", keys=()))
    assert new.id != bob.id
    with pytest.raises(Forbidden):
        await accounts.receive_deletion(alice)


async def test_a_suspension_made_here_is_not_lifted_by_the_origin(started: Runtime) -> None:
    bob, eve = await builders.remote_account("bob"), await builders.remote_account("eve", suspended=True)
    await Account.filter(id=bob.id).update(suspended_at=bob.created_at)
    assert (await builders.remote_account("bob")).suspended_at is not None
    assert eve.suspended_at is not None
    assert (await builders.remote_account("eve")).suspended_at is None


async def test_a_rule_covers_subdomains_in_every_spelling(started: Runtime) -> None:
    await domains.block("Bücher.example")
    for host in ("xn--bcher-kva.example", "BÜCHER.example.", "a.b.bücher.example", "bücher.example:8443"):
        assert await domains.is_suspended(host), host
    for host in ("notbücher.example", "example", "", "a b", "bücher.example.org"):
        assert not await domains.is_suspended(host), host
    await domains.unblock("bücher.example")
    assert not await domains.is_suspended("bücher.example")
    with pytest.raises(NotFound):
        await domains.unblock("bücher.example")


async def test_a_suspended_domain_is_severed_and_its_accounts_refused(started: Runtime) -> None:
    alice = await builders.local_account("alice")
    bob = await builders.remote_account("bob", "sub.evil.example")
    await builders.following(alice, bob)
    await builders.following(bob, alice)
    await builders.received(bob)
    await domains.block("evil.example")
    await builders.run_jobs()
    assert (await builders.fresh(bob)).suspended_at is not None
    assert not await Follow.all().exists() and await builders.home_of(alice) == []
    with pytest.raises(Forbidden):
        await builders.remote_account("eve", "evil.example")
    await domains.unblock("evil.example")
    assert (await builders.fresh(bob)).suspended_at is None


async def test_a_silenced_domain_marks_old_and_new_accounts(started: Runtime) -> None:
    bob = await builders.remote_account("bob", "loud.example")
    await domains.block("loud.example", severity="silence")
    eve = await builders.remote_account("eve", "loud.example")
    assert (await builders.fresh(bob)).silenced_at == eve.silenced_at is not None
    for domain, severity in (("", "suspend"), ("a b", "suspend"), ("here.example", "suspend"), ("x.example", "frown")):
        with pytest.raises(Invalid):
            await domains.block(domain, severity=severity)
    row = await db.fetch_one("SELECT COUNT(*) FROM domain_rules")
    assert row is not None and row[0] == 1
