"""An example as HTML: indented JSON in which what is another entity is a link to it instead of being shown again."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from markupsafe import Markup, escape

from api.openapi.schemas import REFERENCE, Schema

_MANY_FIELDS: Final = 6
"""Entities up to this size are shown where they stand."""

_ATOM: Final = Markup('<span class="{}">{}</span>')
_KEY: Final = Markup('<span class="k">{}</span>: {}')
_LINK: Final = Markup('{{ <a href="/api/docs/entities#{0}">{0}</a> }}')


def pretty(value: Any, schema: Schema, components: dict[str, Schema]) -> Markup:
    """`value` as indented JSON."""
    return _Writer(components).write(value, schema, 0, at_top=True)


class _Writer:
    def __init__(self, components: dict[str, Schema]) -> None:
        self._components = components

    def write(self, value: Any, schema: Schema, depth: int, *, at_top: bool = False) -> Markup:
        name, known = self._resolved(schema)
        if isinstance(value, dict) and value:
            if name and not at_top and len(known.get("properties", ())) > _MANY_FIELDS:
                return _LINK.format(name)
            inner = known.get("properties", {})
            rest = known.get("additionalProperties")
            other = rest if isinstance(rest, dict) else {}
            lines = [
                _KEY.format(_json(key), self.write(item, inner.get(key, other), depth + 1))
                for key, item in value.items()
            ]
            return _block("{", lines, "}", depth)
        if isinstance(value, list) and value:
            items = known.get("items", {})
            lines = [self.write(item, items, depth + 1, at_top=at_top) for item in value]
            if all(not isinstance(item, dict | list) for item in value) or (len(lines) == 1 and "\n" not in lines[0]):
                return Markup("[") + Markup(", ").join(lines) + Markup("]")
            return _block("[", lines, "]", depth)
        kind = "s" if isinstance(value, str) else "n"
        return _ATOM.format(kind, _json(value))

    def _resolved(self, schema: Schema) -> tuple[str, Schema]:
        """The name and the schema behind a reference, past `null`."""
        if "anyOf" in schema:
            options = [option for option in schema["anyOf"] if option.get("type") != "null"]
            return self._resolved(options[0]) if options else ("", {})
        reference = schema.get("$ref")
        if reference is None:
            return "", schema
        name = str(reference).removeprefix(REFERENCE)
        return name, self._components.get(name, {})


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _block(opening: str, lines: list[Markup], closing: str, depth: int) -> Markup:
    margin = "  " * (depth + 1)
    body = Markup(",\n").join(escape(margin) + line for line in lines)
    return Markup("{}\n{}\n{}{}").format(opening, body, "  " * depth, closing)
