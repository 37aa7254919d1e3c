"""Numbers in paths of ids: no more digits than a database can be asked for."""

from __future__ import annotations

from typing import Final

from werkzeug.routing import BaseConverter

NAME: Final = "number"
"""How routes call it: `<number:post_id>`."""


class NumberConverter(BaseConverter):
    """A signed 64-bit number; anything else is no such thing (404)."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)
