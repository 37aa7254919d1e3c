"""A bound on how fast hosts never heard of may bring actors: a domain with a wildcard in its DNS has endless subdomains."""

from __future__ import annotations

from federation.resolve_errors import TryLater
from node import clock
from node.cache import BoundedCache
from node.runtime import runtime

HOSTS_IN_WINDOW = 10
WINDOW_SECONDS = 300.0
_SHARED_SECOND_LEVELS = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "ne", "net", "nom", "or", "org"})
"""Under two-letter top levels everybody's domains lie below these: `example.co.uk`."""

_windows: BoundedCache[str, dict[str, float]] = BoundedCache(10_000)


def admit(host: str) -> None:
    """Let an unknown actor of `host` in. Raises `TryLater` when too many hosts of its domain were new just now."""
    domain = registrable(host)
    if domain == host or runtime().settings.federation.allow_private_networks:
        return
    now = clock.timestamp()
    recent = {name: at for name, at in (_windows.get(domain) or {}).items() if now - at < WINDOW_SECONDS}
    if host not in recent and len(recent) >= HOSTS_IN_WINDOW:
        raise TryLater(host, "too many new hosts of one domain", WINDOW_SECONDS)
    recent.setdefault(host, now)
    _windows.put(domain, recent)


def registrable(host: str) -> str:
    """The domain somebody registered, about: the last two labels, or three below the likes of `co.uk`."""
    labels = host.partition(":")[0].split(".")
    count = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED_SECOND_LEVELS else 2
    return ".".join(labels[-count:])


def forget_everything() -> None:
    """Empty the memory of this process."""
    _windows.clear()
