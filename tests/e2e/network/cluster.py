"""The nodes of the network: started side by side, killed, cut off, brought back."""

from __future__ import annotations

import re
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from node.demo.process import NeverHappened
from tests.e2e.network.gates import Gates
from tests.e2e.nodes import FOR_TESTS, NodeProcess, until
from tests.e2e.person import Member, newcomer

SETTINGS = {**FOR_TESTS, "JOB_WORKERS": "2", "LOG_LEVEL": "warning", "MEDIA__WORKERS": "1"}
STARTING_AT_ONCE = 4
SOON = 60.0
"""What is put off for longer (a parent that cannot be had is asked for again after minutes) is not waited for."""
_DUE = "state = 'running' OR state = 'waiting' AND run_at < ?"
_PUT_OFF = "failed = FALSE AND lease_until IS NULL AND next_attempt_at > ?"
_PORT = re.compile(r"listening on \S+ port (\d+)")


class NetworkNode(NodeProcess):
    """A node behind a door: its address stays, whatever port it listens on."""

    def __init__(self, number: int, folder: Path, gates: Gates) -> None:
        self.number = number
        self.door = gates.add(self._port)
        self.is_cut_off = False
        self._gates = gates
        self._address_of_door = f"http://localhost:{self.door}"
        super().__init__(folder, {**SETTINGS, "BASE_URL": self._address_of_door})

    @property
    def name(self) -> str:
        """How reports call it."""
        return f"node{self.number}"

    @property
    def _database(self) -> Path:
        return self.data_dir / "heliograph.db"

    def start(self) -> NetworkNode:
        """Start it, or start it again."""
        self.url = ""  # A port of its own behind the door.
        super().start()
        return self

    def cut_off(self) -> None:
        """Part it from the other nodes; its people still reach it."""
        self.is_cut_off = True
        self._gates.shut(self.door)

    def heal(self) -> None:
        """Join it to the others again."""
        self.is_cut_off = False
        self._gates.open(self.door)

    def read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of its database, as committed now."""
        with closing(sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(sql, values).fetchall()

    def waiting(self) -> int:
        """How much it still has to do: jobs due soon, and deliveries that are not given up."""
        [(jobs,)] = self.read(f"SELECT COUNT(*) FROM jobs WHERE {_DUE}", *_soon())
        [(deliveries,)] = self.read("SELECT COUNT(*) FROM deliveries WHERE failed = FALSE")
        return int(jobs) + int(deliveries)

    def unfinished(self) -> list[str]:
        """What keeps it from being quiet, in words."""
        jobs = self.read(f"SELECT kind, attempts, error, payload FROM jobs WHERE {_DUE}", *_soon())
        parcels = self.read("SELECT inbox_url, attempts, error, next_attempt_at FROM deliveries WHERE failed = FALSE")
        return [f"{self.name}: {row}"[:400] for row in (*jobs, *parcels)]

    def send_now(self) -> None:
        """Have what waits for others tried now and as if it were new, as after `heliograph delivery retry` for each host,
        which takes seconds to start. The running node sees it the next time it looks what is due."""
        if not self.read(f"SELECT 1 FROM deliveries WHERE {_PUT_OFF} LIMIT 1", *_soon(1.0)):
            return
        with closing(sqlite3.connect(self._database, timeout=30)) as connection, connection:
            connection.execute("UPDATE remote_hosts SET failures = 0, paused_until = NULL, failing_since = NULL")
            connection.execute(
                f"UPDATE deliveries SET attempts = 0, next_attempt_at = ? WHERE {_PUT_OFF}", (*_soon(0.0), *_soon(0.0))
            )

    def _port(self) -> int:
        return int(_PORT.findall(self.log)[-1])


@contextmanager
def running_network(
    folder: Path, template: Path, nodes: int, people: int
) -> Iterator[tuple[list[NetworkNode], list[Member]]]:
    """So many nodes, with `people` dealt out among them; each begins with a copy of an empty database."""
    with Gates() as gates:
        cluster = [NetworkNode(number, folder / f"node{number}", gates) for number in range(nodes)]
        members: list[Member] = []
        for node in cluster:
            node.data_dir.mkdir(parents=True)
            shutil.copyfile(template, node.data_dir / "heliograph.db")
        try:
            with ThreadPoolExecutor(STARTING_AT_ONCE) as pool:
                list(pool.map(NetworkNode.start, cluster))
                homes = [cluster[number % nodes] for number in range(people)]
                members = list(pool.map(newcomer, homes, [f"p{number}x" for number in range(people)]))
            yield cluster, members
        finally:
            for member in members:
                member.close()
            for node in cluster:
                node.kill()


def wait_for_quiet(nodes: Sequence[NetworkNode], patience: float) -> None:
    """Until no node has anything left to do, three times in a row. Nobody is away any more: no pause is waited out."""
    calm: list[bool] = []

    def is_quiet() -> bool:
        for node in nodes:
            node.send_now()
        calm.append(all(node.waiting() == 0 for node in nodes))
        return calm[-3:] == [True] * 3

    try:
        until("the network is quiet", is_quiet, patience)
    except NeverHappened as error:
        raise NeverHappened("\n".join([str(error), *(line for node in nodes for line in node.unfinished())])) from None


def _soon(seconds: float = SOON) -> tuple[int]:
    return (int((time.time() + seconds) * 1000),)
