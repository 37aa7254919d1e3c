"""Mastodon.py: posts, what is done with them, and where they are read."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from tests.clients.mastodon_py import App, ids, strict, text_of
from tests.e2e.nodes import until


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
    cleo.api.account_update_credentials(discoverable=True)
    text = "#contactsheet https://contactsheet.example/"
    posted = [cleo.api.status_post(f"Frame {number} {text}") for number in range(5)]
    newest_first = [status.id for status in reversed(posted)]
    for first_page in (
        cleo.api.timeline_home(limit=2),
        cleo.api.timeline_hashtag("contactsheet", limit=2),
        cleo.api.timeline_link("https://contactsheet.example/", limit=2),
        cleo.api.account_statuses(cleo.id, limit=2),
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


def test_refusals_reach_the_client_as_its_errors(anna: App, cleo: App) -> None:
    post = anna.api.status_post("Mine alone")
    with pytest.raises(MastodonNotFoundError):
        cleo.api.status_delete(post.id)
    with pytest.raises(MastodonAPIError, match="422"):
        anna.api.status_post("")
    with pytest.raises(MastodonAPIError, match="422"):
        anna.api.media_post(io.BytesIO(b"no picture"), mime_type="image/jpeg")


def test_a_post_is_pinned_and_its_thread_muted(anna: App, cleo: App) -> None:
    post = anna.api.toot("To the top")
    assert strict(anna.api.status_pin(post.id)).pinned is True
    assert ids(strict(anna.api.account_statuses(anna.id, pinned=True))) == [post.id]
    assert strict(anna.api.status_unpin(post.id)).pinned is False
    assert strict(anna.api.status_mute(post.id)).muted is True
    answer = cleo.api.status_reply(post, "Unheard")
    assert answer.id not in [item.status.id for item in anna.api.notifications(types=["mention"])]
    assert strict(anna.api.status_unmute(post.id)).muted is False


def test_a_poll_is_voted_in(anna: App, cleo: App) -> None:
    asked = anna.api.make_poll(["Colour", "Grey"], expires_in=3600, multiple=False)
    post = strict(anna.api.status_post("Which?", poll=asked))
    assert [option.title for option in post.poll.options] == ["Colour", "Grey"]
    assert (post.poll.expired, post.poll.multiple, post.poll.voted) == (False, False, True)
    assert cleo.api.status(post.id).poll.voted is False
    voted = strict(cleo.api.poll_vote(post.poll.id, [1]))
    assert (voted.voted, voted.own_votes, voted.votes_count) == (True, [1], 1)
    assert [option.votes_count for option in strict(anna.api.poll(post.poll.id)).options] == [0, 1]
    with pytest.raises(MastodonAPIError, match="422"):
        cleo.api.poll_vote(post.poll.id, [0])


def test_a_post_for_later_waits(anna: App) -> None:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    kept = strict(anna.api.status_post("Tomorrow's print", scheduled_at=at, visibility="unlisted"))
    assert (kept.scheduled_at, kept.params.text, kept.params.visibility) == (at, "Tomorrow's print", "unlisted")
    assert ids(strict(anna.api.scheduled_statuses())) == [kept.id]
    later = at + timedelta(hours=1)
    assert strict(anna.api.scheduled_status_update(kept.id, later)).scheduled_at == later
    assert strict(anna.api.scheduled_status(kept.id)).scheduled_at == later
    anna.api.scheduled_status_delete(kept.id)
    assert anna.api.scheduled_statuses() == []


def test_a_post_is_quoted_and_the_quote_taken_back(anna: App, cleo: App) -> None:
    post = anna.api.status_post("The original", quote_approval_policy="public")
    assert strict(anna.api.status(post.id)).quote_approval.automatic == ["public"]
    quoting = strict(cleo.api.status_post("Look at this", quoted_status_id=post.id))
    assert (quoting.quote.state, quoting.quote.quoted_status.id) == ("accepted", post.id)
    assert ids(strict(anna.api.status_quotes(post.id))) == [quoting.id]
    assert anna.api.status(post.id).quotes_count == 1
    assert anna.api.notifications(types=["quote"])[0].status.id == quoting.id
    revoked = strict(anna.api.status_quote_revoke(post.id, quoting.id))
    assert (revoked.quote.state, revoked.quote.quoted_status) == ("revoked", None)
    closed = strict(anna.api.status_update_quote_approval_policy(post.id, "nobody"))
    assert closed.quote_approval.automatic == []
    with pytest.raises(MastodonNotFoundError):
        cleo.api.status_post("Once more", quoted_status_id=post.id)


def test_a_direct_post_makes_a_conversation(anna: App, cleo: App) -> None:
    post = anna.api.status_post(f"@{cleo.person.username} between us", visibility="direct")
    talk = strict(cleo.api.conversations())[0]
    assert (talk.unread, talk.last_status.id, ids(talk.accounts)) == (True, post.id, [anna.id])
    assert strict(cleo.api.conversations_read(talk.id)).unread is False
    assert post.id not in ids(cleo.api.account_statuses(anna.id, exclude_direct=True))


def test_many_posts_are_asked_for_at_once_and_media_go_with_theirs(anna: App) -> None:
    media = anna.photograph("Once")
    assert strict(anna.api.media(media.id)).id == media.id
    post = anna.api.status_post("One", media_ids=[media])
    other = anna.api.status_post("Two")
    assert set(ids(strict(anna.api.statuses([post.id, other.id])))) == {post.id, other.id}
    described = anna.api.generate_media_edit_attributes(media.id, description="Twice")
    edited = strict(anna.api.status_update(post.id, "One", media_attributes=[described]))
    assert [item.description for item in edited.media_attachments] == ["Twice"]
    anna.api.status_delete(post.id, delete_media=True)
    until("the photograph is gone", lambda: _is_gone(anna, media.id))


def _is_gone(app: App, media_id: int) -> bool:
    try:
        app.api.media(media_id)
    except MastodonNotFoundError:
        return True
    return False


def test_every_public_timeline_is_read_and_paged(cleo: App) -> None:
    assert cleo.api.timeline_is_available("public", local=True, fail_hard=True)
    tag = f"sheet{cleo.person.username}"
    posted = [cleo.api.status_post(f"Sheet {number} #{tag}") for number in range(3)]
    newest_first = ids(posted)[::-1]
    for page in (cleo.api.timeline("public", limit=2), cleo.api.timeline_public(limit=2)):
        assert ids(strict(page)) == newest_first[:2]
        assert cleo.api.get_pagination_info(page, "next") is not None
    older = cleo.api.fetch_next(cleo.api.timeline_public(limit=2))
    assert older[0].id == newest_first[2]
    assert ids(cleo.api.fetch_previous(older))[:2] == newest_first[:2]
    first = cleo.api.timeline_hashtag(tag, limit=1)
    assert ids(cleo.api.pagination_iterator(first)) == newest_first
    pages = cleo.api.pagination_page_iterator(first)
    assert [status_id for page in pages for status_id in ids(page)] == newest_first
    found = strict(cleo.api.search_v2(tag, result_type="hashtags"))
    assert tag in [tag.name for tag in found.hashtags]
