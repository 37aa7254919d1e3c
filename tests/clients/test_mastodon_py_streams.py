"""Mastodon.py's streams: every one it offers opens, what comes over them parses as promised, and they end with the token."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from mastodon import StreamListener

from tests.clients.mastodon_py import App
from tests.clients.strictness import shortcomings
from tests.e2e.nodes import until

PATIENCE = 60.0


class Ear(StreamListener):  # type: ignore[misc]
    """Keeps what it hears: (event, what came with it)."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()

    def on_update(self, status: Any) -> None:
        self.heard.put(("update", status))

    def on_status_update(self, status: Any) -> None:
        self.heard.put(("status.update", status))

    def on_notification(self, notification: Any) -> None:
        self.heard.put(("notification", notification))

    def on_delete(self, status_id: Any) -> None:
        self.heard.put(("delete", status_id))

    def on_conversation(self, conversation: Any) -> None:
        self.heard.put(("conversation", conversation))

    def next(self) -> tuple[str, Any]:
        """The next thing heard, which must be all its type promises."""
        event, what = self.heard.get(timeout=PATIENCE)
        assert shortcomings(what) == []
        return event, what


def test_what_happens_is_heard_where_it_belongs(newcomer_app: App, anna: App) -> None:
    ben, api = newcomer_app, newcomer_app.api
    assert api.stream_healthy()
    api.account_follow(anna.id)
    near = api.list_create("Heard")
    api.list_accounts_add(near.id, [anna.id])
    home, notified, public, local, here, tagged, listed, direct = (Ear() for _ in range(8))
    streams = [
        api.stream_user(home, run_async=True),
        api.stream_user_notifications(notified, run_async=True),
        api.stream_public(public, run_async=True),
        api.stream_public(local, local=True, run_async=True),
        api.stream_local(here, run_async=True),
        api.stream_hashtag("heron", tagged, run_async=True),
        api.stream_list(near.id, listed, run_async=True),
        api.stream_direct(direct, run_async=True),
    ]
    with ended_by_signing_out(ben, streams):
        for stream in streams:
            until("the stream is open", stream.is_receiving)
        post = anna.api.status_post(f"@{ben.person.username} a #heron")
        heard = dict(home.next() for _ in range(2))
        assert heard["update"].id == post.id
        assert (heard["notification"].type, heard["notification"].status.id) == ("mention", post.id)
        assert notified.next()[1].type == "mention"
        for ear in (public, local, here, tagged, listed):
            event, status = ear.next()
            assert (event, status.id) == ("update", post.id)
        anna.api.status_update(post.id, "a kingfisher")
        assert home.next()[0] == "status.update"
        anna.api.status_delete(post.id)
        event, number = home.next()
        assert (event, str(number)) == ("delete", post.id)
        letter = anna.api.status_post(f"@{ben.person.username} for you alone", visibility="direct")
        event, talk = direct.next()
        assert (event, talk.last_status.id) == ("conversation", letter.id)


@contextmanager
def ended_by_signing_out(app: App, streams: list[Any]) -> Iterator[None]:
    """The block, and then an end of the streams by the server: the library alone waits for the next sign of life."""
    with ThreadPoolExecutor(len(streams)) as closing:
        try:
            yield
        finally:
            for stream in streams:
                closing.submit(stream.close)
            until("the app lets go of its streams", lambda: all(stream.closed for stream in streams))
            app.api.revoke_access_token(allow_http=True)
    for stream in streams:
        stream.join(PATIENCE)
    assert not any(stream.is_alive() for stream in streams)
