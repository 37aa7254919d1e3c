"""What is measured. Each scenario runs against a node and returns one figure a run; `__main__` takes the median."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from activitypub.signatures import SigningKey, body_digest, sign_post
from benchmarks.load import Load, generate, request_bytes
from benchmarks.peers import Peers
from benchmarks.server import Node
from benchmarks.streams import open_streams

AS2 = "application/activity+json"
CONNECTIONS = 16
SECONDS = 4.0
WARMING = 100
"""Streams opened before the others are weighed: what the first ones load is not theirs."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value: larger is better for rates, smaller for the rest; `aim` is what the design asks for."""

    name: str
    unit: str
    aim: float
    larger_is_better: bool
    measure: Callable[[], float]


class Failed(Exception):
    """The node answered errors: a rate of errors is not a figure."""


def _rate(load: Load) -> float:
    if load.errors or not load.requests:
        raise Failed(f"{load.errors} errors in {load.requests} answers")
    return load.per_second


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def read_rate(node: Node, path: str, headers: dict[str, str]) -> Callable[[], float]:
    """Answers per second to one GET."""
    request = request_bytes("GET", node.base_url + path, headers)
    return lambda: _rate(generate(node.base_url, [request], connections=CONNECTIONS, seconds=SECONDS))


def home(node: Node) -> Callable[[], float]:
    """The home page of 20 posts with pictures."""
    return read_rate(node, "/api/v1/timelines/home?limit=20", _bearer(node.seeded.token))


def home_p99(node: Node) -> Callable[[], float]:
    """The slowest hundredth of home pages, in milliseconds."""
    request = request_bytes("GET", node.base_url + "/api/v1/timelines/home?limit=20", _bearer(node.seeded.token))
    return lambda: generate(node.base_url, [request], connections=CONNECTIONS, seconds=SECONDS).p99_ms


def status(node: Node) -> Callable[[], float]:
    """One post, for the anonymous public."""
    return read_rate(node, f"/api/v1/statuses/{node.seeded.post_id}", {})


def status_signed_in(node: Node) -> Callable[[], float]:
    """One post, for a signed-in reader."""
    return read_rate(node, f"/api/v1/statuses/{node.seeded.post_id}", _bearer(node.seeded.token))


def actor(node: Node) -> Callable[[], float]:
    """An actor document."""
    return read_rate(node, f"/ap/users/{node.seeded.actor_id}", {"Accept": AS2})


def webfinger(node: Node) -> Callable[[], float]:
    """A WebFinger look-up."""
    host = node.base_url.removeprefix("http://")
    return read_rate(node, f"/.well-known/webfinger?resource=acct:person0@{host}", {})


def public_timeline(node: Node) -> Callable[[], float]:
    """The public timeline's first page, anonymous."""
    return read_rate(node, "/api/v1/timelines/public?limit=20", {})


def public_signed_in(node: Node) -> Callable[[], float]:
    """The public timeline's first page, for a signed-in reader."""
    return read_rate(node, "/api/v1/timelines/public?limit=20", _bearer(node.seeded.token))


def tag(node: Node) -> Callable[[], float]:
    """A hashtag's timeline, anonymous."""
    return read_rate(node, "/api/v1/timelines/tag/light?limit=20", {})


def profile(node: Node) -> Callable[[], float]:
    """What one account posted, anonymous."""
    return read_rate(node, f"/api/v1/accounts/{node.seeded.actor_id}/statuses?limit=20", {})


def particular_home(node: Node) -> Callable[[], float]:
    """The home page of somebody with filters, mutes, domain blocks and a list."""
    return read_rate(node, "/api/v1/timelines/home?limit=20", _bearer(node.seeded.particular_token))


def list_timeline(node: Node) -> Callable[[], float]:
    """The timeline of a list of the same reader."""
    path = f"/api/v1/timelines/list/{node.seeded.list_id}?limit=20"
    return read_rate(node, path, _bearer(node.seeded.particular_token))


def notifications(node: Node, version: str) -> Callable[[], float]:
    """A page of 20 notifications, one by one (`v1`) or grouped (`v2`)."""
    return read_rate(node, f"/api/{version}/notifications?limit=20", _bearer(node.seeded.token))


def context(node: Node) -> Callable[[], float]:
    """The 40 comments under a post."""
    return read_rate(node, f"/api/v1/statuses/{node.seeded.thread_id}/context", _bearer(node.seeded.token))


def relationships(node: Node) -> Callable[[], float]:
    """How a reader stands to 20 people."""
    query = "&".join(f"id[]={account_id}" for account_id in node.seeded.shown_ids)
    return read_rate(node, f"/api/v1/accounts/relationships?{query}", _bearer(node.seeded.token))


def posting(node: Node) -> Callable[[], float]:
    """Posts by 50 people in turn, 8 at a time."""

    def measure() -> float:
        requests = []
        for number in range(4000):
            token = node.seeded.tokens[number % len(node.seeded.tokens)]
            body = json.dumps({"status": f"Post {number} #bench", "visibility": "public"}).encode()
            headers = {**_bearer(token), "Content-Type": "application/json"}
            requests.append(request_bytes("POST", f"{node.base_url}/api/v1/statuses", headers, body))
        return _rate(generate(node.base_url, requests, connections=8, seconds=SECONDS, repeat=False))

    return measure


def signed_creates(node: Node, count: int) -> list[bytes]:
    """So many signed Create(Note) requests of known senders, as they would arrive at the shared inbox."""
    requests = []
    now = datetime.now(UTC)
    url = f"{node.base_url}/inbox"
    for number in range(count):
        sender = node.seeded.senders[number % len(node.seeded.senders)]
        uri = f"{sender['uri']}/posts/{uuid.uuid4()}"
        followers = f"{sender['uri']}/followers"
        public = "https://www.w3.org/ns/activitystreams#Public"
        note = {
            "id": uri,
            "type": "Note",
            "attributedTo": sender["uri"],
            "content": f"<p>Note number {number} from far away</p>",
            "published": now.isoformat().replace("+00:00", "Z"),
            "to": [public],
            "cc": [followers],
        }
        create = {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{uri}/activity",
            "type": "Create",
            "actor": sender["uri"],
            "to": [public],
            "cc": [followers],
            "object": note,
        }
        body = json.dumps(create).encode()
        key = SigningKey.from_pem(sender["key_id"], sender["pem"])
        headers = sign_post(key, url, body_digest(body), now)
        requests.append(request_bytes("POST", url, {**headers, "Content-Type": AS2}, body))
    return requests


@dataclass(slots=True)
class InboxRun:
    """One load of signed activities: how many a second were accepted, and how many a second were processed in all."""

    accepted: float = 0.0
    processed: float = 0.0


def inbox(node: Node, count: int = 2000) -> InboxRun:
    """Send signed activities as fast as they are accepted, then wait until all of them are posts."""
    requests = signed_creates(node, count)
    before = node.query("SELECT COUNT(*) FROM posts")
    began = time.perf_counter()
    load = generate(node.base_url, requests, connections=CONNECTIONS, seconds=60, repeat=False)
    accepted = _rate(load)
    while node.query("SELECT COUNT(*) FROM posts") < before + count:
        if time.perf_counter() - began > 120:
            raise Failed("the received activities were not processed in two minutes")
        time.sleep(0.02)
    return InboxRun(accepted, count / (time.perf_counter() - began))


@dataclass(slots=True)
class FanOut:
    """Seconds from posting until the last delivery arrived, at the quick hosts and at all of them."""

    quick: float
    everywhere: float


def fan_out(node: Node, hosts: Peers, inboxes: int) -> FanOut:
    """Post once and wait until every follower's inbox has it."""
    hosts.take_arrivals()
    slow = hosts.slow_hosts()
    body = json.dumps({"status": f"To everyone {uuid.uuid4()}", "visibility": "public"}).encode()
    began = time.monotonic()
    send(node, "/api/v1/statuses", body, "application/json")
    arrived: list[tuple[str, float]] = []
    while len(arrived) < inboxes:
        time.sleep(0.05)
        for host, moments in hosts.take_arrivals().items():
            arrived += [(host, moment) for moment in moments]
        if time.monotonic() - began > 60:
            raise Failed(f"only {len(arrived)} of {inboxes} deliveries arrived in a minute")
    return FanOut(
        max(moment for host, moment in arrived if host not in slow) - began,
        max(moment for _, moment in arrived) - began,
    )


@dataclass(slots=True)
class Drained:
    """Deliveries a second while a long queue drained, and by how many MB memory grew after its first tenth."""

    rate: float
    grown: float


def drain(node: Node, waiting: int) -> Drained:
    """Start the node before a queue and watch it until the queue is empty."""
    began = time.monotonic()
    node.start()
    grown, at_first, left = 0.0, 0.0, waiting
    while left:
        time.sleep(0.5)
        left = node.query("SELECT COUNT(*) FROM deliveries")
        memory = node.memory_mb()
        if left > waiting * 0.9:
            at_first = max(at_first, memory)
        else:
            grown = max(grown, memory - at_first)
        if time.monotonic() - began > 3_600:
            raise Failed(f"{left} of {waiting} deliveries still wait after an hour")
    return Drained(waiting / (time.monotonic() - began), grown)


def event_to_all(node: Node) -> float:
    """Seconds from sending a post until every follower's stream has it."""
    with open_streams(node.base_url, node.seeded.tokens[1:]) as streams:
        body = json.dumps({"status": f"To everyone {uuid.uuid4()}", "visibility": "public"}).encode()
        began = time.monotonic()
        send(node, "/api/v1/statuses", body, "application/json")
        return streams.all_told() - began


def weight_of_stream(node: Node, kind: str) -> float:
    """Kilobytes of resident memory each stream of a kind (`events`, `socket`) adds to a node just started."""
    node.stop()
    node.start()
    tokens = node.seeded.tokens[1:]
    with open_streams(node.base_url, tokens[:WARMING], [kind]):
        before = node.memory_mb()
        with open_streams(node.base_url, tokens[WARMING:], [kind]):
            return (node.memory_mb() - before) * 1024 / (len(tokens) - WARMING)


def send(node: Node, path: str, body: bytes, content_type: str, *, method: str = "POST") -> bytes:
    """The answer to one request of the reader."""
    headers = {**_bearer(node.seeded.token), "Content-Type": content_type}
    request = urllib.request.Request(node.base_url + path, data=body, headers=headers, method=method)
    answer: bytes = urllib.request.urlopen(request, timeout=60).read()
    return answer
