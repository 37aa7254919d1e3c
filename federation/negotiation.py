"""Who wants ActivityPub, and who a page: told from `Accept` (federation reference §4)."""

from __future__ import annotations

import functools

from federation.response_body import parse_media_type

_ACTIVITY = "application/activity+json"
_LD = "application/ld+json"


@functools.lru_cache(maxsize=1024)
def wants_activity(accept: str) -> bool:
    """Whether `Accept` names ActivityPub's types. `*/*` alone does not: that is what curl and link previews send."""
    return any(
        parse_media_type(part.strip())[0] in (_ACTIVITY, _LD) for part in accept[:1000].split(",") if "/" in part
    )


@functools.lru_cache(maxsize=1024)
def wants_page(accept: str) -> bool:
    """Whether a page is asked for and ActivityPub is not."""
    return not wants_activity(accept) and "text/html" in accept[:1000]
