"""Accounts, discovery, reports and settings over Pixelfed's calls."""

from __future__ import annotations

from node.models.posts import Post
from node.models.reports import Report
from node.services import likes, sessions
from tests import builders
from tests.api.client import PASSWORD, Node, json, person
from tests.api.test_collections import pictured
from tests.api.test_pixelfed_compose import photograph

V, W = "/api/v1.1", "/api/pixelfed/v1"


async def test_the_owner_sees_where_they_are_signed_in_and_changes_the_password(node: Node) -> None:
    user = await person("alice")
    await builders.local_account("bob")
    client, other = await node.signed_in(user.account), await node.signed_in(user.account, "read")
    await sessions.begin(user, user_agent="Mozilla/5.0 (iPhone) Safari/605", ip_address="203.0.113.7")
    (signed_in,) = await json(await client.get(f"{V}/accounts/login-activity"))
    assert (signed_in["ip"], signed_in["ip_current"], signed_in["is_mobile"]) == ("203.0.113.7", False, True)
    assert (signed_in["browser"], signed_in["platform"]) == ("Safari", "iPhone")
    apps = await json(await client.get(f"{W}/accounts/apps-and-applications"))
    assert [(app["scopes"], app["current_session"]) for app in apps] == [
        (["read"], False),
        (["read", "write", "follow", "push"], True),
    ]
    assert await json(await client.get(f"{V}/accounts/two-factor")) == {"active": False, "setup_at": None}
    assert await json(await client.get(f"{V}/accounts/emails-from-pixelfed")) == []

    path = f"{V}/accounts/change-password"
    new = {"new_password": "a kingfisher", "confirm_password": "a kingfisher"}
    await json(await client.post(path, json={**new, "current_password": "wrong"}), 422)
    await json(await client.post(path, json={"current_password": PASSWORD, **new, "confirm_password": "other"}), 422)
    await json(await other.post(path, json={"current_password": PASSWORD, **new}), 403)
    changed = await json(await client.post(path, json={"current_password": PASSWORD, **new}))
    assert changed["username"] == "alice"
    await json(await other.get(f"{V}/accounts/two-factor"), 401)


async def test_a_picture_is_taken_away_and_people_are_looked_up(node: Node) -> None:
    alice, bob, carol = [await builders.local_account(name) for name in ("alice", "bob", "carol")]
    await builders.following(alice, bob)
    await builders.following(bob, carol)
    client = await node.signed_in(alice)
    done = await json(await client.post("/api/v1/avatar/update", files={"upload": photograph()}))
    assert done == {"msg": "Avatar successfully updated", "code": 200}
    assert (await builders.fresh(alice)).avatar_key
    assert (await json(await client.call("DELETE", f"{V}/accounts/avatar")))["avatar"].endswith("missing.png")
    await json(await client.post("/api/v1/avatar/update", form={}), 422)
    assert [item["username"] for item in await json(await client.get(f"{V}/accounts/mutuals/{carol.id}"))] == ["bob"]
    assert (await json(await client.get(f"{W}/accounts/username/Carol")))["id"] == str(carol.id)
    await json(await client.get(f"{W}/accounts/username/nobody"), 404)
    post = await pictured(carol)
    await builders.post(carol, "words")
    path = f"{V}/accounts/{carol.id}/posts"
    assert [item["id"] for item in await json(await client.get(f"{path}?username=carol"))] == [str(post.id)]
    assert await json(await client.get(f"{path}?username=bob")) == []
    home = await json(await client.get(f"{V}/accounts/timelines/home"))
    assert home == await json(await client.get("/api/v1/timelines/home"))


async def test_what_is_liked_most_is_shown_first(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob", discoverable=True)
    remote = await builders.remote_account("carol")
    less, more = await pictured(bob), await pictured(bob)
    await pictured(bob, sensitive=True)
    await pictured(bob, visibility="followers")
    await builders.post(bob, "words")
    await likes.like(alice, more.id)
    received = await builders.received(remote)
    await Post.filter(id=received.id).update(has_media=True)
    client = await node.signed_in(alice)

    async def ids(path: str) -> list[str]:
        return [item["id"] for item in await json(await client.get(path))]

    for span in ("daily", "monthly", "yearly"):
        assert await ids(f"{V}/discover/posts/trending?range={span}") == [str(more.id), str(less.id)]
    assert await ids(f"{W}/discover/posts/network/trending") == [str(received.id)]
    for_you = (await json(await client.get("/api/v1/discover/posts")))["posts"]
    assert [item["id"] for item in for_you] == [str(more.id), str(received.id), str(less.id)]
    await json(await client.get(f"{V}/discover/posts/trending?range=hourly"), 400)
    assert await ids(f"{V}/discover/accounts/popular") == [str(bob.id)]
    assert await json(await client.get(f"{V}/discover/posts/hashtags")) == []
    listed = await json(await node.client().get("/api/landing/v1/directory"))
    assert [(item["username"], item["id"]) for item in listed["data"]] == [("bob", str(bob.id))]
    assert listed["links"]["next"] is None


async def test_reports_reach_the_moderators_once(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    post, own = await builders.post(bob), await builders.post(alice)
    hidden = await builders.post(bob, "hush", visibility="followers")
    client = await node.signed_in(alice)

    async def code(kind: str, object_type: str, number: object) -> str:
        wish = {"report_type": kind, "object_type": object_type, "object_id": str(number)}
        refused = await json(await client.post(f"{V}/report", json=wish), 400)
        assert refused["code"] == 400 and refused["error"] == refused["msg"]
        return str(refused["error_code"])

    assert await code("", "post", post.id) == "ERROR_INVALID_PARAMS"
    assert await code("boring", "post", post.id) == "ERROR_TYPE_INVALID"
    assert await code("spam", "story", post.id) == "ERROR_REPORT_OBJECT_TYPE_INVALID"
    assert await code("spam", "post", hidden.id) == "ERROR_INVALID_OBJECT_ID"
    assert await code("spam", "user", "x") == "ERROR_INVALID_OBJECT_ID"
    assert await code("spam", "post", own.id) == await code("spam", "user", alice.id) == "ERROR_NO_SELF_REPORTS"
    wish = {"report_type": "copyright", "object_type": "post", "object_id": str(post.id)}
    assert await json(await client.post(f"{V}/report", json=wish)) == {"msg": "Successfully sent report", "code": 200}
    assert await code("spam", "post", post.id) == "ERROR_REPORT_DUPLICATE"
    wish = {"report_type": "spam", "object_type": "user", "object_id": str(bob.id)}
    await json(await client.post(f"{W}/report", json=wish))
    filed = await Report.all().order_by("id")
    assert [(item.target_id, item.post_ids, item.category, item.comment) for item in filed] == [
        (bob.id, [post.id], "legal", "copyright"),
        (bob.id, [], "spam", "spam"),
    ]
    await json(await (await node.signed_in(alice, "read")).post(f"{V}/report", json=wish), 403)


async def test_apps_find_their_settings_again(node: Node) -> None:
    alice, bob = await builders.local_account("alice"), await builders.local_account("bob")
    client, bobs = await node.signed_in(alice), await node.signed_in(bob)
    web, app = f"{W}/web/settings", f"{W}/app/settings"
    assert await json(await client.get(web)) == {}
    assert await json(await client.post(web, json={"field": "enable_reblogs", "value": True})) == [200]
    assert await json(await client.post(web, form={"field": "hide_reblog_banner", "value": "0"})) == [200]
    assert await json(await client.get(web)) == {"enable_reblogs": True, "hide_reblog_banner": False}
    for wrong in ({"field": "theme", "value": True}, {"field": "enable_reblogs"}):
        await json(await client.post(web, json=wrong), 422)

    fresh = await json(await client.get(app))
    assert (fresh["id"], fresh["username"], fresh["updated_at"]) == (str(alice.id), "alice", None)
    assert fresh["common"]["media"] == {"hide_public_behind_cw": True, "always_show_cw": False, "show_alt_text": False}
    wish = {"common": {"appearance": {"theme": "dark"}, "timelines": {"show_public": "true"}}}
    kept = await json(await client.post(app, json=wish))
    assert (kept["common"]["appearance"]["theme"], kept["common"]["timelines"]["show_public"]) == ("dark", True)
    assert await json(await client.get(app)) == kept and kept["updated_at"]
    assert await json(await bobs.get(web)) == {}
    await json(await client.post(app, json={"common": {"appearance": {"theme": "pink"}}}), 422)
    await json(await client.post(app, json={}), 422)
    await json(await (await node.signed_in(alice, "read")).post(app, json=wish), 403)
    assert (await json(await client.get("/api/v1/preferences")))["posting:default:visibility"] == "public"
