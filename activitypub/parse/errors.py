"""The one error parsing raises."""

from __future__ import annotations


class ParseError(ValueError):
    """A document was refused. ``path`` names the property (``publicKey.owner``; empty for the whole), ``reason`` says why.

    Both are made of our own words and property names, so they are safe to log and to send back.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason
