"""Starting processes that serve: HTTP, background workers, or both in one.

Granian serves inside the event loop that also runs the workers, so that the smallest node is one process with one
database connection pool, one cache and no words between processes.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import resource
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvloop

from node.settings import Settings, load_settings

if TYPE_CHECKING:
    from granian.server.embed import Server

BACKLOG = 1024
CONNECTIONS = 8192
"""Requests, streams and idle connections one process holds; more wait in the backlog."""
HEADER_SECONDS = 15
HEADER_BYTES = 64 * 1024
DEAD_SECONDS = 120
"""A connection whose other end has not been heard of, or has taken nothing of what waits for it, for so long is closed."""
WITH_BODY = frozenset(("POST", "PUT", "PATCH", "DELETE"))
REST_SECONDS = 10.0
"""How long an answer waits for the rest of its request."""
FINISH_SECONDS = 10.0
"""How long requests under way may still take when the process is asked to stop."""

FIRST_ADMIN = "keeper"

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


class CannotStart(Exception):
    """The process cannot begin its work; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Role:
    """What a process does: answer requests, work in the background, or both."""

    http: bool
    work: bool


def run(role: Role, **overrides: object) -> None:
    """Be a node process until SIGTERM or SIGINT; `overrides` are settings from the command line.

    Raises `SettingsError` or `CannotStart` before anything is served.
    """
    gc.disable()
    settings = load_settings(**overrides)
    listening = None
    if role.http:
        listening = _bind(settings.host, settings.port)
        if settings.port == 0:
            settings = load_settings(**{**overrides, "port": listening.getsockname()[1]})
    _allow_many_files()
    with _only_worker(settings) if role.work else contextlib.nullcontext():
        uvloop.run(_run(role, settings, listening))


async def _run(role: Role, settings: Settings, listening: socket.socket | None) -> None:
    from node import app
    from node.logging import configure_logging

    configure_logging(settings)
    stopping = _stop_signal()
    await _migrate(settings)
    async with app.running(settings, work=role.work):
        if role.http and not stopping.is_set():
            await _welcome_first_admin(settings)
            assert listening is not None
            await _serve(_Requests(app.create_app(settings)), listening, settings, stopping)
        else:
            _leave_what_is_loaded_alone()
            _say(f"Heliograph works for {settings.base_url}")
            await stopping.wait()
        _say("Heliograph is stopping")


async def _migrate(settings: Settings) -> None:
    """Bring the tables up to date, in a process of its own: what that takes (some 80 MB) is then given back."""
    from node import db

    await db.open_database(settings)
    try:
        pending = await db.pending_migrations()
    finally:
        await db.close_database()
    if not pending:
        return
    _say(f"Preparing the database ({', '.join(pending)})")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node.cli", "migrate", stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    if await child.wait() != 0:
        raise CannotStart("the database could not be brought up to date; the reason stands above")


async def _serve(requests: _Requests, listening: socket.socket, settings: Settings, stopping: asyncio.Event) -> None:
    from node import app

    address = listening.getsockname()
    server = _server(requests, listening, settings)
    serving = asyncio.create_task(server.serve(), name="http")
    _leave_what_is_loaded_alone()
    _say(f"Heliograph serves {settings.base_url} (listening on {address[0]} port {address[1]})")
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if serving.done():
        serving.result()
        raise CannotStart("the HTTP server ended by itself")
    server.stop()  # type: ignore[no-untyped-call]
    app.end_streams()
    await asyncio.wait({serving}, timeout=FINISH_SECONDS)
    requests.end()
    await serving


def _server(requests: _Requests, listening: socket.socket, settings: Settings) -> Server:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.net import SocketHolder  # type: ignore[attr-defined]
    from granian.server.embed import Server

    class OwnSocketServer(Server):
        """Granian's own sockets share their port with whoever else asks (SO_REUSEPORT): a second node would start
        without a word. It also cannot tell which port 0 became."""

        def _init_shared_socket(self) -> None:
            listening.listen(BACKLOG)
            self._shd: Any = SocketHolder(listening.detach(), False, BACKLOG)  # type: ignore[call-arg]

    verbose = settings.log_level == "debug"
    return OwnSocketServer(
        requests,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        websockets=True,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_SECONDS * 1000, keep_alive=True, max_buffer_size=HEADER_BYTES
        ),
        log_enabled=verbose,
        log_access=verbose,
    )


class _Requests:
    """The application, remembering which requests are under way: streams never end by themselves."""

    def __init__(self, app: Asgi) -> None:
        self._app = app
        self._under_way: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        if scope["type"] == "http" and scope["method"] in WITH_BODY:
            request = _WholeRequest(receive, send)
            receive, send = request.receive, request.send
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way.discard(task)

    def end(self) -> None:
        """Break off what is still under way."""
        for task in self._under_way:
            task.cancel()


class _WholeRequest:
    """A request that is not answered before its body has come: the connection closes behind an early answer, and whoever
    is still sending then (a refused upload) sees a broken connection instead of the answer.

    The framework takes in what comes, and throws away what is too much, as long as the answer waits.
    """

    def __init__(self, receive: Any, send: Any) -> None:
        self._receive, self._send = receive, send
        self._has_come = asyncio.Event()

    async def receive(self) -> Any:
        message = await self._receive()
        if not message.get("more_body", False):
            self._has_come.set()
        return message

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start" and not self._has_come.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._has_come.wait(), REST_SECONDS)
        await self._send(message)


def _leave_what_is_loaded_alone() -> None:
    """Modules and classes stay for good: collecting garbage while they load, and looking at them ever after, is time
    taken from the first answer and from the slowest ones."""
    gc.collect()
    gc.freeze()
    gc.enable()


def _stop_signal() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; the second one kills as usual."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopping.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopping


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _notice_the_dead(listening)
        listening.bind(address)
    except OSError as error:
        raise CannotStart(
            f"cannot listen on {host} port {port}: {error.strerror}. Is another node running there?"
            " Choose another port with --port or HELIOGRAPH_PORT."
        ) from None
    listening.setblocking(False)
    return listening


def _notice_the_dead(listening: socket.socket) -> None:
    """Connections take these from the socket they came by: a stream whose other end vanished, or takes nothing any
    more, would else stay for hours. Linux calls them so; elsewhere the system's own terms hold."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", DEAD_SECONDS // 2),
        ("TCP_KEEPINTVL", DEAD_SECONDS // 8),
        ("TCP_KEEPCNT", 4),
        ("TCP_USER_TIMEOUT", DEAD_SECONDS * 1000),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            listening.setsockopt(socket.IPPROTO_TCP, option, value)


@contextlib.contextmanager
def _only_worker(settings: Settings) -> Iterator[None]:
    """On SQLite at most one process works in the background: at its start it takes up what a dead one left."""
    if not settings.is_sqlite:
        yield
        return
    from node.db import sqlite_path

    path = sqlite_path(settings).with_suffix(".worker")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"another process already works on {settings.database}") from None
        yield


def _allow_many_files() -> None:
    """Every connection is an open file: take as many as the system lets us have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


async def _welcome_first_admin(settings: Settings) -> None:
    """A new node gets an admin; the link is the only way in and is shown this once."""
    from node import db
    from node.models.accounts import User
    from node.services import sign_up

    async with db.alone(settings):
        if await User.exists(role="admin"):
            return
        _, link = await sign_up.create_admin(FIRST_ADMIN, None)
    _say(
        f"This node is new. Its admin is @{FIRST_ADMIN}. This link signs in once, within a day; choose a password then:"
        f"\n\n    {link}\n"
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
