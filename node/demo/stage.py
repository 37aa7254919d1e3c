"""Where the story plays: two nodes, three people, what they have made so far, and the narrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from node.demo.person import Person
from node.demo.process import NodeProcess


class Stage:
    """Anna lives on the harbour node, Ben and Cleo (private) on the mountain node."""

    anna: Person
    ben: Person
    cleo: Person

    def __init__(
        self, harbour: NodeProcess, mountain: NodeProcess, photos: Iterator[tuple[str, bytes]], console: Console
    ) -> None:
        self.harbour = harbour
        self.mountain = mountain
        self._photos = photos
        self._console = console
        self.posts: dict[str, Any] = {}
        """Posts by a name of the story, as their authors' nodes show them."""
        self.seen: dict[str, Any] = {}
        """The same posts as they arrived on the other node."""

    def sent(self, words: str) -> None:
        """Tell what somebody did."""
        self._console.print(f"   [cyan]→[/] {escape(words)}", highlight=False)

    def shows(self, words: str) -> None:
        """Tell what the other node shows."""
        self._console.print(f"   [green]←[/] {escape(words)}", highlight=False)

    def photographs(self, author: Person, count: int, subject: str) -> list[str]:
        """Have `author` upload so many photographs; their media ids."""
        ids = []
        for number in range(1, count + 1):
            name, photo = next(self._photos)
            media = author.upload(photo, name, f"{subject}, picture {number} of {count}")
            size = media["meta"]["original"]["size"]
            self.sent(f"{author.username} uploads {name} ({len(photo) // 1024} kB), kept as {media['type']} {size}")
            ids.append(media["id"])
        return ids

    def arrived(self, name: str, reader: Person, statuses: Callable[[], list[Any]]) -> Any:
        """The post called `name` among `statuses` that `reader` can see by now; `None` while it is not."""
        uri = self.posts[name]["uri"]
        for status in statuses():
            if status["uri"] == uri:
                self.seen[name] = status
                return status
        return None


def ensure(condition: object, words: str) -> None:
    """The story only goes on if `condition` holds. Raises `Astray` with what should have been."""
    if not condition:
        raise Astray(words)


class Astray(Exception):
    """Something is not as the story tells it."""


def make_nodes(folder: Path) -> tuple[NodeProcess, NodeProcess]:
    """The two nodes, not started yet, with their data below `folder`."""

    def node(name: str) -> NodeProcess:
        return NodeProcess(
            folder / name.lower(),
            {"TITLE": name, "FEDERATION__ALLOW_PRIVATE_NETWORKS": "true", "LOG_LEVEL": "warning"},
        )

    return node("Harbour"), node("Mountain")
