"""A node as a process of its own on this machine, with its own data: for the demo and for end-to-end tests."""

from __future__ import annotations

import email
import email.policy
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

import httpx

PROJECT = Path(__file__).resolve().parents[2]
START_SECONDS = 120.0
STOP_SECONDS = 30.0
PATIENCE = 60.0
"""How long a node may take to show what another has done, in seconds."""
PAUSE = 0.05
LOG_TAIL = 4000

Result = TypeVar("Result")

_SERVES = re.compile(r"^Heliograph (?:serves|works for) (\S+)", re.MULTILINE)


class NodeFailed(Exception):
    """A node did not start, or not stop; the message ends with its last words."""


class NeverHappened(Exception):
    """A condition did not come true in time."""


def until(what: str, look: Callable[[], Result | None], patience: float = PATIENCE) -> Result:
    """The first thing `look` returns that is neither `None` nor `False`. Raises `NeverHappened` with `what`."""
    deadline = time.monotonic() + patience
    while True:
        found = look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise NeverHappened(f"{what}: still not so after {patience:.0f} seconds")
        time.sleep(PAUSE)


class NodeProcess:
    """One `heliograph` process. `settings` are environment variables without their prefix (`MEDIA__WORKERS`)."""

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, *, role: str = "serve") -> None:
        self.data_dir = data_dir
        self.role = role
        self.url = ""
        self._settings = dict(settings or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data_dir / f"{role}.log"

    @property
    def domain(self) -> str:
        """What stands behind the @ of this node's handles."""
        return self.url.partition("://")[2]

    @property
    def log(self) -> str:
        """Everything the process has printed, over all its starts."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def pid(self) -> int:
        """The number of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> NodeProcess:
        """Start the process, on the port it had before if it had one, and wait until it answers."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        said_before = len(self.log)
        port = [] if self.role == "worker" else ["--port", self.url.rpartition(":")[2] if self.url else "0"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [sys.executable, "-m", "node.cli", self.role, *port],
                cwd=self.data_dir,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self.url = until("the start of the node", lambda: self._address(said_before), START_SECONDS)
            if self.role != "worker":
                until("the node's first answer", self._answers, START_SECONDS)
        except NeverHappened as error:
            self.kill()
            raise NodeFailed(f"{error}\n{self.log[-LOG_TAIL:]}") from None
        return self

    def stop(self) -> int:
        """Ask the process to end, wait until it has, and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NodeFailed(f"the node did not stop\n{self.log[-LOG_TAIL:]}") from None

    def kill(self) -> None:
        """End the process at once (SIGKILL), as a crash or a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the process if it is still there, gently if possible."""
        if self.is_running:
            self.stop()

    def command(self, *arguments: str) -> str:
        """Run `heliograph <arguments>` against this node's data and return what it prints. Raises `NodeFailed`."""
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "node.cli", *arguments],
            cwd=self.data_dir,
            env={**self._environment(), "HELIOGRAPH_BASE_URL": self.url},
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        )
        if done.returncode != 0:
            raise NodeFailed(
                f"heliograph {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}"
            )
        return done.stdout

    def letters_to(self, address: str) -> list[str]:
        """The texts of the letters this node wrote to `address`, oldest first."""
        found = []
        for path in sorted((self.data_dir / "outbox").glob("[!.]*.eml")):
            letter = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=email.policy.default)
            body = letter.get_body(("plain",))
            if address in str(letter["To"]) and body is not None:
                found.append(str(body.get_content()))
        return found

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HELIOGRAPH_")}
        path = os.pathsep.join(part for part in (str(PROJECT), inherited.get("PYTHONPATH", "")) if part)
        chosen = {f"HELIOGRAPH_{name}": value for name, value in self._settings.items()}
        return {**inherited, "PYTHONPATH": path, "HELIOGRAPH_DATA_DIR": str(self.data_dir), **chosen}

    def _address(self, said_before: int) -> str | None:
        if not self.is_running:
            raise NodeFailed(f"the node ended as it started\n{self.log[-LOG_TAIL:]}")
        found = _SERVES.search(self.log, said_before)
        return found.group(1) if found else None

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False
