"""Accounts over the API: seen, found, changed by their owners."""

from __future__ import annotations

import io

import pytest
from quart.datastructures import FileStorage
from tortoise.expressions import F

from media.drawn import draw_picture
from node.models.accounts import Account, User
from node.models.credentials import AccessToken
from node.services import accounts, blocks, mutes
from tests import builders
from tests.api.client import Node, json

KEYS = {
    *("id", "username", "acct", "url", "uri", "display_name", "note", "avatar", "avatar_static", "header"),
    *("header_static", "locked", "bot", "group", "discoverable", "indexable", "created_at", "last_status_at"),
    *("followers_count", "following_count", "statuses_count", "fields", "emojis", "roles", "hide_collections"),
    *("avatar_description", "header_description", "show_media", "show_media_replies", "show_featured"),
    "feature_approval",
}


async def test_an_account_has_every_key_clients_require(node: Node) -> None:
    alice = await builders.local_account("alice")
    shown = await json(await node.client().get(f"/api/v1/accounts/{alice.id}"))
    assert shown.keys() >= KEYS
    assert (shown["acct"], shown["url"]) == ("alice", "https://here.example/@alice")
    assert shown["created_at"].endswith("T00:00:00.000Z")
    assert shown["last_status_at"] is None
    assert shown["avatar"].startswith("https://here.example/")
    picture = await node.client().get(shown["avatar"].removeprefix("https://here.example"))
    assert (await picture.get_data())[:4] == b"\x89PNG"


async def test_a_remote_account_is_shown_with_its_domain_and_its_pictures_from_here(node: Node) -> None:
    bob = await builders.remote_account("Bob", avatar_url="https://remote.example/bob.png", actor_type="Service")
    shown = await json(await node.client().get(f"/api/v1/accounts/{bob.id}"))
    assert shown["acct"] == "Bob@remote.example"
    assert shown["avatar"].startswith(f"https://here.example/media/remote/avatar/{bob.id}/")
    assert shown["header"] == "https://here.example/headers/original/missing.png"
    assert shown["bot"] is True


async def test_a_suspended_account_shows_nothing_of_itself(node: Node) -> None:
    bad = await builders.local_account(
        "bad",
        suspended_at=1,
        display_name="Bad",
        note="<p>words</p>",
        is_private=True,
        discoverable=True,
        indexable=True,
    )
    shown = await json(await node.client().get(f"/api/v1/accounts/{bad.id}"))
    assert (shown["suspended"], shown["display_name"], shown["note"]) == (True, "", "")
    for name in ("locked", "bot", "discoverable", "indexable"):
        assert shown[name] is False
    assert (shown["avatar_description"], shown["fields"], shown["roles"]) == ("", [], [])
    found = await json(await node.client().get("/api/v1/accounts/lookup?acct=bad"))
    assert found["suspended"] is True


async def test_what_an_account_is_besides_is_there_only_when_it_is_so(node: Node) -> None:
    admin = await builders.local_account("ada", memorial=True, silenced_at=1)
    await User.filter(account_id=admin.id).update(role="admin")
    shown = await json(await node.client().get(f"/api/v1/accounts/{admin.id}"))
    assert (shown["memorial"], shown["limited"], shown["noindex"]) == (True, True, True)
    assert shown["roles"] == [{"id": "3", "name": "Admin", "color": ""}]
    bob = await builders.remote_account("bob")
    plain = await json(await node.client().get(f"/api/v1/accounts/{bob.id}"))
    assert not plain.keys() & {"memorial", "limited", "suspended", "noindex", "moved"}
    assert plain["feature_approval"] == {"automatic": [], "manual": [], "current_user": "denied"}


async def test_somebody_who_moved_shows_the_new_account_as_it_is_now(node: Node) -> None:
    new = await builders.remote_account("new", moved_to_uri="https://third.example/users/newer")
    old = await builders.local_account("old", moved_to_uri=new.uri)
    path = f"/api/v1/accounts/{old.id}"
    shown = await json(await node.client().get(path))
    assert shown["moved"]["id"] == str(new.id)
    assert "moved" not in shown["moved"]
    await Account.filter(id=new.id).update(display_name="Newest", version=new.version + 1)
    for _ in range(2):
        (listed,) = await json(await node.client().get(f"/api/v1/accounts?id[]={old.id}"))
        assert listed["moved"]["display_name"] == "Newest"
    await Account.filter(id=old.id).update(suspended_at=1)
    assert (await json(await node.client().get(path)))["moved"] is None


async def test_somebody_elsewhere_is_shown_to_have_moved_once_the_new_account_says_so_too(node: Node) -> None:
    new = await builders.remote_account("new")
    old = await builders.remote_account("old", moved_to_uri=new.uri)
    path = f"/api/v1/accounts/{old.id}"
    for aliases, is_shown in (([], False), ([old.uri], True), ([new.uri], False)):
        await Account.filter(id=new.id).update(also_known_as=aliases, version=F("version") + 1)
        shown = await json(await node.client().get(path))
        (listed,) = await json(await node.client().get(f"/api/v1/accounts?id[]={old.id}"))
        assert ("moved" in shown, "moved" in listed) == (is_shown, is_shown)


async def test_whoever_may_not_be_here_yet_or_any_more_is_not_shown(node: Node) -> None:
    waiting, gone, me = [await builders.local_account(name) for name in ("waiting", "gone", "me")]
    await User.filter(account_id=waiting.id).update(approved_at=None)
    await accounts.delete_local(gone)
    client = await node.signed_in(me)
    for hidden in (waiting, gone):
        await json(await client.get(f"/api/v1/accounts/{hidden.id}"), 404)
        await json(await client.get(f"/api/v1/accounts/lookup?acct={hidden.username}"), 404)
        assert await json(await client.get(f"/api/v1/accounts?id[]={hidden.id}")) == []
        assert await json(await client.get(f"/api/v1/accounts/search?q={hidden.username}")) == []


async def test_whether_the_viewer_may_feature_an_account(node: Node) -> None:
    locked = await builders.local_account("locked", discoverable=True, is_private=True)
    me = await builders.local_account("me", discoverable=True)
    client = await node.signed_in(me)

    async def approval(account: Account) -> tuple[list[str], str]:
        shown = (await json(await client.get(f"/api/v1/accounts/{account.id}")))["feature_approval"]
        return shown["automatic"], shown["current_user"]

    assert await approval(me) == (["public"], "automatic")
    assert await approval(locked) == (["followers"], "denied")
    await builders.following(me, locked)
    assert await approval(locked) == (["followers"], "automatic")
    anonymous = await json(await node.client().get(f"/api/v1/accounts/{me.id}"))
    assert anonymous["feature_approval"]["current_user"] == "denied"


async def test_missing_accounts_are_404_and_several_come_in_order(node: Node) -> None:
    one, two = await builders.local_account(), await builders.local_account()
    client = node.client()
    for path in ("5", "99999999999999999999999", "x"):
        await json(await client.get(f"/api/v1/accounts/{path}"), 404)
    shown = await json(await client.get(f"/api/v1/accounts?id[]={two.id}&id[]=9&id[]={one.id}"))
    assert [item["id"] for item in shown] == [str(two.id), str(one.id)]
    many = "&".join(f"id[]={number}" for number in range(41))
    await json(await client.get(f"/api/v1/accounts?{many}"), 422)


@pytest.mark.parametrize("written", ["alice", "@Alice", "alice@here.example", "bob@REMOTE.example"])
async def test_lookup_knows_handles_as_people_write_them(node: Node, written: str) -> None:
    await builders.local_account("alice")
    await builders.remote_account("bob")
    shown = await json(await node.client().get("/api/v1/accounts/lookup", query_string={"acct": written}))
    assert shown["username"] in written.lower()


@pytest.mark.parametrize("written", ["", "nobody", "alice@elsewhere.example", "a@b@c", "x@///"])
async def test_lookup_of_nobody_is_404(node: Node, written: str) -> None:
    await builders.local_account("alice")
    await json(await node.client().get("/api/v1/accounts/lookup", query_string={"acct": written}), 404)


async def test_search_finds_by_the_beginning_of_handle_and_name_those_followed_first(node: Node) -> None:
    me = await builders.local_account("searcher")
    popular = await builders.local_account("heron_fan", followers_count=100)
    friend = await builders.local_account("heronry")
    named = await builders.local_account("zed", display_name="Grey Heron")
    enemy = await builders.local_account("heronhater")
    await builders.local_account("other", display_name="100% heron_")
    await builders.following(me, friend)
    await blocks.block(enemy, me)
    client = await node.signed_in(me)

    async def found(**query: str) -> list[str]:
        return [item["id"] for item in await json(await client.get("/api/v1/accounts/search", query_string=query))]

    assert (await found(q="heron"))[:2] == [str(friend.id), str(popular.id)]
    assert str(named.id) in await found(q="Heron")
    assert str(enemy.id) not in await found(q="heron")
    assert await found(q="heron", following="true") == [str(friend.id)]
    assert await found(q="%") == []
    assert await found(q="heron_f") == [str(popular.id)]
    assert await found(q="heron", limit="1", offset="1") == [str(popular.id)]
    assert await json(await client.get("/api/v1/accounts/search")) == []
    assert await found(q="heronry@here.example", following="true") == [str(friend.id)]
    assert await found(q="heron_fan@here.example", following="true") == []
    await json(await node.client().get("/api/v1/accounts/search?q=heron"), 401)


async def test_the_owner_sees_what_they_typed_and_their_role(node: Node) -> None:
    alice = await builders.local_account("alice", is_private=True)
    await User.filter(account_id=alice.id).update(role="admin")
    client = await node.signed_in(alice)
    shown = await json(await client.get("/api/v1/accounts/verify_credentials"))
    assert shown.keys() >= KEYS | {"source", "role"}
    assert shown["source"]["privacy"] == "private"
    assert shown["role"]["name"] == "Admin"
    await json(await node.client().get("/api/v1/accounts/verify_credentials"), 401)
    application = await AccessToken.all().first().select_related("application")
    assert application is not None


async def test_a_profile_is_changed_with_words_fields_and_posting_defaults(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    shown = await json(
        await client.call(
            "PATCH",
            "/api/v1/accounts/update_credentials",
            form={
                "display_name": "Alice A.",
                "note": "I walk #rivers",
                "locked": "true",
                "bot": "false",
                "discoverable": "1",
                "fields_attributes[0][name]": "Camera",
                "fields_attributes[0][value]": "A box",
                "source[privacy]": "private",
                "source[language]": "ga",
                "source[sensitive]": "true",
            },
        )
    )
    assert (shown["display_name"], shown["locked"], shown["discoverable"]) == ("Alice A.", True, True)
    assert "#<span>rivers</span>" in shown["note"]
    assert [(field["name"], field["value"]) for field in shown["fields"]] == [("Camera", "A box")]
    assert shown["source"]["note"] == "I walk #rivers"
    assert (shown["source"]["privacy"], shown["source"]["language"], shown["source"]["sensitive"]) == (
        "private",
        "ga",
        True,
    )
    preferences = await json(await client.get("/api/v1/preferences"))
    assert preferences["posting:default:visibility"] == "private"
    unchanged = await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", json={}))
    assert unchanged["display_name"] == "Alice A."


@pytest.mark.parametrize(
    "body",
    [
        {"display_name": "x" * 200},
        {"note": "x" * 5000},
        {"source": {"privacy": "direct"}},
        {"source": {"language": "no language"}},
        {"fields_attributes": [{"name": str(number), "value": "v"} for number in range(5)]},
    ],
)
async def test_a_profile_that_is_too_much_changes_nothing(node: Node, body: dict[str, object]) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    both = {"display_name": "Changed", **body}
    await json(await client.call("PATCH", "/api/v1/accounts/update_credentials", json=both), 422)
    assert (await Account.get(id=alice.id)).display_name == ""


async def test_an_avatar_is_uploaded_shown_and_removed(node: Node) -> None:
    client = await node.signed_in(await builders.local_account("alice"))
    picture = FileStorage(io.BytesIO(draw_picture(1, 300, 200)), filename="../../me.php", content_type="text/html")
    shown = await json(
        await client.call("PATCH", "/api/v1/accounts/update_credentials", form={}, files={"avatar": picture})
    )
    served = await node.client().get(shown["avatar"].removeprefix("https://here.example"))
    assert served.status_code == 200
    assert served.content_type == "image/jpeg"
    without = await json(await client.call("DELETE", "/api/v1/profile/avatar"))
    assert without["avatar"].endswith("/missing.png")


async def test_an_avatar_that_is_no_picture_is_refused_and_changes_nothing(node: Node) -> None:
    alice = await builders.local_account("alice")
    client = await node.signed_in(alice)
    nonsense = FileStorage(io.BytesIO(b"<html>hello</html>"), filename="me.jpg", content_type="image/jpeg")
    answer = await client.call(
        "PATCH", "/api/v1/accounts/update_credentials", form={"display_name": "New"}, files={"avatar": nonsense}
    )
    assert "avatar" in (await json(answer, 422))["details"]
    assert (await Account.get(id=alice.id)).display_name == ""


async def test_hidden_collections_are_shown_to_their_owner_alone(node: Node) -> None:
    alice = await builders.local_account(hide_collections=True)
    await builders.following(await builders.local_account(), alice)
    path = f"/api/v1/accounts/{alice.id}/followers"
    assert await json(await node.client().get(path)) == []
    assert len(await json(await (await node.signed_in(alice)).get(path))) == 1


async def test_lists_of_followers_leave_out_whom_the_viewer_shuns_and_shut_out_whom_the_owner_blocks(
    node: Node,
) -> None:
    star, fan, me = [await builders.local_account() for _ in range(3)]
    await builders.following(fan, star)
    client = await node.signed_in(me)
    path = f"/api/v1/accounts/{star.id}/followers"
    assert len(await json(await client.get(path))) == 1
    await mutes.mute(me, fan)
    assert await json(await client.get(path)) == []
    await mutes.mute(star, fan)
    assert len(await json(await (await node.signed_in(star)).get(path))) == 1
    await mutes.unmute(me, fan)
    await blocks.block(star, me)
    assert await json(await client.get(path)) == []


async def test_what_is_not_offered_answers_as_mastodon_does(node: Node) -> None:
    alice = await builders.local_account()
    path = f"/api/v1/accounts/{alice.id}"
    await json(await node.client().post(f"{path}/email_subscriptions", json={"email": "a@mail.example"}), 404)
    answer = await (await node.signed_in(alice)).get(f"{path}/identity_proofs")
    assert await json(answer) == []
    assert answer.headers["Deprecation"] == "@1648598400"
