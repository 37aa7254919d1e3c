"""Trials of client libraries written in JavaScript: a Node process that goes through a library, and asks when it must."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from node.demo.process import NodeProcess
from tests.e2e.person import Browser, Member, newcomer, photographs

FOLDER = Path(__file__).parent / "node"
LIMIT = 240.0
"""How long a trial may take before it is ended, in seconds; an idle machine takes a tenth of that."""

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (FOLDER / "node_modules").is_dir(),
    reason="needs Node.js, and `npm ci` run in tests/clients/node",
)

PEOPLE = ("anna", "ben", "cleo", "fred", "gina")


class Troupe:
    """The people of a trial and its admin, on one node, and somebody on another who has posted a photograph."""

    def __init__(self, admin: Member, other: NodeProcess, announced: str) -> None:
        self.node = admin.node
        self.announced = announced
        self.members = {name: newcomer(self.node, name) for name in PEOPLE} | {"admin": admin}
        self.far = newcomer(other, "dana")
        [photo] = self.far.photographs("Far away")
        self.post = self.far.publish("From afar", media=[photo["id"]])

    def introduction(self) -> Mapping[str, Any]:
        """What a trial has to know."""
        return {
            "url": self.node.url,
            "announced": self.announced,
            "people": [
                {
                    "name": name,
                    "id": member.id,
                    "username": member.username,
                    "role": "admin" if name == "admin" else "user",
                }
                for name, member in self.members.items()
            ],
            "far": {"handle": self.far.handle, "post": self.post["uri"]},
            "photos": [base64.b64encode(photo).decode() for photo in photographs(2)],
        }

    def answer(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do what a trial asks for: consent to an app, post elsewhere, look into the letters."""
        match question["ask"]:
            case "consent":
                with Browser(self.node.url) as browser:
                    return {"code": browser.allow(question["url"], self._member(question["who"]))}
            case "a photograph elsewhere":
                [photo] = self.far.photographs("Far away")
                return {"uri": self.far.publish(question["text"], media=[photo["id"]])["uri"]}
            case "letters":
                return {"letters": self.node.letters_to(question["to"])}
        raise AssertionError(f"a trial asks for {question}")

    def _member(self, name: str) -> Member:
        return self.members[name]


def failures_of(script: str, troupe: Troupe) -> Sequence[str]:
    """Run a trial; what went wrong in it, a text for each step that failed."""
    process = subprocess.Popen(
        ["node", script],
        cwd=FOLDER,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    watch = threading.Timer(LIMIT, process.kill)
    watch.start()
    try:
        said: Mapping[str, Any] = troupe.introduction()
        while True:
            process.stdin.write(json.dumps(said) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
            assert line, f"{script} ended before its time: its last words are above"
            heard = json.loads(line)
            if "failures" in heard:
                failures: list[str] = heard["failures"]
                return failures
            said = troupe.answer(heard)
    finally:
        watch.cancel()
        process.kill()
        process.wait()
