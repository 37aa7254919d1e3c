"""Another server for tests: real HTTP on loopback, with actors, posts and WebFinger of its own.

It serves what it is told to, signs what it sends, and writes down what it gets. It can be made to lie.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from activitypub.signatures import (
    SigningKey,
    body_digest,
    content_digest,
    generate_rsa_key,
    public_pem,
    sign_get,
    sign_message,
    sign_post,
)
from node import clock
from tests.federation.peers import Asked, response
from tests.federation.peers import Peer as Server
from tests.federation.peers import peer as serving

CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{CONTEXT}#Public"

_numbers = itertools.count(1)


@functools.cache
def key_number(number: int) -> str:
    """A few private keys for everybody, made once."""
    return generate_rsa_key()


@dataclass
class Person:
    """Somebody over there."""

    name: str
    origin: str
    private_pem: str
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def uri(self) -> str:
        return f"{self.origin}/users/{self.name}"

    @property
    def key_id(self) -> str:
        return f"{self.uri}#main-key"

    @property
    def followers(self) -> str:
        return f"{self.uri}/followers"

    @property
    def handle(self) -> str:
        return f"{self.name}@{urlsplit(self.origin).netloc}"

    @property
    def signing_key(self) -> SigningKey:
        return SigningKey.from_pem(self.key_id, self.private_pem)

    def document(self) -> dict[str, Any]:
        """The actor document; `extra` overrides."""
        return {
            "@context": CONTEXT,
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.name,
            "name": self.name.title(),
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "followers": self.followers,
            "following": f"{self.uri}/following",
            "endpoints": {"sharedInbox": f"{self.origin}/inbox"},
            "manuallyApprovesFollowers": False,
            "publicKey": {"id": self.key_id, "owner": self.uri, "publicKeyPem": public_pem(self.private_pem)},
            **self.extra,
        }

    def activity(self, kind: str, what: Any, **values: Any) -> dict[str, Any]:
        """An activity of theirs, with an id of its own."""
        return {
            "@context": CONTEXT,
            "id": f"{self.uri}#{kind.lower()}/{next(_numbers)}",
            "type": kind,
            "actor": self.uri,
            "object": what,
            **values,
        }

    def note(self, content: str = "<p>A grebe</p>", **values: Any) -> dict[str, Any]:
        """A public post of theirs."""
        return {
            "@context": CONTEXT,
            "id": f"{self.origin}/notes/{next(_numbers)}",
            "type": "Note",
            "attributedTo": self.uri,
            "content": content,
            "published": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "to": [PUBLIC],
            "cc": [self.followers],
            **values,
        }

    def create(self, note: dict[str, Any]) -> dict[str, Any]:
        """The Create of a post."""
        return self.activity("Create", note, to=note["to"], cc=note["cc"])

    def follow(self, target: str) -> dict[str, Any]:
        """A Follow."""
        return self.activity("Follow", target)


@dataclass
class Peer:
    """The other server while it runs."""

    server: Server
    people: dict[str, Person] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    """Path → JSON to serve, bytes for a whole response, or a status."""
    handles: dict[str, str] = field(default_factory=dict)
    """Handle → actor id, where it is not the obvious one."""
    subjects: dict[str, str] = field(default_factory=dict)
    """Handle → the one WebFinger says it is, where that is another."""
    inbox_status: int = 202
    inbox_headers: dict[str, str] = field(default_factory=dict)
    inbox_delay: float = 0.0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """While it is closed, GETs wait."""

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def origin(self) -> str:
        return self.server.origin

    @property
    def host(self) -> str:
        return urlsplit(self.server.origin).netloc

    def person(self, name: str | None = None, *, key: int = 0, **extra: Any) -> Person:
        """Somebody new over there, who can be found."""
        made = Person(name or f"person{next(_numbers)}", self.origin, key_number(key), extra)
        self.people[made.name] = made
        return made

    def serve(self, document: dict[str, Any]) -> dict[str, Any]:
        """Serve a document at its id."""
        self.documents[urlsplit(document["id"]).path] = document
        return document

    @property
    def asked(self) -> list[str]:
        """The paths of the GETs so far."""
        return [asked.target for asked in self.server.asked if asked.method == "GET"]

    @property
    def posted(self) -> list[Asked]:
        """The POSTs so far."""
        return [asked for asked in self.server.asked if asked.method == "POST"]

    @property
    def received(self) -> list[dict[str, Any]]:
        """The activities delivered so far, in order."""
        return [json.loads(asked.body) for asked in self.posted]

    async def answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(await self._answer(asked))

    async def _answer(self, asked: Asked) -> bytes:
        path = urlsplit(asked.target).path
        if asked.method == "POST":
            if self.inbox_delay:
                await asyncio.sleep(self.inbox_delay)
            return response(self.inbox_status, b"{}", "application/json", **self.inbox_headers)
        await self.gate.wait()
        if path == "/.well-known/webfinger" and path not in self.documents:
            return self._webfinger(parse_qs(urlsplit(asked.target).query).get("resource", [""])[0])
        stated = self.documents.get(path)
        if isinstance(stated, bytes):
            return stated
        if isinstance(stated, int):
            return response(stated)
        if stated is None and path.startswith("/users/"):
            person = self.people.get(path.removeprefix("/users/"))
            stated = person.document() if person is not None else None
        return response(404) if stated is None else response(200, json.dumps(stated).encode())

    def _webfinger(self, resource: str) -> bytes:
        handle = resource.removeprefix("acct:")
        name, _, host = handle.partition("@")
        actor = self.handles.get(handle)
        if actor is None and name in self.people and host == self.host:
            actor = self.people[name].uri
        if actor is None:
            return response(404)
        links = [{"rel": "self", "type": "application/activity+json", "href": actor}]
        document = {"subject": f"acct:{self.subjects.get(handle, handle)}", "links": links}
        return response(200, json.dumps(document).encode(), "application/jrd+json")


@asynccontextmanager
async def running_peer(host: str = "127.0.0.1") -> AsyncIterator[Peer]:
    """Another server while the `async with` lasts."""
    holder: list[Peer] = []

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        await holder[0].answer(asked, writer)

    async with serving(answer, host=host) as server:
        holder.append(Peer(server))
        yield holder[0]


def signed_post_headers(
    by: Person,
    url: str,
    activity: dict[str, Any] | bytes,
    *,
    key: SigningKey | None = None,
    age: timedelta = timedelta(0),
    rfc9421: bool = False,
    without: tuple[str, ...] = (),
    **replaced: str,
) -> tuple[bytes, dict[str, str]]:
    """A body and the headers of its delivery. `key`, `age`, `without` and `replaced` headers make it wrong."""
    body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
    now = clock.now().astimezone(UTC) - age
    if rfc9421:
        headers = sign_message(key or by.signing_key, "POST", url, now, content_digest=content_digest(body))
    else:
        headers = sign_post(key or by.signing_key, url, body_digest(body), now)
    headers["Content-Type"] = "application/activity+json"
    headers |= {name.replace("_", "-").title(): value for name, value in replaced.items()}
    return body, {name: value for name, value in headers.items() if name not in without}


def signed_get_headers(by: Person, url: str, now: datetime | None = None) -> dict[str, str]:
    """The headers of a signed GET."""
    return sign_get(by.signing_key, url, now or clock.now())
