"""Why something of another server could not be had, in the two kinds a job must tell apart.

ResolveError
├── Unresolvable    trying again is pointless: a bad document, a refusal, our own policy
│   ├── NoDocument  there is something else: a web page, a picture
│   └── Gone        its origin says it is not (or no longer) there
└── TryLater        its host is down or busy; `retry_after` in seconds when it said so
"""

from __future__ import annotations

from federation.fetch_errors import BadStatus, FetchError, Unreachable, WrongType

_PASSING = frozenset({408, 425, 429})


class ResolveError(Exception):
    """Something of another server could not be had; `uri` and `reason` are fit for the log."""

    def __init__(self, uri: str, reason: str) -> None:
        super().__init__(f"{uri}: {reason}")
        self.uri = uri
        self.reason = reason


class Unresolvable(ResolveError):
    """It will not be had by trying again."""


class NoDocument(Unresolvable):
    """There is something, but no ActivityPub document: a web page, perhaps."""


class Gone(Unresolvable):
    """Its origin answered 404 or 410, or a Tombstone. `deleted` tells 410 and Tombstone from 404."""

    def __init__(self, uri: str, reason: str, *, deleted: bool) -> None:
        super().__init__(uri, reason)
        self.deleted = deleted


class TryLater(ResolveError):
    """Its host cannot answer for the moment."""

    def __init__(self, uri: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(uri, reason)
        self.retry_after = retry_after


def resolve_error(uri: str, error: FetchError) -> ResolveError:
    """What a failed request for `uri` means for those who wanted it."""
    if isinstance(error, Unreachable):
        return TryLater(uri, error.reason)
    if isinstance(error, WrongType) or (isinstance(error, BadStatus) and error.status == 406):
        return NoDocument(uri, error.reason)
    if not isinstance(error, BadStatus):
        return Unresolvable(uri, error.reason)
    if error.status in (404, 410):
        return Gone(uri, error.reason, deleted=error.status == 410)
    if error.status in _PASSING or error.status >= 500:
        return TryLater(uri, error.reason, error.retry_after)
    return Unresolvable(uri, error.reason)
