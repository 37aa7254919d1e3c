"""A server that speaks S3, for tests: moto's, in a thread of this process, with a bucket for each test."""

from __future__ import annotations

import logging
import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from node.settings import Settings

ENOUGH = 1_000_000_000


@dataclass(frozen=True)
class ObjectServer:
    """Where it is. It believes every key until it is made to look at them."""

    endpoint: str

    @property
    def options(self) -> dict[str, str]:
        """What `open_storage` is told of it."""
        return {
            "endpoint": self.endpoint,
            "region": "us-east-1",
            "access_key_id": "AKIAHELIOGRAPH",
            "secret_access_key": "secret",
        }

    def bucket(self) -> str:
        """The address of a folder in a new bucket."""
        name = f"photos-{secrets.token_hex(8)}"
        self.call("PUT", f"/{name}")
        return f"s3://{name}/media"

    @contextmanager
    def looking_at_keys(self) -> Iterator[None]:
        """While this stands, keys that nobody made are refused."""
        self.call("POST", "/moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            self.call("POST", "/moto-api/reset-auth", str(ENOUGH).encode())

    def call(self, method: str, path: str, body: bytes | None = None) -> None:
        """One request to the server itself."""
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(self.endpoint + path, method=method, data=body, headers=headers)
        urllib.request.urlopen(request, timeout=10).close()


def kept_in_bucket(settings: Settings, server: ObjectServer, **media: Any) -> Settings:
    """Settings of a node whose files are in a new bucket; `media` are other settings of its media."""
    options = {f"s3_{name}": value for name, value in server.options.items()}
    known = {**settings.media.model_dump(), "storage": server.bucket(), **options, **media}
    return settings.model_copy(update={"media": type(settings.media).model_validate(known)})


@contextmanager
def running_object_server() -> Iterator[ObjectServer]:
    """A server, for as long as this stands."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield ObjectServer(f"http://{host}:{port}")
    finally:
        server.stop()
