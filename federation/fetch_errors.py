"""What can go wrong when we ask another server for something.

    FetchError                 the request gave nothing usable; `url`, `reason`
    ├── Refused                our own guard forbade it: address, port, scheme, own host, redirect
    ├── Unreachable            DNS, connect, TLS, timeout, or an answer that is not HTTP
    ├── TooLarge               the body passed the cap, on the wire or after inflation
    ├── WrongType              a media type or content coding that was not asked for
    └── BadStatus              any status but 200; `status`, `retry_after` (seconds or None)

`Refused` and `WrongType` will not change by trying again; `Unreachable` may; for `BadStatus` the status tells.
"""

from __future__ import annotations


class FetchError(Exception):
    """A request to another server gave nothing usable."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class Refused(FetchError):
    """The guard forbade the request or one of its redirects; nothing was sent to the forbidden place."""


class Unreachable(FetchError):
    """No usable answer: name lookup, connection, TLS, timeout or broken HTTP."""


class TooLarge(FetchError):
    """The body is larger than allowed, before or after inflation."""


class WrongType(FetchError):
    """The answer's media type or content coding is not one that was asked for."""


class BadStatus(FetchError):
    """The server answered, but not with 200. `retry_after` is in seconds from now, when the server named one."""

    def __init__(self, url: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(url, f"answered {status}")
        self.status = status
        self.retry_after = retry_after
