"""A node of its own for each measurement: seeded, started, stopped, weighed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.seed import Plan, Seeded


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(slots=True)
class Node:
    """A running node: where it is, what is in it, its process."""

    base_url: str
    seeded: Seeded
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; returns the seconds until its first answer."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "node.cli", "serve"],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while time.perf_counter() - began < 30:
            with contextlib.suppress(OSError, urllib.error.URLError):
                urllib.request.urlopen(f"{self.base_url}/health", timeout=1).read()
                return time.perf_counter() - began
            time.sleep(0.01)
        raise TimeoutError("the node did not answer")

    def stop(self) -> None:
        """Stop it and wait."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.process = None

    def memory_mb(self) -> float:
        """Resident memory of the node's processes together."""
        assert self.process is not None
        pids = [self.process.pid, *_children(self.process.pid)]
        return sum(_resident_kb(pid) for pid in pids) / 1024

    def query(self, sql: str) -> Any:
        """The first value of a statement, asked of the database behind the node's back."""
        url = self.environment.get("HELIOGRAPH_DATABASE_URL", "")
        if url.startswith("postgres"):
            return json.loads(subprocess.check_output(["psql", url, "-Atc", sql], text=True) or "null")
        import sqlite3

        path = Path(self.environment["HELIOGRAPH_DATA_DIR"]) / "heliograph.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(sql).fetchone()[0]


def _children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            fields = status.read_text().rsplit(")", 1)[1].split()
            if int(fields[1]) == pid:
                found.append(int(status.parent.name))
    return found + [grandchild for child in found for grandchild in _children(child)]


def _resident_kb(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    return 0


@contextlib.contextmanager
def node(plan: Plan, *, database_url: str = "", start: bool = True) -> Iterator[Node]:
    """A seeded node in a temporary folder, started unless told otherwise."""
    with tempfile.TemporaryDirectory(prefix="heliograph-bench-") as folder:
        port = free_port()
        base_url = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "HELIOGRAPH_BASE_URL": base_url,
            "HELIOGRAPH_PORT": str(port),
            "HELIOGRAPH_DATA_DIR": folder,
            "HELIOGRAPH_DATABASE_URL": database_url,
            "HELIOGRAPH_RATE_LIMITS": "false",
            "HELIOGRAPH_LOG_LEVEL": "error",
            "HELIOGRAPH_FEDERATION__ALLOW_PRIVATE_NETWORKS": "true",
        }
        output = subprocess.check_output(
            [sys.executable, "-m", "benchmarks.seed", json.dumps(asdict(plan))], env=environment
        )
        running = Node(base_url, Seeded(**json.loads(output.splitlines()[-1])), environment)
        try:
            if start:
                running.start()
            yield running
        finally:
            running.stop()
