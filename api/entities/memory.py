"""What is kept ready in this process: nothing of it is older than the versions a page asks for."""

from __future__ import annotations

from collections.abc import Callable

from api.entities import account, filtered, status
from node.queries import hashtags, instance
from node.services import presence, site, suggestions


def watch() -> Callable[[], None]:
    """Begin with empty memories; what is returned empties them again."""
    forget_all()
    return forget_all


def forget_all() -> None:
    """Forget everything that is kept ready."""
    for memory in (account, filtered, hashtags, instance, presence, site, status, suggestions):
        memory.forget_all()
