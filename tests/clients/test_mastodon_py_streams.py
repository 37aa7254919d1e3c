"""Mastodon.py: the streams of a list, of direct posts and of this server's posts."""

from __future__ import annotations

from tests.clients.mastodon_py import App
from tests.clients.test_streaming import Ear
from tests.e2e.nodes import until


def test_what_happens_is_heard_where_it_belongs(anna: App, cleo: App) -> None:
    anna.api.account_follow(cleo.id)
    made = anna.api.list_create("Heard")
    anna.api.list_accounts_add(made.id, [cleo.id])
    listed, local, direct = Ear(), Ear(), Ear()
    streams = [
        anna.api.stream_list(made.id, listed, run_async=True),
        anna.api.stream_local(local, run_async=True),
        anna.api.stream_direct(direct, run_async=True),
    ]
    try:
        for stream in streams:
            until("the stream is open", stream.is_receiving)
        post = cleo.api.status_post("To be heard")
        for ear in (listed, local):
            event, status = ear.next()
            assert (event, status.id) == ("update", post.id)
        letter = cleo.api.status_post(f"@{anna.person.username} for you alone", visibility="direct")
        event, talk = direct.next()
        assert (event, talk.last_status.id) == ("conversation", letter.id)
    finally:
        for stream in streams:
            stream.close()
        anna.api.list_delete(made.id)
        anna.api.account_unfollow(cleo.id)
