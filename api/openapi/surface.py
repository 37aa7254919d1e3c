"""Which routes are the client API, and what is stated beside each: read from the application's own map."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from quart import Quart

from api.documentation import Access, Operation, access_of, operation_of

_PREFIXES: Final = ("/api/", "/oauth/", "/media/")
_EXACT: Final = frozenset(("/health", "/.well-known/oauth-authorization-server"))
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_PAGES: Final = frozenset((("POST", "/oauth/authorize"), ("GET", "/oauth/authorize/native")))
"""What only the browser of a person who is asked for consent calls."""
_VARIABLE: Final = re.compile(r"<(?:([a-z]+)(?:\([^)]*\))?:)?([a-z_]+)>")


@dataclass(frozen=True, slots=True)
class Call:
    """One method of one path. `variables` are the names in the path with their converters (`id`, `string`, `path`)."""

    method: str
    path: str
    variables: tuple[tuple[str, str], ...]
    blueprint: str
    view: Callable[..., Any]
    operation: Operation | None
    access: Access | None

    @property
    def operation_id(self) -> str:
        """A name that stays as long as the path does: `getApiV1AccountsByAccountIdStatuses`."""
        parts = re.split(r"[/.-]+", self.path.strip("/"))
        words = [f"By_{part[1:-1]}" if part.startswith("{") else part for part in parts]
        return self.method.lower() + "".join(_camel(word) for word in words)

    @property
    def description(self) -> tuple[str, str]:
        """The docstring of the view: its first line, and the rest."""
        summary, _, rest = (inspect.getdoc(self.view) or "").partition("\n")
        return summary.strip(), rest.strip()


def calls(app: Quart) -> list[Call]:
    """Every call of the client API, by path and then by method."""
    return sorted(_calls(app), key=lambda call: (call.path, METHODS.index(call.method)))


def is_client_api(path: str) -> bool:
    """Whether apps call this path; pages and what servers tell each other are not theirs."""
    return path.startswith(_PREFIXES) or path in _EXACT


def _calls(app: Quart) -> Iterator[Call]:
    for rule in app.url_map.iter_rules():
        if rule.websocket or not is_client_api(rule.rule):
            continue
        view = app.view_functions[rule.endpoint]
        variables = tuple((name, kind or "string") for kind, name in _VARIABLE.findall(rule.rule))
        for method in sorted((rule.methods or set()) & set(METHODS)):
            if (method, rule.rule) in _PAGES:
                continue
            yield Call(
                method,
                _VARIABLE.sub(r"{\2}", rule.rule),
                variables,
                rule.endpoint.partition(".")[0],
                view,
                operation_of(view),
                access_of(view),
            )


def _camel(word: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in word.split("_"))
