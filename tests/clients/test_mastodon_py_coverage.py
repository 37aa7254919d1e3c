"""Every call that Mastodon.py offers is made by a test here, or is named below with the reason why not."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import httpx
from mastodon import Mastodon

from tests.clients.mastodon_py import App

NOT_SERVED = {
    "follows": "an older server's way to follow by handle",
    "reports": "older servers listed the caller's reports",
    "search_v1": "the first version of the search, gone from Mastodon as well",
    "status_card": "the card is part of the status",
}
"""Calls this server has no answer for; asked nothing, it says 404."""

NEEDS_NO_SERVER = {
    "clear_caches": "forgets what the library keeps",
    "decode_blurhash": "draws a picture",
    "get_status_length": "counts letters",
    "get_supported_version": "names the library's own version",
    "push_subscription_decrypt_push": "reads what a push service brought",
    "push_subscription_generate_keys": "makes keys",
    "set_language": "sets the language of later calls",
}

LEFT_TO_OTHERS = {
    "oauth_userinfo": "the library makes this call over TLS alone",
    "stream_open_websocket": "the library needs another package for it; `tests/api/test_streaming.py` opens one",
}
"""Calls that nothing here makes, and why."""

_ROUTE = re.compile(r"""['"](/(?:api|oauth)/[^'"]+)['"]""")
_TESTS = Path(__file__).parent


def test_every_call_is_made_or_accounted_for() -> None:
    offered = {name for name, _ in inspect.getmembers(Mastodon, inspect.isfunction) if not name.startswith("_")}
    left_out = NOT_SERVED.keys() | NEEDS_NO_SERVER.keys() | LEFT_TO_OTHERS.keys()
    called = _called_in_tests()
    assert sorted(offered - called - left_out) == []
    assert sorted(left_out - offered) == [], "the library has no such calls"
    assert sorted(left_out & called) == [], "tests call what is said to be left out"


def test_what_is_said_not_to_be_served_is_not(anna: App) -> None:
    routes = {name: _routes_of(name) for name in NOT_SERVED}
    answered = {
        f"{name}: {route}"
        for name, found in routes.items()
        for route in found
        if httpx.get(f"{anna.person.node.url}{route}").status_code not in (404, 405)
    }
    assert answered == set()


def _called_in_tests() -> set[str]:
    """The names of every attribute that tests read from Mastodon.py."""
    return {
        node.attr
        for path in _TESTS.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and _is_the_library(node.value)
    } | {"auth_request_url", "create_app", "log_in", "media_post"}


def _is_the_library(value: ast.expr) -> bool:
    return (isinstance(value, ast.Attribute) and value.attr == "api") or (
        isinstance(value, ast.Name) and value.id in ("api", "Mastodon", "revoked")
    )


def _routes_of(name: str) -> list[str]:
    """The paths a call asks for, with some number in the place of each id."""
    source = inspect.getsource(inspect.unwrap(getattr(Mastodon, name)))
    return [re.sub(r"\{[^}]*\}", "1", route) for route in _ROUTE.findall(source)]
