"""Everything that reads foreign input, each as a function of bytes that returns or refuses."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from PIL import Image

from activitypub import jsonld
from activitypub.collection_synchronization import parse_synchronization
from activitypub.host_meta import parse_host_meta
from activitypub.parse import ParseError, absolute_url, collection_of, load_json, origin_host, parse_page
from activitypub.signatures import SignatureError, SignedRequest, key_ids_of, read_accept_signature, verify_request
from activitypub.signatures.integrity_proofs import proof_key_id, verify_proof
from activitypub.signatures.jcs import canonicalize
from activitypub.signatures.keys import decode_multikey, load_public_key
from activitypub.signatures.linked_data import signature_key_id, verify_linked_data
from activitypub.signatures.structured_fields import parse_dictionary
from activitypub.types import Actor, Note
from activitypub.webfinger import render_host_meta
from api.activitypub import reading
from federation import mapping
from federation.addresses import Guard
from federation.fetch_errors import Refused
from federation.markup import links
from federation.negotiation import wants_activity
from federation.profile_links import identity_links
from federation.response_body import parse_media_type, parse_retry_after
from media import camera
from media.errors import MediaError
from media.pool import MediaPool
from media.probe import probe
from media.storage import open_storage
from node import runtime
from node.bus import MemoryBus
from node.errors import Invalid
from node.mail import Mailer
from node.models.accounts import Account
from node.queries import search_terms
from node.rate_limits import MemoryRateLimiter
from node.services import domain_lists, domains, profile_links
from node.services.links import links_in, same_address
from node.settings import load_settings
from node.text import clean_line, find_hashtags, find_mentions, plain_text, render_caption, render_line, sanitise
from tests.activitypub.parsers import PARSERS, read_again
from tests.activitypub.signatures.builders import NOW, verification_key
from tests.activitypub.strategies import like, person, photo
from tests.samples import SAMPLES

_AUTHOR = Account(
    uri="https://a.example/users/ann", username="ann", followers_url="https://a.example/users/ann/followers"
)
PHOTOS = SAMPLES / "media"
DOCUMENTS = SAMPLES / "activitypub"


@dataclass(frozen=True)
class Target:
    """A reader, what it may raise, and good inputs to start from."""

    name: str
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], Sequence[bytes]]


def _documents() -> Sequence[bytes]:
    found = [path.read_bytes() for path in sorted(DOCUMENTS.rglob("*.json")) if path.stat().st_size < 50_000]
    return [*found, *(json.dumps(made()).encode() for made in (like, person, photo))]


def _photographs() -> Sequence[bytes]:
    found = [path for path in sorted(PHOTOS.rglob("*")) if path.is_file() and path.stat().st_size < 300_000]
    return [path.read_bytes() for path in found] or [b"\xff\xd8\xff\xe0\0\x10JFIF\0", b"\x89PNG\r\n\x1a\n", b"GIF89a"]


def _headers() -> Sequence[bytes]:
    return [
        b'keyId="https://a.example/u#k",algorithm="rsa-sha256",headers="(request-target) host date digest",signature="AA=="',
        b'keyId="https://a.example/u#k",headers="(request-target) (created) host",created=1,expires=2,signature="AA=="',
        b'sig1=("@method" "@target-uri" "content-digest");created=1;keyid="https://a.example/k";alg="ed25519"',
        b'sig1=:AAAA:, sig2=("@query-param";name="a" "@authority";req);expires=9',
        b"sha-256=:AAAA:, sha-512=:AAAA:",
        b'collectionId="https://a.example/u/followers", url="https://a.example/u/followers_sync", digest="00ff"',
        b'application/ld+json; profile="https://www.w3.org/ns/activitystreams"; charset=utf-8',
        b"Sun, 06 Nov 1994 08:49:37 GMT",
        b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
        b"z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQXJPt4swbTQ2",
    ]


def _markup() -> Sequence[bytes]:
    return [
        b'<p>Hi <span class="h-card"><a href="https://a.example/@b" class="u-url mention">@<span>b</span></a></span></p>',
        b'<p>#<a href="https://a.example/tags/x" rel="tag">x</a><br>\xc3\xa9 &amp; &lt;script&gt;</p><ul><li>1</li></ul>',
        b'<link rel="me" href="https://a.example/@b"><a rel=\'nofollow me\' href=https://b.example>b</a><!-- x -->',
        b"<svg><style><img src=x onerror=alert(1)></style></svg><math><mtext></table><mglyph><style></math>",
        b"Hello @bob@photos.example #grebe https://a.example/?q=1&x=(y) :wave:",
    ]


def _host_metas() -> Sequence[bytes]:
    return [
        render_host_meta("https://here.example/.well-known/webfinger?resource={uri}").encode(),
        b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><XRD><Link rel='lrdd' template='&e;{uri}'/></XRD>",
        b"\xff\xfe<\0X\0R\0D\0/\0>\0",
    ]


def _names() -> Sequence[bytes]:
    return [
        b"https://user:pass@b\xc3\xbccher.example:8443/a/../b?q=1#f",
        b"http://[::ffff:127.0.0.1]:80/users/1",
        b"0x7f.1",
        b"acct:@Bob@Photos.EXAMPLE.",
        b"xn--bcher-kva.example:443",
        b'from:bob@a.example before:2026-01-01 has:media -is:reply "a grebe" #grebe',
    ]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _read_document(data: bytes) -> None:
    document = load_json(data)
    for parse in PARSERS:
        try:
            read = parse(document)
        except ParseError:
            continue
        try:
            read_again(read)
        except ParseError as refusal:
            raise AssertionError("what was read is refused once it is written") from refusal
        _map(read)
    with suppress(ParseError):
        parse_page(document, "https://a.example/page")
    for name in ("replies", "outbox"):
        with suppress(ParseError):
            collection_of(document, name)
    # What a program of somebody here would post.
    with suppress(Invalid):
        reading.text_of(reading.note_of(_AUTHOR, document), document)
    reading.profile_of(document)


def _map(read: object) -> None:
    """Into what is stored."""
    if isinstance(read, Actor):
        mapping.remote_profile(read, read.username, origin_host(read.id), ())
    if isinstance(read, Note):
        mapping.incoming_post(read, _AUTHOR, parent=None, mentioned=(), addressed=(), received_at=NOW)


def _check_document(data: bytes) -> None:
    """Every way in which a document may be signed, with a key that did not sign it."""
    document: dict[str, Any] = load_json(data)
    key = verification_key()
    checks: Sequence[Callable[[], object]] = (
        lambda: signature_key_id(document),
        lambda: verify_linked_data(document, key),
        lambda: proof_key_id(document),
        lambda: verify_proof(document, key, NOW),
        lambda: canonicalize(document),
    )
    for check in checks:
        with suppress(SignatureError):
            check()


def _read_headers(data: bytes) -> None:
    text = data.decode("latin-1")
    first, _, second = text.partition("\n")
    for headers in (
        {"Signature": text},
        {"Signature-Input": text, "Signature": "sig1=:AAAA:"},
        {"Signature-Input": first, "Signature": second, "Content-Digest": text},
        {"Signature": first, "Digest": text, "Date": second},
    ):
        with suppress(SignatureError):
            request = SignedRequest("POST", "/inbox?a=b", "here.example", "https", tuple(headers.items()), data)
            key_ids_of(request)
            verify_request(request, verification_key(), NOW)
    for parse in (parse_dictionary, load_public_key, decode_multikey):
        with suppress(SignatureError):
            parse(text)
    read_accept_signature(text)
    wants_activity.__wrapped__(text)
    parse_synchronization(text)
    parse_media_type(text)
    parse_retry_after(text, 0.0)


class _Reader(HTMLParser):
    """Reads what is left as a browser would."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "style", "iframe", "svg", "math", "img", "object", "form", "link", "meta"}
        for name, value in attrs:
            assert name in {"href", "class", "rel", "target", "translate"}
            assert name != "href" or "".join((value or "").split()).lower().startswith(("http:", "https:"))


def _read_markup(data: bytes) -> None:
    text = _text(data)
    clean = sanitise(text)
    _Reader().feed(clean)
    plain_text(text)
    links_in(clean)
    profile_links.page_of({"value": clean[:2048]})
    with _running():
        _Reader().feed(render_caption(text))
        _Reader().feed(render_line(clean_line(text)))
    list(links(text))
    list(identity_links(text))
    find_mentions(text)
    find_hashtags(text)


def _read_list(data: bytes) -> None:
    with _running():
        domain_lists.read(_text(data))


def _read_names(data: bytes) -> None:
    """Addresses, domains and words somebody looks for."""
    text = _text(data)
    with suppress(ParseError):
        assert "@" not in origin_host(absolute_url(text, "id"))
    for guard in (Guard(), Guard(allow_http=True, ports=None)):
        with suppress(Refused):
            guard.check(text)
    with suppress(Invalid):
        name = domains.normalise(text)
        assert domains.normalise(name) == name
    same_address(text)
    with suppress(search_terms.Unreadable):
        search_terms.parse(text)


@contextmanager
def _running() -> Iterator[None]:
    runtime.start(_parts())
    try:
        yield
    finally:
        runtime.stop()


@functools.cache
def _parts() -> runtime.Runtime:
    """A node that knows its settings; nothing else of it is asked for."""
    settings = load_settings(
        base_url="https://here.example", data_dir=Path(tempfile.mkdtemp(prefix="heliograph-fuzz-"))
    )
    return runtime.Runtime(
        settings=settings,
        secret_key=bytes(32),
        bus=MemoryBus(),
        rate_limits=MemoryRateLimiter(),
        mailer=Mailer(settings),
        storage=open_storage(settings.media_root, base_url=settings.media_url, store_options=settings.store_options),
        media_pool=MediaPool(1),
        film_pool=MediaPool(1),
        spare_pool=MediaPool(1),
    )


def _lists() -> Sequence[bytes]:
    heading = b"#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"
    return [
        heading + b'spam.example,suspend,TRUE,false,"Spam, ""and"" more",TRUE\nb\xc3\xbccher.example,silence,,,,\n',
        b"domain,severity\r\na.example,suspend\r\n*.b.example,noop\r\n",
        b"#domain\na.example\n\nb.example\n",
        b"a.example\nb.example\n",
    ]


def _read_photograph(data: bytes) -> None:
    """What is told of a file before a worker, with its limits, decodes it; and what the camera wrote into it."""
    exif = Image.Exif()
    with suppress(Exception):
        exif.load(data[:60_000])
    camera.camera_facts(exif)
    camera.location(exif)
    camera.orientation(exif)
    probe(data)


TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        Target("document", _read_document, (ParseError,), _documents),
        Target("signed document", _check_document, (ParseError, jsonld.JsonLdError), _documents),
        Target("headers", _read_headers, (), _headers),
        Target("markup", _read_markup, (), _markup),
        Target("host-meta", parse_host_meta, (ParseError,), _host_metas),
        Target("names", _read_names, (), _names),
        Target("list of domains", _read_list, (Invalid,), _lists),
        Target("photograph", _read_photograph, (MediaError,), _photographs),
    )
}


def attempt(target: Target, data: bytes) -> None:
    """Let a target read; what it may refuse with is swallowed."""
    with suppress(*target.refusals):
        target.read(data)
