"""The parts a running process has: settings, bus, media storage, outgoing HTTP … put there once by `node/app.py`.

Services reach them through `runtime()`; nothing else in the project is global.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media.pool import MediaPool
    from media.storage import Storage
    from node.bus import Bus
    from node.mail import Mailer
    from node.rate_limits import RateLimiter
    from node.settings import Settings


@dataclass(frozen=True, slots=True)
class Runtime:
    """What this process works with."""

    settings: Settings
    secret_key: bytes
    bus: Bus
    rate_limits: RateLimiter
    mailer: Mailer
    storage: Storage
    media_pool: MediaPool
    film_pool: MediaPool
    """Looks at films, apart from `media_pool`, so that no photograph waits for one."""
    spare_pool: MediaPool
    """Works on pictures when nobody waits for it, behind everything else."""
    vapid_public_key: str = ""
    """What browsers are told of the key that signs pushes."""


_runtime: Runtime | None = None


def runtime() -> Runtime:
    """The parts of this process. Raises `RuntimeError` before `start` and after `stop`."""
    if _runtime is None:
        raise RuntimeError("the node is not running in this process")
    return _runtime


def start(parts: Runtime) -> None:
    """Make `parts` the ones of this process."""
    global _runtime
    _runtime = parts


def stop() -> None:
    """Forget them."""
    global _runtime
    _runtime = None
