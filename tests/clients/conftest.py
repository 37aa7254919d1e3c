"""The nodes that clients call, and the people who hold them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.javascript import Troupe
from tests.clients.mastodon_py import SCOPES, App
from tests.e2e.nodes import NodeProcess, running_node
from tests.e2e.person import Member, newcomer

ANNOUNCED = "The darkroom is closed on Sunday"
RULE = "Rinse the trays"
TRENDING = {"TRENDS__THRESHOLD": "2"}


@pytest.fixture(scope="session")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A running node with an announcement and a rule."""
    with running_node(tmp_path_factory.mktemp("here") / "node", settings=TRENDING) as node:
        node.command("announcement", "publish", ANNOUNCED)
        node.command("rule", "add", RULE)
        yield node


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """Another running node."""
    with running_node(tmp_path_factory.mktemp("elsewhere") / "node") as node:
        yield node


@pytest.fixture(scope="session")
def anna(here: NodeProcess) -> App:
    """Somebody with the app."""
    return App(newcomer(here, "anna"))


@pytest.fixture(scope="session")
def cleo(here: NodeProcess) -> App:
    """Anna's neighbour, whose app has an address of its own."""
    return App(newcomer(here, "cleo"), redirect="http://localhost/signed-in")


@pytest.fixture(scope="session")
def keeper(here: NodeProcess) -> Member:
    """Somebody who looks after the node."""
    person = newcomer(here, "ada")
    here.command("user", "role", person.username, "admin")
    return person


@pytest.fixture(scope="session")
def admin(keeper: Member) -> App:
    """The keeper with an app that may look after the node too."""
    return App(keeper, scopes=(*SCOPES, "admin:read", "admin:write"))


@pytest.fixture(scope="module")
def troupe(keeper: Member, elsewhere: NodeProcess) -> Troupe:
    """The people of a trial in JavaScript."""
    return Troupe(keeper, elsewhere, ANNOUNCED)


@pytest.fixture
def newcomer_app(here: NodeProcess) -> App:
    """Somebody whom no other test knows."""
    return App(newcomer(here, "nova"))
