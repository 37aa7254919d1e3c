"""A node that is killed while it works on a film, new or edited, finishes it when it is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.nodes import running_node, until
from tests.e2e.person import newcomer
from tests.media.films import film


def test_a_film_cut_short_by_a_kill_is_finished_after_the_restart(tmp_path: Path) -> None:
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    sent = film(tmp_path / "sent.mkv", *options, seconds=3, size="1280x720", rate=30)
    with running_node(tmp_path / "node", settings={"MEDIA__FILM_THREADS": "1"}) as node:
        alice = newcomer(node, "alice")
        files = {"file": ("sent.mkv", sent.read_bytes(), "video/x-matroska")}
        early = alice._client.post("/api/v2/media", files=files)
        assert early.status_code == 202, early.text
        path = f"/api/v1/media/{early.json()['id']}"

        def told() -> Any:
            return alice._client.get(f"{path}/progress").json()

        until("the work has begun", lambda: told()["progress"] > 0)
        assert told()["state"] == "processing"
        node.kill()
        node.start()
        until("the film is ready", lambda: told()["state"] == "ready")
        ready = alice._client.get(path).json()
        assert (ready["type"], ready["meta"]["size"]) == ("video", "1280x720")

        form = {"status": "At the weir", "media_ids": [ready["id"]]}
        posted = alice._client.post("/api/v1/statuses", json=form).json()
        post = f"/api/v1/statuses/{posted['id']}"
        wish = {"crop": "0,0,0.5,1", "edits": {"filter": "silver", "vignette": 0.5}}
        assert alice._client.put(f"{path}/film", json=wish).status_code == 202
        until("the work on the edit has begun", lambda: told()["progress"] > 0)
        node.kill()
        node.start()
        assert alice._client.get(post).json()["media_attachments"] == posted["media_attachments"]
        until("the edit is made", lambda: alice._client.get(f"{path}/film").status_code == 200)
        edited = alice._client.get(post).json()
        assert edited["media_attachments"][0]["meta"]["size"] == "640x720"
        assert edited["edited_at"]
