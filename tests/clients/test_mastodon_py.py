"""Mastodon.py, a real client, against real nodes: what it asks works, means what it should, and parses as promised."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNotFoundError, MastodonUnauthorizedError

from node.text import plain_text
from tests.clients.strictness import shortcomings
from tests.e2e.nodes import NodeProcess, running_node, until
from tests.e2e.person import Browser, Member, newcomer, photographs

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = ["read", "write", "follow"]

Entity = TypeVar("Entity")


class App:
    """Mastodon.py in somebody's hands."""

    def __init__(self, person: Member, redirect: str = OUT_OF_BAND) -> None:
        self.person = person
        client_id, client_secret = Mastodon.create_app(
            "Darkroom", scopes=SCOPES, redirect_uris=redirect, api_base_url=person.node.url
        )
        self.api = Mastodon(client_id=client_id, client_secret=client_secret, api_base_url=person.node.url)
        url = self.api.auth_request_url(redirect_uris=redirect, scopes=SCOPES, allow_http=True)
        with Browser(person.node.url) as browser:
            code = browser.allow(url, person)
        self.token = self.api.log_in(code=code, redirect_uri=redirect, scopes=SCOPES, allow_http=True)

    def photograph(self, description: str) -> Any:
        """Upload a drawn photograph."""
        [photo] = photographs(1)
        return strict(
            self.api.media_post(io.BytesIO(photo), mime_type="image/jpeg", description=description, focus=(0.2, -0.4))
        )


def strict(answer: Entity) -> Entity:
    """An answer in which every field that Mastodon.py's types promise is there."""
    assert shortcomings(answer) == []
    return answer


def text_of(status: Any) -> str:
    """The words of a post."""
    return plain_text(status.content).strip()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[NodeProcess, NodeProcess]]:
    """Two running nodes."""
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as stack:
        one, other = (stack.enter_context(running_node(folder / name)) for name in ("one", "other"))
        yield one, other


@pytest.fixture(scope="module")
def anna(nodes: tuple[NodeProcess, NodeProcess]) -> App:
    """Somebody with the app on the first node."""
    return App(newcomer(nodes[0], "anna"))


@pytest.fixture(scope="module")
def cleo(nodes: tuple[NodeProcess, NodeProcess]) -> App:
    """Anna's neighbour, whose app has an address of its own."""
    return App(newcomer(nodes[0], "cleo"), redirect="http://localhost/signed-in")


@pytest.fixture(scope="module")
def ben(nodes: tuple[NodeProcess, NodeProcess]) -> App:
    """Somebody with the app on the second node."""
    return App(newcomer(nodes[1], "ben"))


def test_the_client_recognises_the_server(anna: App) -> None:
    assert anna.api.verify_minimum_version("4.0.0")
    instance = strict(anna.api.instance_v1())
    assert instance.uri == anna.person.node.domain
    assert instance.registrations is True
    newer = strict(anna.api.instance_v2())
    assert newer.domain == anna.person.node.domain
    assert newer.configuration.statuses.max_media_attachments == 20
    assert "image/jpeg" in newer.configuration.media_attachments.supported_mime_types
    nodeinfo = strict(anna.api.instance_nodeinfo())
    assert nodeinfo.software.name == "heliograph"
    assert "activitypub" in nodeinfo.protocols


def test_a_token_of_the_code_flow_acts_for_the_person(anna: App, cleo: App) -> None:
    assert anna.token != cleo.token
    me = strict(anna.api.me())
    assert me.username == anna.person.username
    assert str(me.id) == anna.person.id
    assert me.source.privacy == "public"
    assert strict(anna.api.app_verify_credentials()).name == "Darkroom"
    assert strict(anna.api.preferences())["posting:default:visibility"] == "public"


def test_a_revoked_token_opens_nothing(nodes: tuple[NodeProcess, NodeProcess]) -> None:
    app = App(newcomer(nodes[0], "dora"))
    app.api.me()
    app.api.revoke_access_token(allow_http=True)
    revoked = Mastodon(access_token=app.token, api_base_url=nodes[0].url)
    with pytest.raises(MastodonUnauthorizedError):
        revoked.me()


def test_a_profile_is_changed_with_pictures_and_fields(cleo: App) -> None:
    portrait, banner = photographs(2)
    changed = strict(
        cleo.api.account_update_credentials(
            display_name="Cleo C.",
            note="Analogue only. #film",
            avatar=io.BytesIO(portrait),
            avatar_mime_type="image/jpeg",
            header=io.BytesIO(banner),
            header_mime_type="image/jpeg",
            fields=[("Camera", "M6"), ("Film", "HP5")],
            discoverable=True,
        )
    )
    assert changed.display_name == "Cleo C."
    assert "Analogue only." in changed.note
    assert changed.source.note == "Analogue only. #film"
    assert [(field.name, field.value) for field in changed.fields] == [("Camera", "M6"), ("Film", "HP5")]
    assert "missing" not in changed.avatar + changed.header
    assert strict(cleo.api.account(changed.id)).display_name == "Cleo C."


def test_a_photograph_is_uploaded_described_and_posted(anna: App) -> None:
    media = anna.photograph("A lighthouse")
    assert media.type == "image"
    assert media.description == "A lighthouse"
    assert media.blurhash
    assert (media.meta.original.width, media.meta.original.height) == (480, 320)
    assert media.meta.focus.x == pytest.approx(0.2)
    assert media.meta.focus.y == pytest.approx(-0.4)
    described = strict(anna.api.media_update(media.id, description="A lighthouse at noon"))
    assert described.description == "A lighthouse at noon"

    second = anna.photograph("Its keeper")
    posted = strict(
        anna.api.status_post(
            "On the rock #lighthouse",
            media_ids=[second, media],
            sensitive=True,
            spoiler_text="Heights",
            visibility="unlisted",
            language="en",
            idempotency_key="lighthouse",
        )
    )
    assert [item.description for item in posted.media_attachments] == ["Its keeper", "A lighthouse at noon"]
    assert (posted.visibility, posted.spoiler_text, posted.sensitive) == ("unlisted", "Heights", True)
    assert posted.language == "en"
    assert [tag.name for tag in posted.tags] == ["lighthouse"]
    assert abs(posted.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert strict(anna.api.status(posted.id)).uri == posted.uri
    assert strict(anna.api.status_source(posted.id)).text == "On the rock #lighthouse"


def test_posting_twice_under_one_idempotency_key_posts_once(anna: App) -> None:
    first = anna.api.status_post("Only once", idempotency_key="only-once")
    again = anna.api.status_post("Only once", idempotency_key="only-once")
    assert first.id == again.id


def test_timelines_show_new_posts_and_page_back_without_gaps(cleo: App) -> None:
    posted = [cleo.api.status_post(f"Frame {number} #contactsheet") for number in range(5)]
    newest_first = [status.id for status in reversed(posted)]
    for first_page in (
        cleo.api.timeline_home(limit=2),
        cleo.api.timeline_hashtag("contactsheet", limit=2),
        cleo.api.account_statuses(cleo.person.id, limit=2),
    ):
        assert len(strict(first_page)) == 2
        pages = cleo.api.fetch_remaining(first_page)
        assert [status.id for status in pages][:5] == newest_first
    assert newest_first[0] in [status.id for status in strict(cleo.api.timeline_local())]
    newer = cleo.api.timeline_home(min_id=posted[1].id, limit=2)
    assert [status.id for status in newer] == [posted[3].id, posted[2].id]


def test_liking_keeping_and_sharing_mark_the_post_and_tell_its_author(anna: App, cleo: App) -> None:
    post = anna.api.status_post("Take your pick")
    assert strict(cleo.api.status_favourite(post.id)).favourited is True
    assert strict(cleo.api.status_bookmark(post.id)).bookmarked is True
    share = strict(cleo.api.status_reblog(post.id))
    assert share.reblog.id == post.id
    assert share.account.id == cleo.api.me().id
    shown = strict(cleo.api.status(post.id))
    assert (shown.favourites_count, shown.reblogs_count) == (1, 1)
    assert (shown.favourited, shown.reblogged, shown.bookmarked) == (True, True, True)
    assert [account.username for account in strict(anna.api.status_favourited_by(post.id))] == [cleo.person.username]
    assert [account.username for account in strict(anna.api.status_reblogged_by(post.id))] == [cleo.person.username]
    assert cleo.api.favourites()[0].id == cleo.api.bookmarks()[0].id == post.id

    told = strict(anna.api.notifications(types=["favourite", "reblog"]))
    assert [(item.type, item.status.id) for item in told[:2]] == [("reblog", post.id), ("favourite", post.id)]
    assert strict(anna.api.notifications(id=told[0].id)).type == "reblog"
    anna.api.notifications_dismiss(told[0].id)
    assert told[0].id not in [item.id for item in anna.api.notifications()]

    assert strict(cleo.api.status_unfavourite(post.id)).favourited is False
    assert strict(cleo.api.status_unreblog(post.id)).reblogged is False
    assert strict(cleo.api.status_unbookmark(post.id)).bookmarked is False
    bare = cleo.api.status(post.id)
    assert (bare.favourites_count, bare.reblogs_count) == (0, 0)


def test_a_conversation_is_read_as_its_context(anna: App, cleo: App) -> None:
    post = anna.api.status_post("A question")
    answer = strict(cleo.api.status_reply(anna.api.status(post.id), "An answer"))
    assert answer.in_reply_to_id == post.id
    assert [mention.acct for mention in answer.mentions] == [anna.person.username]
    thanks = anna.api.status_post("Thanks", in_reply_to_id=answer.id)
    context = strict(cleo.api.status_context(answer.id))
    assert [status.id for status in context.ancestors] == [post.id]
    assert [status.id for status in context.descendants] == [thanks.id]
    assert anna.api.status(post.id).replies_count == 1
    assert anna.api.notifications(types=["mention"])[0].status.id == answer.id


def test_an_edit_leaves_its_history(anna: App) -> None:
    media = anna.photograph("Before")
    post = anna.api.status_post("First draft", media_ids=media)
    edited = strict(anna.api.status_update(post.id, "Second draft", spoiler_text="Revised", media_ids=[media.id]))
    assert text_of(edited) == "Second draft"
    assert edited.edited_at >= post.created_at
    looks = strict(anna.api.status_history(post.id))
    assert [text_of(look) for look in looks] == ["First draft", "Second draft"]
    assert [look.spoiler_text for look in looks] == ["", "Revised"]


def test_a_deleted_post_comes_back_as_its_source_and_is_gone(anna: App) -> None:
    post = anna.api.status_post("To be redrafted")
    deleted = anna.api.status_delete(post.id)
    assert deleted.text == "To be redrafted"
    with pytest.raises(MastodonNotFoundError):
        anna.api.status(post.id)


def test_somebody_elsewhere_is_found_followed_and_heard(anna: App, ben: App) -> None:
    found = strict(anna.api.search_v2(f"@{ben.person.handle}", resolve=True, result_type="accounts"))
    [account] = found.accounts
    assert account.acct == ben.person.handle
    assert account.url.startswith(ben.person.node.url)
    relationship = strict(anna.api.account_follow(account.id))
    assert relationship.following or relationship.requested

    def standing() -> Any:
        return strict(anna.api.account_relationships(account.id))[0]

    until("ben's node accepts", lambda: standing().following)
    follower = until("ben is told", lambda: next(iter(ben.api.notifications(types=["follow"])), None))
    assert strict(follower).account.acct == anna.person.handle
    assert [item.acct for item in strict(anna.api.account_following(anna.person.id))] == [ben.person.handle]
    assert [item.acct for item in strict(ben.api.account_followers(ben.person.id))] == [anna.person.handle]

    media = ben.photograph("Far away")
    post = ben.api.status_post("From afar", media_ids=media)
    heard = until(
        "anna's home shows it", lambda: next((it for it in anna.api.timeline_home() if it.uri == post.uri), None)
    )
    assert strict(heard).account.id == account.id
    assert heard.media_attachments[0].description == "Far away"
    assert strict(anna.api.search_v2(post.uri, resolve=True)).statuses[0].id == heard.id
    anna.api.status_favourite(heard.id)
    until("ben's node counts the like", lambda: ben.api.status(post.id).favourites_count == 1)

    assert strict(anna.api.account_unfollow(account.id)).following is False
    until("ben has no follower", lambda: ben.api.me().followers_count == 0)


def test_a_private_account_is_asked_and_answers(anna: App, cleo: App) -> None:
    cleo.api.account_update_credentials(locked=True)
    me, other = anna.api.me(), cleo.api.me()
    assert strict(anna.api.account_follow(other.id)).requested is True
    assert [account.id for account in strict(cleo.api.follow_requests())] == [me.id]
    assert strict(cleo.api.follow_request_authorize(me.id)).followed_by is True
    assert anna.api.account_relationships([other.id])[0].following is True
    assert strict(cleo.api.account_remove_from_followers(me.id)).followed_by is False
    cleo.api.account_update_credentials(locked=False)


def test_muting_and_blocking_are_said_and_taken_back(anna: App, cleo: App) -> None:
    other = cleo.api.me()
    assert strict(anna.api.account_mute(other.id, duration=3600)).muting is True
    assert [account.id for account in strict(anna.api.mutes())] == [other.id]
    assert strict(anna.api.account_unmute(other.id)).muting is False
    assert strict(anna.api.account_block(other.id)).blocking is True
    assert [account.id for account in strict(anna.api.blocks())] == [other.id]
    assert strict(anna.api.account_unblock(other.id)).blocking is False


def test_refusals_reach_the_client_as_its_errors(anna: App, cleo: App) -> None:
    post = anna.api.status_post("Mine alone")
    with pytest.raises(MastodonNotFoundError):
        cleo.api.status_delete(post.id)
    with pytest.raises(MastodonAPIError, match="422"):
        anna.api.status_post("")
    with pytest.raises(MastodonAPIError, match="422"):
        anna.api.media_post(io.BytesIO(b"no picture"), mime_type="image/jpeg")
