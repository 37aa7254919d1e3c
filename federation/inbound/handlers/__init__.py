"""One small file for each kind of activity, found by (activity type, object type).

A handler decides whether the sender may say this and calls a service; it holds no rules of its own and bears being
called twice. It fetches before it writes: what it needs from other servers it gets through `federation.resolve`, which
inside a group's transaction steps aside (`NeedsNetwork`).
"""

from __future__ import annotations

from federation.inbound.handlers import (  # noqa: F401 - each registers itself
    accept,
    announce,
    block,
    create,
    delete,
    feature,
    featured,
    flag,
    follow,
    group,
    like,
    move,
    quote,
    reject,
    undo,
    update,
)
from federation.inbound.handlers.registry import Received, handler_for, handles

__all__ = ["Received", "handler_for", "handles"]
