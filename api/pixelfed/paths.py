"""Where Pixelfed's calls are served: its apps ask for the same ones at different addresses, by their age."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from quart import Blueprint

View = TypeVar("View", bound=Callable[..., Any])

PREFIXES: Final = ("/api/v1.1", "/api/pixelfed/v1")


def served(blueprint: Blueprint, method: str, path: str) -> Callable[[View], View]:
    """Serve a view at `path` under both of Pixelfed's prefixes."""

    def register(view: View) -> View:
        for prefix in PREFIXES:
            blueprint.add_url_rule(f"{prefix}{path}", view_func=view, methods=[method])
        return view

    return register
