"""JSON-LD with bundled contexts only: nothing here ever touches the network, and every document is bounded first.

Needed for linked data signatures alone; ordinary reading goes through `activitypub.parse`. The processor is written in
Python and slow (milliseconds a document): call these functions in a thread.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from functools import cache
from math import factorial
from pathlib import Path
from typing import Any, Final, TypeAlias

Document: TypeAlias = dict[str, Any]

DEEPEST: Final = 32
MOST_NODES: Final = 4_000
"""Objects, arrays and values together. A post with a hundred tags has about 1,000."""

_MOST_LABELLINGS: Final = 2_000
"""Orders of indistinguishable blank nodes tried by the canonicalisation, which an attacker can make factorial."""

_MOST_CONTEXTS: Final = 64
"""References to contexts in one document. Each can cost two milliseconds, even repeated."""

_FOLDER: Final = Path(__file__).parent / "contexts"
_FILES: Final = {
    "https://www.w3.org/ns/activitystreams": "activitystreams.json",
    "http://www.w3.org/ns/activitystreams": "activitystreams.json",
    "https://www.w3.org/ns/activitystreams.jsonld": "activitystreams.json",
    "https://w3id.org/security/v1": "security-v1.json",
    "http://w3id.org/security/v1": "security-v1.json",
    "https://w3id.org/identity/v1": "identity-v1.json",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.json",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.json",
    "https://w3id.org/security/multikey/v1": "multikey-v1.json",
    "https://www.w3.org/ns/did/v1": "did-v1.json",
    "https://gotosocial.org/ns": "gotosocial-ns.json",
}


class JsonLdError(ValueError):
    """A document that cannot be processed: malformed, too large, too deep, or poisonous."""


class UnknownContext(JsonLdError):
    """A document refers to a context that is not bundled. ``url`` is what it asked for."""

    def __init__(self, url: str) -> None:
        super().__init__("the document refers to an unknown context")
        self.url = url


def expand(document: Document) -> list[Document]:
    """The expanded form: full IRIs, no contexts. Raises `JsonLdError`."""
    expanded: list[Document] = _run(lambda pyld: pyld.expand(document, _options(_read_contexts)), document)
    return expanded


def compact(expanded: list[Document], context: list[str | Document]) -> Document:
    """Expanded nodes written with the terms of ``context``, which must be trusted. Raises `JsonLdError`."""
    options = {**_options(_our_contexts), "skipExpansion": True}
    compacted: Document = _run(lambda pyld: pyld.compact(expanded, context, options), expanded)
    return compacted


def canonical_nquads(document: Document) -> str:
    """The document as canonical N-Quads (URDNA2015), the text linked data signatures hash.

    Raises `JsonLdError`, also when too many blank nodes look alike, which would take factorial time.
    """
    return canonical_nquads_of(expand(document))


def canonical_nquads_of(expanded: list[Document]) -> str:
    """The same of what is expanded already. Its blank nodes get new names: it serves for nothing else afterwards."""
    quads: str = _work(lambda pyld: _canonicalize(pyld, expanded))
    return quads


def check_bounds(document: Any, *, deepest: int = DEEPEST, most_nodes: int = MOST_NODES) -> None:
    """Raises `JsonLdError` when a JSON value is nested deeper or holds more values than given."""
    count = 0
    pending = [(document, 1)]
    while pending:
        value, depth = pending.pop()
        count += 1
        if depth > deepest:
            raise JsonLdError("the document is nested too deeply")
        if count + len(pending) > most_nodes:
            raise JsonLdError("the document is too large")
        if isinstance(value, dict):
            pending.extend((child, depth + 1) for child in value.values())
        elif isinstance(value, list):
            pending.extend((child, depth + 1) for child in value)


def context_addresses(document: Any) -> Iterator[str]:
    """Every context a bounded document refers to by address, at any depth, in no particular order."""
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            contexts = value.get("@context")
            listed = contexts if isinstance(contexts, list) else [contexts]
            yield from (context for context in listed if isinstance(context, str))
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def load_context(url: str) -> Document:
    """A bundled context document. Raises `UnknownContext` for any other address."""
    if url not in _FILES:
        raise UnknownContext(url)
    context: Document = json.loads(_context_text(_FILES[url]))
    return context


@cache
def _context_text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


class _BundledContexts(dict[str, Any]):
    """The processor's memory of contexts it has read, by address. Inline contexts of strangers are not kept."""

    def __setitem__(self, key: str, value: Any) -> None:
        if key in _FILES:
            super().__setitem__(key, value)


_read_contexts: Final = _BundledContexts()
_our_contexts: Final[dict[str, Any]] = {}
"""The same for `compact`, whose contexts are few and our own."""

_one_at_a_time: Final = threading.Lock()
"""The processor keeps global caches that are not safe to share between threads, and holds the GIL anyway."""


def _run(operation: Callable[[Any], Any], document: Any) -> Any:
    check_bounds(document)
    for count, url in enumerate(context_addresses(document), start=1):
        if url not in _FILES:
            raise UnknownContext(url)
        if count > _MOST_CONTEXTS:
            raise JsonLdError("the document refers to too many contexts")
    return _work(operation)


def _work(operation: Callable[[Any], Any]) -> Any:
    pyld, _ = _processor()
    with _one_at_a_time:
        try:
            return operation(pyld)
        except JsonLdError:
            raise
        except Exception as error:
            raise JsonLdError("the document is not valid JSON-LD") from error


def _options(memory: dict[str, Any]) -> Document:
    from pyld.context_resolver import ContextResolver

    return {
        "base": "",
        "documentLoader": _load_document,
        "contextResolver": ContextResolver(memory, _load_document),
    }


def _load_document(url: str, _options: Document) -> Document:
    """pyld's document loader."""
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": load_context(url),
        "tag": "static",
    }


def _canonicalize(pyld: Any, expanded: list[Document]) -> str:
    dataset = pyld.to_rdf(expanded, {**_options(_read_contexts), "skipExpansion": True})
    _, canonicalization = _processor()
    quads: str = canonicalization().main(dataset, {"format": "application/n-quads"})
    return quads


@cache
def _processor() -> tuple[Any, type[Any]]:
    """pyld and the bounded canonicalisation, imported at first use: few processes ever need them."""
    from pyld import jsonld

    class Processor(jsonld.JsonLdProcessor):  # type: ignore[misc]
        """pyld, which expands before everything it does, unless told that this is done: it takes half of the time."""

        def expand(self, input_: Any, options: Document) -> Any:
            return input_ if options.get("skipExpansion") else super().expand(input_, options)

    class BoundedCanonicalization(jsonld.URDNA2015):  # type: ignore[misc]
        """URDNA2015 that gives up instead of trying factorially many labellings."""

        def __init__(self) -> None:
            super().__init__()
            self._labellings = 0

        def create_hash_to_related(self, id_: str, issuer: Any) -> Any:
            related = super().create_hash_to_related(id_, issuer)
            longest = max(map(len, related.values()), default=0)
            self._labellings += factorial(min(longest, 10)) + len(related)
            if self._labellings > _MOST_LABELLINGS:
                raise JsonLdError("the document has too many blank nodes that look alike")
            return related

    return Processor(), BoundedCanonicalization
