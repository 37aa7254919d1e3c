"""A node that is killed while it works on films, one new and one edited, finishes both when it is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.nodes import running_node, until
from tests.e2e.person import newcomer
from tests.media.films import H264, film

SETTINGS = {"MEDIA__FILM_THREADS": "1", "MEDIA__FILM_WORKERS": "2"}


def test_films_cut_short_by_a_kill_are_finished_after_the_restart(tmp_path: Path) -> None:
    options = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p")
    new = film(tmp_path / "new.mkv", *options, seconds=3, size="1280x720", rate=30)
    playable = film(tmp_path / "playable.mp4", *H264, seconds=3, size="1280x720", rate=30)
    with running_node(tmp_path / "node", settings=SETTINGS) as node:
        client = newcomer(node, "alice")._client

        def sent(path: Path) -> str:
            answer = client.post("/api/v2/media", files={"file": (path.name, path.read_bytes(), "video/mp4")})
            assert answer.status_code == 202, answer.text
            return f"/api/v1/media/{answer.json()['id']}"

        def told(path: str) -> Any:
            return client.get(f"{path}/progress").json()

        edited = sent(playable)
        until("the first film is ready", lambda: told(edited)["state"] == "ready")
        form = {"status": "At the weir", "media_ids": [edited.rpartition("/")[2]]}
        posted = client.post("/api/v1/statuses", json=form).json()
        early = sent(new)
        wish = {"crop": "0,0,0.5,1", "edits": {"filter": "silver", "vignette": 0.5}}
        assert client.put(f"{edited}/film", json=wish).status_code == 202
        until("the work has begun", lambda: min(told(early)["progress"], told(edited)["progress"]) > 0)
        assert {told(early)["state"], told(edited)["state"]} == {"processing"}
        node.kill()
        node.start()
        path = f"/api/v1/statuses/{posted['id']}"
        assert client.get(path).json()["media_attachments"] == posted["media_attachments"]
        until("both are ready", lambda: {told(early)["state"], told(edited)["state"]} == {"ready"})
        ready, post = client.get(early).json(), client.get(path).json()
        assert (ready["type"], ready["meta"]["size"]) == ("video", "1280x720")
        assert post["media_attachments"][0]["meta"]["size"] == "640x720"
        assert post["edited_at"]
