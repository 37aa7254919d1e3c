"""The README's commands work as printed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.e2e.nodes import running_node

PROJECT = Path(__file__).resolve().parents[2]


def test_the_curl_lines_of_the_readme_post_a_photograph(tmp_path: Path) -> None:
    found = re.search(r"```sh\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    assert found
    assert "NODE=http://localhost:8000\n" in found.group(1)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{PROJECT}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    settings = {"FEDERATION__ALLOW_PRIVATE_NETWORKS": "false", "RATE_LIMITS": "true"}
    with running_node(tmp_path / "data", settings=settings) as node:
        script = found.group(1).replace("NODE=http://localhost:8000", f"NODE={node.url}")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=100
        )
        assert done.returncode == 0, done.stderr
        post = json.loads(done.stdout[done.stdout.index('{\n    "id"') :])
        assert post["content"].startswith("<p>First light")
        assert post["account"]["acct"] == "anna"
        [photo] = post["media_attachments"]
        assert photo["description"] == "Hills at dawn"
        assert httpx.get(photo["url"]).headers["content-type"] == "image/jpeg"
        assert httpx.get(f"{node.url}/@anna").status_code == 200
