"""Asking the host in front of the stored files to forget some of them."""

from __future__ import annotations

from typing import Any, Final

from federation import fetching
from federation.fetch_errors import BadStatus, FetchError
from node import urls

METHOD: Final = "PURGE"
_NOT_KEPT: Final = frozenset((404, 410))


async def forget(payload: dict[str, Any]) -> None:
    """The job; what it did already it may do again. Raises `FetchError` when the host does not do it, to be tried later."""
    refusal: FetchError | None = None
    for key in payload["keys"]:
        url = urls.media(key)
        try:
            answer = await fetching.client().send(METHOD, url, b"", {})
        except FetchError as error:
            refusal = error
            continue
        if answer.status >= 300 and answer.status not in _NOT_KEPT:
            refusal = BadStatus(url, answer.status)
    if refusal is not None:
        raise refusal
