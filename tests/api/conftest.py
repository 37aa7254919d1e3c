"""The node that tests of the API call."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

import api.routes
import federation.wiring
from node.app import create_app
from node.runtime import Runtime
from tests.api.client import Node


@pytest.fixture
async def node(started: Runtime) -> AsyncIterator[Node]:
    """The whole application over an empty database; jobs run when the test says so (`builders.run_jobs`)."""
    app = create_app(started.settings)
    disconnect = api.routes.connect()
    federation.wiring.forget_everything()
    yield Node(app, started)
    disconnect()
