"""A node whose federation room is open, on every database, and another server on loopback that it can talk to."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator

import pytest
from quart import Quart

from federation import wiring
from node.runtime import Runtime
from node.settings import Settings, load_settings
from tests.federation.node import Node
from tests.federation.peer import Peer, running_peer


@functools.cache
def one_app() -> Quart:
    """The application, made once: it keeps nothing between requests."""
    app = Quart("heliograph-tests")
    wiring.register_routes(app)
    return app


@pytest.fixture
def federation_options() -> dict[str, object]:
    """What a test module wants set otherwise."""
    return {}


@pytest.fixture
async def settings(settings: Settings, federation_options: dict[str, object]) -> Settings:
    """The usual settings, with loopback allowed unless a test wants the open internet."""
    options = {"allow_private_networks": True, **federation_options}
    return load_settings(
        data_dir=settings.data_dir,
        database_url=settings.database_url,
        base_url="http://here.example" if options["allow_private_networks"] else "https://here.example",
        federation=options,
    )


@pytest.fixture
async def node(settings: Settings, started: Runtime) -> AsyncIterator[Node]:
    """Our side: the real routes, services and database; work is done when the test says so."""
    async with wiring.connected(settings):
        yield Node(one_app(), settings)


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """Another server, with people of its own."""
    async with running_peer() as other:
        yield other


@pytest.fixture
async def stranger() -> AsyncIterator[Peer]:
    """A third server, on another host than `peer`."""
    async with running_peer() as other:
        yield other
