"""The pages: signing in and out, settings, and what everybody can see."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest

from media.drawn import draw_picture
from node import clock
from node.models.accounts import Account, User
from node.models.credentials import BrowserSession
from node.models.posts import Post
from node.services import rules, sessions, site
from tests import builders
from tests.api.client import PASSWORD, Browser, Node, json, new_access_token, person, registered
from tests.conftest import HeldClock
from tests.shortcuts import REAL_HASHER

ACTIVITY = "application/activity+json"


@pytest.fixture(autouse=True)
def _read_the_site_anew() -> Iterator[None]:
    site.forget_all()
    yield
    site.forget_all()


async def sign_in(node: Node, login: str = "alice", password: str = PASSWORD) -> Browser:
    browser = await node.browser().open("/sign-in")
    return await browser.submit(login=login, password=password)


@pytest.mark.parametrize("login", ["alice", "@alice", "ALICE", "alice@mail.example", " Alice@Mail.Example "])
async def test_people_sign_in_with_name_or_address(node: Node, login: str) -> None:
    await person("alice")
    browser = await sign_in(node, login)
    assert "You are signed in as @alice" in browser.text


async def test_unknown_names_and_wrong_passwords_get_the_same_answer(node: Node) -> None:
    await person("alice")
    await builders.remote_account("bob")
    account = await builders.local_account("keyless")
    answers = set()
    for login in ("alice", "alice@mail.example", "nobody", "nobody@mail.example", "bob", account.username):
        browser = await sign_in(node, login, "wrong wrong")
        text = browser.text.replace(f'value="{login}"', "")
        answers.add((browser.status, re.sub(r"\w{64}", "", text)))
    assert len(answers) == 1 and next(iter(answers))[0] == 422


async def test_a_name_nobody_has_takes_a_hash_all_the_same(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from node import passwords

    hashed: list[str] = []
    verify = passwords._verify

    def watched(password: str, stored: str) -> bool:
        hashed.append(stored)
        return verify(password, stored)

    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    monkeypatch.setattr(passwords, "_verify", watched)
    passwords._nobodys_hash.cache_clear()
    await person("alice")
    for login in ("alice", "nobody"):
        await sign_in(node, login, "wrong wrong")
    assert len(hashed) == 2 and all(stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$") for stored in hashed)


async def test_the_session_cookie_is_for_this_host_and_no_script(node: Node) -> None:
    await person("alice")
    browser = await node.browser().open("/sign-in")
    await browser.submit(login="alice", password=PASSWORD, follow=False)
    (cookie,) = [
        line for line in browser.response.headers.getlist("Set-Cookie") if "session=" in line and "=;" not in line
    ]
    assert cookie.startswith("__Host-heliograph_session=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


async def test_a_session_slipped_in_before_signing_in_is_worth_nothing(node: Node) -> None:
    mallory = await person("mallory")
    await person("alice")
    planted = await sessions.begin(mallory)
    victim = node.browser()
    victim.cookies["__Host-heliograph_session"] = planted
    await victim.open("/sign-in")
    await victim.submit(login="alice", password=PASSWORD)
    assert "You are signed in as @alice" in victim.text
    assert victim.cookies["__Host-heliograph_session"] != planted
    assert await sessions.find(planted) is None
    made_up = node.browser()
    made_up.cookies["__Host-heliograph_session"] = "chosen-by-mallory"
    await made_up.open("/sign-in")
    await made_up.submit(login="alice", password=PASSWORD)
    assert made_up.cookies["__Host-heliograph_session"] != "chosen-by-mallory"


async def test_forms_without_our_token_are_refused_everywhere(node: Node) -> None:
    user = await person("alice")
    browser = await sign_in(node)
    session = await BrowserSession.get(user_id=user.id)
    paths = [
        "/sign-in",
        "/sign-out",
        "/sign-up",
        "/confirm-email",
        "/confirm-email/again",
        "/confirm-email/x",
        "/forgotten-password",
        "/reset-password/x",
        "/sign-in/link/x",
        "/settings/password",
        "/settings/posting",
        "/settings/archive",
        "/settings/delete-account",
        "/settings/sessions/others",
        f"/settings/sessions/{session.id}/end",
        "/settings/applications/1/revoke",
        "/oauth/authorize",
    ]
    for path in paths:
        for fields in ({}, {"csrf_token": ""}, {"csrf_token": "0" * 64}):
            await browser.send(path, {"current_password": PASSWORD, "password": "another password", **fields})
            assert browser.status == 403, path
    assert await sessions.find(browser.cookies["__Host-heliograph_session"]) is not None


async def test_the_form_token_of_one_browser_is_no_good_in_another(node: Node) -> None:
    await person("alice")
    first, second = await node.browser().open("/sign-in"), await node.browser().open("/sign-in")
    await second.send("/sign-in", {**first.hidden(), "login": "alice", "password": PASSWORD})
    assert second.status == 403
    fresh = node.browser()
    await fresh.send("/sign-in", {**first.hidden(), "login": "alice", "password": PASSWORD})
    assert fresh.status == 403


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/",
        "//evil.example/settings",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/settings\r\nSet-Cookie: x=y",
        "/sign-out",
        "https://here.example@evil.example/settings",
        "///evil.example/settings",
    ],
)
async def test_signing_in_leads_to_no_other_site(node: Node, wish: str) -> None:
    await person("alice")
    browser = await node.browser().open("/sign-in")
    await browser.submit(login="alice", password=PASSWORD, next=wish, follow=False)
    assert browser.location == "/settings"


async def test_signing_out_ends_the_session_itself(node: Node) -> None:
    await person("alice")
    browser = await sign_in(node)
    kept = browser.cookies["__Host-heliograph_session"]
    await browser.submit(action="/sign-out")
    assert "__Host-heliograph_session" not in browser.cookies
    browser.cookies["__Host-heliograph_session"] = kept
    await browser.open("/settings")
    assert browser.url.startswith("/sign-in")


async def test_a_session_ends_after_thirty_days(node: Node, held_clock: HeldClock) -> None:
    await person("alice")
    browser = await sign_in(node)
    held_clock.advance(30 * 24 * 3600 - 1)
    await browser.open("/settings")
    assert browser.status == 200 and browser.url == "/settings"
    held_clock.advance(2)
    await browser.open("/settings")
    assert browser.url.startswith("/sign-in")
    assert await sessions.forget_expired() == 1


async def test_a_user_has_a_bounded_number_of_sessions(node: Node) -> None:
    user = await person("alice")
    tokens = [await sessions.begin(user) for _ in range(sessions.MOST_SESSIONS + 3)]
    assert await BrowserSession.filter(user_id=user.id).count() == sessions.MOST_SESSIONS
    assert await sessions.find(tokens[0]) is None and await sessions.find(tokens[-1]) is not None


async def test_people_see_their_sessions_and_end_the_others(node: Node) -> None:
    await person("alice")
    mallory = await person("mallory")
    foreign = await sessions.begin(mallory)
    first = await sign_in(node)
    other = await sign_in(node)
    await first.open("/settings")
    assert first.text.count("/end") == 1
    ids = re.findall(r"/settings/sessions/(\d+)/end", first.text)
    await first.submit(action=f"/settings/sessions/{ids[0]}/end")
    assert "That session has ended" in first.text
    await other.open("/settings")
    assert other.url.startswith("/sign-in")
    theirs = await sessions.find(foreign)
    assert theirs is not None
    await first.send(f"/settings/sessions/{theirs.id}/end", first.hidden())
    assert first.status == 404 and await sessions.find(foreign) is not None


async def test_all_other_browsers_are_signed_out_at_once(node: Node) -> None:
    await person("alice")
    foreign = await sessions.begin(await person("mallory"))
    browser, others = await sign_in(node), [await sign_in(node) for _ in range(2)]
    await browser.open("/settings")
    await browser.submit(action="/settings/sessions/others")
    assert "All other browsers were signed out" in browser.text and "/settings/sessions/" not in browser.text
    for other in others:
        assert (await other.open("/settings")).url.startswith("/sign-in")
    assert await sessions.find(foreign) is not None


async def test_people_choose_how_they_post(node: Node) -> None:
    alice = await person("alice")
    browser = await sign_in(node)
    await browser.submit(action="/settings/posting", visibility="unlisted", language="de", sensitive="yes")
    assert "That is how you post from now on" in browser.text
    for chosen in ('<option value="unlisted" selected>', '<option value="de" selected>', 'value="yes" checked>'):
        assert chosen in browser.text
    kept = (await builders.fresh(alice)).preferences
    wrong = (
        ("direct", "de", "require"),
        ("everyone", "de", "off"),
        ("public", "no language", "warn"),
        ("public", "de", "x"),
    )
    for visibility, language, remind in wrong:
        await browser.submit(action="/settings/posting", visibility=visibility, language=language, remind=remind)
        assert browser.status == 422 and 'role="alert" id="problem"' in browser.text
        assert 'aria-describedby="' in browser.text and 'aria-invalid="true" autofocus' in browser.text
    assert (await builders.fresh(alice)).preferences == kept
    await browser.open("/settings")
    await browser.submit(action="/settings/posting", visibility="public", language="", remind="require")
    account_defaults = (await builders.fresh(alice)).preferences
    assert account_defaults.pop("alt_texts") == "require"
    assert account_defaults == {"visibility": "public", "language": None, "sensitive": False}


async def test_people_take_their_data_along(node: Node) -> None:
    alice = await person("alice")
    await builders.post(alice.account, "Dawn")
    await node.browser().send("/settings/archive", {})
    browser = await sign_in(node)
    answer = await node.client().post(
        "/settings/archive",
        form=browser.hidden("/settings/archive"),
        headers={"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())},
    )
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "application/zip"
    assert re.fullmatch(
        r'attachment; filename="alice-here\.example-[\d-]+\.zip"', answer.headers["Content-Disposition"]
    )
    assert answer.headers["Cache-Control"] == "no-store"
    packed = zipfile.ZipFile(io.BytesIO(await answer.get_data()))
    assert b"Dawn" in packed.read("posts.json")
    stranger = await node.browser().open("/sign-in")
    await stranger.send("/settings/archive", stranger.hidden())
    assert stranger.status == 303 and stranger.location.startswith("/sign-in")


async def test_deleting_the_account_asks_for_its_name_and_password(node: Node) -> None:
    alice = await person("alice")
    await builders.post(alice.account, "Dawn")
    browser = await node.browser().open("/settings/delete-account")
    assert browser.url.startswith("/sign-in?next=%2Fsettings%2Fdelete-account")
    await browser.submit(login="alice", password=PASSWORD)
    assert "<h1>Delete @alice?</h1>" in browser.text
    for values, words in (
        ({"username": "bob", "password": PASSWORD}, "Username is not the name of this account"),
        ({"username": "alice", "password": "wrong"}, "Password is wrong"),
    ):
        await browser.submit(action="/settings/delete-account", **values)
        assert browser.status == 422 and words in browser.text and 'aria-invalid="true"' in browser.text
    await User.filter(id=alice.id).update(role="admin")
    await browser.submit(action="/settings/delete-account", username="@Alice", password=PASSWORD)
    assert browser.status == 422 and "last admin" in browser.text
    await User.filter(id=alice.id).update(role="user")
    await browser.submit(action="/settings/delete-account", username="@Alice", password=PASSWORD)
    assert "<h1>Your account is deleted</h1>" in browser.text and "Sign in" in browser.text
    assert "__Host-heliograph_session" not in browser.cookies
    await builders.run_jobs()
    assert not await User.exists(id=alice.id) and not await Post.exists(account_id=alice.account_id)
    assert (await browser.open("/@alice")).status == 404


async def test_people_see_what_apps_may_do_and_take_it_back(node: Node) -> None:
    alice, bob = await person("alice"), await person("bob")
    app = await registered()
    token = await new_access_token(alice, "read", "push", application=app.application)
    others = await new_access_token(bob, "read", application=app.application)
    browser = await sign_in(node)
    assert (
        "Weir" in browser.text and "See everything in your account" in browser.text and "not used yet" in browser.text
    )
    await json(await node.client(token).get("/oauth/userinfo"))
    await browser.submit(action=f"/settings/applications/{app.application.id}/revoke")
    assert "That app can no longer use your account" in browser.text
    await json(await node.client(token).get("/oauth/userinfo"), 401)
    await json(await node.client(others).get("/oauth/userinfo"))


async def test_changing_the_password_on_the_page_keeps_this_browser_under_a_new_session(node: Node) -> None:
    await person("alice")
    browser, other = await sign_in(node), await sign_in(node)
    before = browser.cookies["__Host-heliograph_session"]
    await browser.submit(action="/settings/password", current_password="wrong", password="a new password")
    assert browser.status == 422 and "Current password is wrong" in browser.text
    await browser.submit(action="/settings/password", current_password=PASSWORD, password="a new password")
    assert "Your password is changed" in browser.text
    assert browser.cookies["__Host-heliograph_session"] != before and await sessions.find(before) is None
    await other.open("/settings")
    assert other.url.startswith("/sign-in")


async def test_every_page_has_a_strict_policy_and_no_script(node: Node) -> None:
    await person("alice")
    browser = await sign_in(node)
    for path in (
        "/",
        "/sign-in",
        "/sign-up",
        "/forgotten-password",
        "/settings",
        "/about",
        "/privacy-policy",
        "/@alice",
        "/@nobody",
        "/sign-in/link/x",
    ):
        await browser.open(path)
        headers = browser.response.headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'") and "script" not in policy and "unsafe" not in policy
        assert "form-action 'self'" in policy and "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
        assert headers["X-Frame-Options"] == "DENY" and headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["Cache-Control"] == "no-store"
        assert "<script" not in browser.text and "style=" not in browser.text
        assert browser.text.count("<h1") == 1 and browser.text.count("<main") == 1, path
        for field in re.findall(
            r'<(?:input|textarea|select)(?![^>]*(?:type="hidden"|hidden>))[^>]*id="(\w+)"', browser.text
        ):
            assert f'for="{field}"' in browser.text, f"{path}: {field} has no label"


@pytest.mark.parametrize("path", ["/auth/sign_in", "/auth/sign_up", "/auth/password/new", "/auth/edit"])
async def test_the_places_apps_know_from_mastodon_lead_to_ours(node: Node, path: str) -> None:
    browser = await node.browser().open(path)
    assert browser.status == 200
    assert (await browser.open("/auth/nothing")).status == 404


async def test_bytes_no_database_takes_are_no_server_error(node: Node) -> None:
    await person("alice")
    browser = await node.browser().open("/sign-in")
    form = browser.hidden()
    for path, fields in (
        ("/sign-in", {"login": "a\0b", "password": "\0" * 8}),
        ("/sign-up", {"username": "\0", "email": "\0@\0", "password": PASSWORD, "reason": "\0", "agreement": "yes"}),
        ("/forgotten-password", {"email": "\0@mail.example"}),
        ("/oauth/authorize", {"client_id": "\0", "redirect_uri": "\0"}),
    ):
        await browser.send(path, form | fields)
        assert browser.status in (200, 422), path
    await builders.run_jobs()
    for path in ("/@%00", "/@alice%00/1", "/sign-in/link/%00", "/oauth/authorize?client_id=%00"):
        await browser.open(path)
        assert 400 <= browser.status < 500, path
    client = node.client()
    for path, sent in (
        ("/oauth/token", {"grant_type": "authorization_code", "client_id": "\0", "client_secret": "\0"}),
        ("/oauth/revoke", {"token": "\0", "client_id": "\0"}),
        ("/api/v1/apps", {"client_name": "\0", "redirect_uris": "weir://x"}),
        ("/api/v1/passwords/reset/confirm", {"token": "\0", "password": PASSWORD}),
    ):
        assert 400 <= (await client.post(path, json=sent)).status_code < 500, path


async def test_style_and_icon_are_served_by_the_node_and_kept_for_long(node: Node) -> None:
    browser = await node.browser().open("/")
    for relation, media_type in (("stylesheet", "text/css"), ("icon", "image/svg+xml")):
        (path,) = re.findall(rf'<link rel="{relation}" href="([^"]+)"', browser.text)
        answer = await node.client().get(path)
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith(media_type)
    assert (await browser.open("/favicon.ico", follow=False)).location == path
    picture = draw_picture(1, 64, 64)
    folder = node.parts.settings.data_dir / "site"
    folder.mkdir()
    (folder / "icon.jpg").write_bytes(picture)
    site.forget_all()
    assert re.search(r'<link rel="icon" href="https://here.example/site/icon.jpg', (await browser.open("/")).text)


async def test_the_about_page_tells_what_the_admins_say(node: Node) -> None:
    await person("alice")
    browser = await node.browser().open("/about")
    assert "A place for photographs." in browser.text and 'id="rules"' not in browser.text
    assert "/terms-of-service" not in browser.text
    folder = node.parts.settings.data_dir / "site"
    folder.mkdir()
    (folder / "about.md").write_text("# Who we are\n\nA club of <b>walkers</b>.")
    (folder / "terms-2026-05-01.md").write_text("Be kind.")
    site.forget_all()
    await rules.add("No <b>ads</b>", hint="Not even good ones")
    await browser.open("/about")
    assert browser.text.count("<h1") == 1 and "<h2>Who we are</h2>" in browser.text
    assert "No &lt;b&gt;ads&lt;/b&gt;" in browser.text and "Not even good ones" in browser.text
    for path in ("/privacy-policy", "/terms-of-service"):
        assert f'href="{path}"' in browser.text
        assert (await node.browser().open(path)).text.count("<h1") == 1


async def test_pages_that_are_not_there_answer_as_pages(node: Node) -> None:
    for path in ("/@nobody", "/@nobody/1", "/sign-in/link/x", "/reset-password/x"):
        browser = await node.browser().open(path)
        assert browser.status == 404 and "<!doctype html>" in browser.text


async def someone_with_posts(**columns: object) -> tuple[Account, Post]:
    account = await builders.local_account("alice", display_name="Alice <b>", discoverable=True, **columns)
    media = await builders.picture(
        account,
        description='A heron "standing"',
        variants={
            "grid": {"key": "ab/grid.jpg", "width": 400, "height": 300},
            "feed": {"key": "ab/feed.jpg", "width": 1080, "height": 810},
        },
    )
    found = await builders.post(account, "Dawn at the weir #heron", media_ids=(media.id,))
    return account, found


async def test_a_profile_and_a_post_can_be_read_without_an_app(node: Node) -> None:
    account, post = await someone_with_posts()
    browser = await node.browser().open("/@Alice")
    assert "Alice &lt;b&gt;" in browser.text and f"/@alice/{post.id}" in browser.text
    assert f'<link rel="alternate" type="{ACTIVITY}" href="{account.uri}">' in browser.text
    assert account.uri in browser.response.headers["Link"]
    await browser.open(f"/@alice/{post.id}")
    assert "Dawn at the weir" in browser.text
    assert 'alt="A heron &#34;standing&#34;"' in browser.text
    assert '<meta property="og:image" content="https://here.example/media/ab/feed.jpg">' in browser.text
    assert f'href="{post.uri}"' in browser.text
    await browser.open("/")
    assert f"/@alice/{post.id}" in browser.text


async def test_comments_on_a_public_post_are_shown_as_far_as_they_are_public(node: Node) -> None:
    _account, post = await someone_with_posts()
    bob = await builders.local_account("bob")
    await builders.post(bob, "What a bird!", parent_id=post.id)
    await builders.post(bob, "between us", parent_id=post.id, visibility="followers")
    browser = await node.browser().open(f"/@alice/{post.id}")
    assert "What a bird!" in browser.text and "between us" not in browser.text


@pytest.mark.parametrize("visibility", ["followers", "direct"])
async def test_a_post_that_is_not_public_has_no_page_even_for_its_author(node: Node, visibility: str) -> None:
    user = await person("alice")
    await builders.local_account("bob")
    post = await builders.post(user.account, "@bob secret herons", visibility=visibility)
    browser = await sign_in(node)
    for headers in ({}, {"Accept": ACTIVITY}):
        await browser.open(f"/@alice/{post.id}", headers=headers)
        assert browser.status == 404 and "secret" not in browser.text
    await browser.open("/@alice")
    assert "secret" not in browser.text and str(post.id) not in browser.text


async def test_a_private_profile_shows_no_posts_and_is_not_on_the_front_page(node: Node) -> None:
    account, post = await someone_with_posts()
    await Account.filter(id=account.id).update(is_private=True)
    browser = await node.browser().open("/@alice")
    assert "This account is private" in browser.text and str(post.id) not in browser.text
    await browser.open("/")
    assert str(post.id) not in browser.text


@pytest.mark.parametrize("who", ["suspended", "unconfirmed", "unapproved", "remote"])
async def test_whoever_is_not_fully_here_has_no_page(node: Node, who: str) -> None:
    account, post = await someone_with_posts()
    if who == "suspended":
        await Account.filter(id=account.id).update(suspended_at=clock.now())
    elif who == "remote":
        await builders.remote_account("carol", "remote.example")
    else:
        await User.filter(account_id=account.id).update(
            **{"confirmed_at" if who == "unconfirmed" else "approved_at": None}
        )
    for path in ("/@carol@remote.example",) if who == "remote" else ("/@alice", f"/@alice/{post.id}"):
        for accept in ("text/html", ACTIVITY):
            browser = await node.browser().open(path, headers={"Accept": accept}, follow=False)
            assert browser.status == 404


async def test_a_post_is_found_only_under_its_authors_name(node: Node) -> None:
    _, post = await someone_with_posts()
    await builders.local_account("bob")
    assert (await node.browser().open(f"/@bob/{post.id}")).status == 404


@pytest.mark.parametrize(
    "accept",
    [ACTIVITY, 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', f"{ACTIVITY}, text/html;q=0.1"],
)
async def test_a_server_that_asks_for_the_document_is_sent_to_it(node: Node, accept: str) -> None:
    account, post = await someone_with_posts()
    for path, uri in (("/@alice", account.uri), (f"/@alice/{post.id}", post.uri)):
        browser = await node.browser().open(path, headers={"Accept": accept}, follow=False)
        assert browser.status == 302 and browser.location == uri
        assert "Accept" in browser.response.headers["Vary"]


async def test_a_browser_gets_the_page(node: Node) -> None:
    await someone_with_posts()
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", ""):
        browser = await node.browser().open("/@alice", headers={"Accept": accept})
        assert browser.status == 200 and "<!doctype html>" in browser.text


async def test_sensitive_pictures_are_covered_and_not_offered_to_link_previews(node: Node) -> None:
    _account, post = await someone_with_posts()
    await Post.filter(id=post.id).update(sensitive=True, spoiler_text="a wound")
    browser = await node.browser().open("/@alice")
    assert "ab/grid.jpg" not in browser.text and "a wound" in browser.text
    await browser.open(f"/@alice/{post.id}")
    assert "og:image" not in browser.text and "<details>" in browser.text
    await browser.open("/")
    assert "ab/grid.jpg" not in browser.text
