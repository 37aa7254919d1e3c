"""Starting, stopping and killing a node's process."""

from __future__ import annotations

import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from node.demo.person import Person
from node.demo.process import NodeFailed
from node.serve import FINISH_SECONDS
from tests.e2e.nodes import FOR_TESTS, NodeProcess, new_database, running_node, until


@pytest.fixture(scope="module")
def one_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with running_node(tmp_path_factory.mktemp("node")) as node:
        yield node


@pytest.fixture
def node(one_node: NodeProcess) -> NodeProcess:
    """A running node; the test before may have stopped it."""
    return one_node if one_node.is_running else one_node.start()


def test_a_new_node_makes_its_tables_and_shows_its_first_admin_a_way_in_once(
    tmp_path: Path, database_kind: str
) -> None:
    with new_database(database_kind) as where:
        node = NodeProcess(tmp_path / "data", {**FOR_TESTS, **where})
        try:
            node.start()
            assert httpx.get(f"{node.url}/health").text == "OK"
            links = re.findall(r"http://localhost:\d+/sign-in/link/\S+", node.log)
            assert len(links) == 1
            assert links[0].startswith(node.url)
            assert httpx.get(links[0]).status_code == 200
            anna = Person(node, "anna")
            anna.sign_up()
            posts = [anna.publish(f"Post {number}")["id"] for number in range(5)]
            before = len(node.log)
            node.kill()
            node.start()
            assert "sign-in/link" not in node.log[before:]
            assert all(anna.sees(post) for post in posts), "what was acknowledged is there after a kill"
            anna.close()
        finally:
            node.kill()


def test_sigterm_and_ctrl_c_stop_a_node_cleanly(node: NodeProcess) -> None:
    assert node.stop() == 0
    assert "Traceback" not in node.log
    node.start()
    assert node._process is not None
    node._process.send_signal(signal.SIGINT)
    assert node._process.wait(20) == 0
    assert "Traceback" not in node.log


def test_a_request_under_way_is_finished_before_the_node_stops(node: NodeProcess) -> None:
    person = Person(node, "anna")
    answers: list[int] = []
    body = b"client_name=slow&redirect_uris=urn:ietf:wg:oauth:2.0:oob"
    with socket.create_connection(("127.0.0.1", int(node.url.rpartition(":")[2])), timeout=20) as connection:
        head = (
            "POST /api/v1/apps HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall(head.encode() + body[:10])
        time.sleep(0.2)  # The node must have begun to read; nothing outside shows when it has.
        stopping = threading.Thread(target=lambda: answers.append(node.stop()))
        stopping.start()
        connection.sendall(body[10:])
        answer = connection.recv(65536)
        stopping.join()
    assert answer.startswith(b"HTTP/1.1 200")
    assert answers == [0]
    person.close()


def test_an_idle_connection_does_not_hold_a_stopping_node(node: NodeProcess) -> None:
    with httpx.Client(base_url=node.url) as client:
        assert client.get("/health").status_code == 200
        begun = time.monotonic()
        assert node.stop() == 0
        assert time.monotonic() - begun < FINISH_SECONDS - 1


def test_a_port_in_use_is_refused_with_a_hint(node: NodeProcess, tmp_path: Path) -> None:
    second = NodeProcess(tmp_path / "two")
    second.url = node.url
    with pytest.raises(NodeFailed, match="Choose another port"):
        second.start()


def test_two_workers_on_one_sqlite_database_are_refused(node: NodeProcess) -> None:
    second = NodeProcess(node.data_dir, role="worker")
    with pytest.raises(NodeFailed, match="another process already works"):
        second.start()


def test_web_and_worker_share_the_work_of_one_node(tmp_path: Path, database_kind: str) -> None:
    with new_database(database_kind) as where:
        web = NodeProcess(tmp_path / "data", {**FOR_TESTS, **where}, role="web")
        worker = NodeProcess(tmp_path / "data", {**FOR_TESTS, **where}, role="worker")
        try:
            web.start()
            worker.start()
            anna = Person(web, "anna")
            anna.sign_up()  # The letter with the code is a job: without the worker it would never be written.
            assert anna.get("/api/v1/accounts/verify_credentials")["username"] == "anna"
            assert (web.stop(), worker.stop()) == (0, 0)
            anna.close()
        finally:
            web.kill()
            worker.kill()


def test_a_command_changes_a_running_node(node: NodeProcess) -> None:
    anna = Person(node, "anna")
    anna.sign_up()
    node.command("user", "disable", "anna")
    until("anna is shut out", lambda: _status(node, anna) in (401, 403))
    anna.close()


def _status(node: NodeProcess, person: Person) -> int:
    return person._client.get("/api/v1/accounts/verify_credentials").status_code


def test_the_doctor_finds_a_running_node_well(node: NodeProcess) -> None:
    report = node.command("doctor")
    assert f"answers at {node.url}" in report.replace("\n", " ")
    assert "the node finds itself" in report
    assert "BROKEN" not in report
