"""Documents as ready bytes: what is asked for often and is the same for everybody.

Kept for a minute, dropped at once (in every process, over the bus) when what they show changes. Only what an unsigned
request may see ever gets in; with authorized fetch nothing does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from federation.negotiation import wants_activity
from node import events, urls
from node.cache import BoundedCache
from node.events import (
    AccountDeleted,
    AccountUpdated,
    KeysReplaced,
    PollTallied,
    PostDeleted,
    PostEdited,
    QuoteAnswered,
)
from node.runtime import runtime

MAX_DOCUMENTS = 2_000
MAX_LARGEST = 64 * 1024
MAX_AGE = 60.0

_documents: BoundedCache[str, bytes] = BoundedCache(MAX_DOCUMENTS, MAX_AGE)
_webfingers: BoundedCache[str, bytes] = BoundedCache(MAX_DOCUMENTS, MAX_AGE)
_webfingers_of: BoundedCache[int, str] = BoundedCache(MAX_DOCUMENTS)


def ready_document(path: str, accept: str) -> bytes | None:
    """The actor or post document at `path` if it is at hand and `accept` asks for ActivityPub: 200,
    `application/activity+json`, `Vary: Accept`. `None` means: ask the framework."""
    body = _documents.get(path)
    return body if body is not None and wants_activity(accept) else None


def ready_webfinger(query_string: str) -> bytes | None:
    """The JRD for a raw query string, if it is at hand: 200, `application/jrd+json`, open to every origin."""
    return _webfingers.get(query_string)


def keep_document(uri: str, body: bytes) -> None:
    """Keep a document anybody may read."""
    if not runtime().settings.federation.is_signed_only and len(body) <= MAX_LARGEST:
        _documents.put(urlsplit(uri).path, body)


def keep_webfinger(query_string: str, account_id: int, body: bytes) -> None:
    """Keep a JRD; the newest spelling of a question is dropped with its account, others grow old."""
    if len(query_string) <= 500:
        _webfingers.put(query_string, body)
        _webfingers_of.put(account_id, query_string)


def forget_everything() -> None:
    """Empty the memory of this process."""
    _documents.clear()
    _webfingers.clear()


def watch_changes() -> Callable[[], None]:
    """Drop what changes, from now on; returns what ends that."""
    endings = [
        events.listen(AccountUpdated, lambda event: _forget_account(event.account_id)),
        events.listen(KeysReplaced, lambda event: _forget_account(event.account_id)),
        events.listen(AccountDeleted, lambda event: _forget_account(event.account_id)),
        events.listen(PostEdited, lambda event: _documents.drop(_path(urls.post(event.post_id)))),
        events.listen(PollTallied, lambda event: _documents.drop(_path(urls.post(event.post_id)))),
        events.listen(QuoteAnswered, lambda event: _documents.drop(_path(urls.post(event.post_id)))),
        events.listen(PostDeleted, lambda event: _documents.drop(_path(event.uri))),
    ]

    def end() -> None:
        for ending in endings:
            ending()

    return end


def _forget_account(account_id: int) -> None:
    _documents.drop(_path(urls.actor(account_id)))
    question = _webfingers_of.get(account_id)
    if question is not None:
        _webfingers.drop(question)


def _path(uri: str) -> str:
    return urlsplit(uri).path


HEADERS: Mapping[str, str] = {"Content-Type": "application/activity+json", "Vary": "Accept"}
WEBFINGER_HEADERS: Mapping[str, str] = {
    "Content-Type": "application/jrd+json",
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "max-age=60",
}
"""What goes with the two kinds of ready bytes."""
