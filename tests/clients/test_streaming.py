"""Mastodon.py's streams against a real node: every one it offers opens, and what comes over them parses as promised."""

from __future__ import annotations

import queue
from pathlib import Path
from typing import Any

from mastodon import Mastodon, StreamListener

from tests.clients.strictness import shortcomings
from tests.e2e.nodes import running_node, until
from tests.e2e.person import newcomer

PATIENCE = 20.0


class Ear(StreamListener):  # type: ignore[misc]
    """Keeps what it hears: (event, what came with it)."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.beats = 0

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


def test_the_streams_of_mastodon_py(tmp_path: Path) -> None:
    with running_node(tmp_path / "node") as node:
        anna, ben = newcomer(node, "anna"), newcomer(node, "ben")
        ben.follow(anna)
        api = Mastodon(access_token=ben.token, api_base_url=node.url)
        assert api.stream_healthy()
        home, notified, public, local, tagged = (Ear() for _ in range(5))
        streams = [
            api.stream_user(home, run_async=True),
            api.stream_user_notifications(notified, run_async=True),
            api.stream_public(public, run_async=True),
            api.stream_public(local, local=True, run_async=True),
            api.stream_hashtag("heron", tagged, run_async=True),
        ]
        try:
            for stream in streams:
                until("the stream is open", stream.is_receiving)
            post = anna.publish(f"@{ben.username} a #heron")
            heard = dict(home.next() for _ in range(2))
            assert str(heard["update"].id) == post["id"]
            assert (heard["notification"].type, str(heard["notification"].status.id)) == ("mention", post["id"])
            assert notified.next()[1].type == "mention"
            for ear in (public, local, tagged):
                event, status = ear.next()
                assert (event, str(status.id)) == ("update", post["id"])
            anna.edit(post["id"], status="a kingfisher")
            assert home.next()[0] == "status.update"
            anna.delete(post["id"])
            assert [str(what) for event, what in (home.next(),) if event == "delete"] == [post["id"]]
        finally:
            for stream in streams:
                stream.close()
