"""Each peer there is, running beside a node."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.nodes import NodeProcess, running_node, until

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache"
BOVINE = "bovine==0.5.19"
START_SECONDS = 120.0
_SERVES = re.compile(r"^serves (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Peer:
    """A server of other software with one person on it."""

    origin: str
    username: str

    @property
    def uri(self) -> str:
        """The person."""
        return f"{self.origin}/users/{self.username}"

    @property
    def handle(self) -> str:
        """The person, as people write it."""
        return f"{self.username}@{self.origin.removeprefix('http://')}"

    def does(self, deed: str, **how: Any) -> str:
        """Let the person do something; the id of what came of it."""
        answer = httpx.post(f"{self.origin}/do", json={"deed": deed, **how}, timeout=60)
        assert answer.status_code == 200, answer.text
        made: str = answer.json()["id"]
        return made

    def known(self) -> Any:
        """What the server has understood: followers, following, posts, likes, shares, deleted."""
        return httpx.get(f"{self.origin}/known", timeout=60).json()


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A running node."""
    with running_node(tmp_path_factory.mktemp("here") / "node") as node:
        yield node


@pytest.fixture(scope="session", params=["fedify", "bovine"])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A server of other software; skipped where it cannot be had."""
    log = tmp_path_factory.mktemp("peer") / "log"
    command, environment, username = _fedify() if request.param == "fedify" else _bovine()
    with log.open("wb") as out:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield Peer(until(f"{request.param} serves", lambda: _origin(process, log), START_SECONDS), username)
    finally:
        process.kill()
        process.wait()
        print(log.read_text()[-4000:])


def _origin(process: subprocess.Popen[bytes], log: Path) -> str | None:
    assert process.poll() is None, log.read_text()
    found = _SERVES.search(log.read_text())
    return found[1] if found else None


def _fedify() -> tuple[Sequence[str], dict[str, str], str]:
    folder = HERE / "fedify"
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("Fedify needs Node.js and npm")
    command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    _install("Fedify", command, folder, folder / "node_modules" / ".package-lock.json")
    return ["node", str(folder / "server.mjs")], {}, "fedi"


def _bovine() -> tuple[Sequence[str], dict[str, str], str]:
    place = CACHE / BOVINE.replace("==", "-")
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(place), BOVINE]
    _install("bovine", command, HERE, place / "bovine")
    return [sys.executable, str(HERE / "bovine_server.py")], {"PYTHONPATH": str(place)}, "bovi"


def _install(name: str, command: Sequence[str], folder: Path, made: Path) -> None:
    """Have a package beside the project, once for all processes that run tests."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if made.exists():
            return
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            pytest.skip(f"{name} cannot be installed: {done.stderr.strip()[-200:]}")
