"""The node that tests of the API call."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator

import pytest
from quart import Quart

import api.routes
import federation.wiring
from node.app import create_app
from node.runtime import Runtime
from node.settings import load_settings
from tests.api.client import Node


@functools.cache
def one_app() -> Quart:
    """The application, made once: it keeps nothing between requests, and making its routes takes longer than a test."""
    return create_app(load_settings())


@pytest.fixture
async def node(started: Runtime) -> AsyncIterator[Node]:
    """The whole application over an empty database; jobs run when the test says so (`builders.run_jobs`)."""
    disconnect = api.routes.connect()
    federation.wiring.forget_everything()
    yield Node(one_app(), started)
    disconnect()
