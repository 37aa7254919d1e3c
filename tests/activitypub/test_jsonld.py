"""JSON-LD with bundled contexts and bounds."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import activitypub.jsonld
from activitypub.jsonld import (
    JsonLdError,
    UnknownContext,
    canonical_nquads,
    check_bounds,
    compact,
    expand,
    load_context,
)
from tests.samples import SAMPLES

AS = "https://www.w3.org/ns/activitystreams"
NOTE: dict[str, Any] = {
    "@context": AS,
    "id": "https://a.example/1",
    "type": "Note",
    "content": "<p>x</p>",
    "to": ["as:Public"],
}


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_a_note_expands_to_full_iris_and_back() -> None:
    (node,) = expand(NOTE)
    assert node[f"{AS}#content"] == [{"@value": "<p>x</p>"}]
    assert node[f"{AS}#to"] == [{"@id": f"{AS}#Public"}]
    assert compact([node], [AS])["content"] == "<p>x</p>"


def test_a_note_has_one_canonical_form() -> None:
    reordered = dict(reversed(NOTE.items()))
    assert canonical_nquads(NOTE) == canonical_nquads(reordered)
    assert canonical_nquads(NOTE).count("\n") == 3


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize(
    "context",
    [
        "https://evil.example/context",
        ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v9"],
        "relative",
        "file:///etc/passwd",
        {"x": {"@id": "as:x", "@context": "https://evil.example/scoped"}},
        {"@import": "https://evil.example/"},
    ],
)
def test_unknown_contexts_are_refused_and_never_fetched(context: Any) -> None:
    document = {**NOTE, "@context": context}
    for operation in (expand, canonical_nquads):
        with pytest.raises(JsonLdError):
            operation(document)


def test_an_unknown_context_is_named_to_the_caller() -> None:
    with pytest.raises(UnknownContext) as refusal:
        expand({**NOTE, "object": {"@context": "https://evil.example/context"}})
    assert refusal.value.url == "https://evil.example/context"
    with pytest.raises(UnknownContext):
        load_context("https://evil.example/context")


def test_every_bundled_context_is_a_context_and_documented() -> None:
    folder = Path(activitypub.jsonld.__file__).parent / "contexts"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    served = {json.dumps(load_context(url), sort_keys=True) for url in activitypub.jsonld._FILES}
    files = sorted(folder.glob("*.json"))
    assert len(files) == len(served)
    for path in files:
        assert list(json.loads(path.read_text(encoding="utf-8"))) == ["@context"]
        assert f"`{path.name}`" in readme


@pytest.mark.parametrize("url", sorted(activitypub.jsonld._FILES))
def test_every_bundled_context_can_be_used(url: str) -> None:
    assert isinstance(expand({"@context": [AS, url], "@id": "https://a.example/1", "@type": f"{AS}#Note"}), list)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")
def test_bundled_contexts_are_the_published_ones() -> None:
    for url, name in activitypub.jsonld._FILES.items():
        published = SAMPLES / "activitypub/contexts/contexts" / (url.partition("://")[2].replace("/", "_") + ".json")
        if published.exists():
            assert load_context(url)["@context"] == json.loads(published.read_text())["@context"], name


def test_deep_and_large_documents_are_refused_before_they_cost_anything() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(JsonLdError, match="deeply"):
        expand({**NOTE, "content": deep})
    with pytest.raises(JsonLdError, match="too large"):
        expand({**NOTE, "to": ["https://a.example/x"] * 5_000})
    check_bounds([[1]], deepest=3, most_nodes=3)
    with pytest.raises(JsonLdError):
        check_bounds([[1]], deepest=2)
    with pytest.raises(JsonLdError):
        check_bounds([[1]], most_nodes=2)


def test_a_context_repeated_without_end_is_refused() -> None:
    with pytest.raises(JsonLdError, match="too many contexts"):
        expand({**NOTE, "@context": [AS] * 65})


def test_look_alike_blank_nodes_cannot_stall_the_canonicalisation() -> None:
    predicates = {"@context": {"p": {"@id": "https://a.example/p", "@type": "@id"}}}
    names = [f"_:n{number}" for number in range(9)]
    graph = [{"@id": name, "p": [other for other in names if other != name]} for name in names]
    started = time.perf_counter()
    with pytest.raises(JsonLdError, match="look alike"):
        canonical_nquads({**predicates, "@graph": graph})
    assert time.perf_counter() - started < 5


def test_many_equal_attachments_are_no_attack() -> None:
    attachments = [{"type": "Document", "mediaType": "image/jpeg"} for _ in range(20)]
    assert canonical_nquads({**NOTE, "attachment": attachments}).count("Document") == 20


@pytest.mark.parametrize(
    "document",
    [{"@context": 5}, {"@context": AS, "@id": 5}, {"@context": AS, "@type": {}}, {"@context": {"a": {"@id": 7}}}],
)
def test_malformed_documents_are_refused(document: dict[str, Any]) -> None:
    with pytest.raises(JsonLdError):
        canonical_nquads(document)


def test_threads_may_work_at_the_same_time() -> None:
    documents = [{**NOTE, "@context": [AS, {f"t{n}": f"as:t{n}"}], f"t{n}": n} for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        forms = list(pool.map(canonical_nquads, documents))
    assert len(set(forms)) == 40
