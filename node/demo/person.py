"""Somebody with an account and an app: everything they do goes through the client API."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

import httpx

from node.demo.process import NodeProcess, until

SCOPES = "read write follow"
_CODE = re.compile(r"(?m)^\W*(\d{6})\W*$|\b(\d{6})\b")


class Refused(Exception):
    """The node answered with an error: `status` and what it said."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        super().__init__(f"{method} {path} was answered with {status}: {body[:500]}")
        self.status = status
        self.body = body


class Person:
    """An account on a node, and the token of the app its owner uses."""

    def __init__(self, node: NodeProcess, username: str) -> None:
        self.node = node
        self.username = username
        self.email = f"{username}@{username}.example"
        self.password = secrets.token_urlsafe(12)
        self.id = ""
        self._client = httpx.Client(base_url=node.url, timeout=30)

    @property
    def handle(self) -> str:
        """`name@node`, as people elsewhere write it."""
        return f"{self.username}@{self.node.domain}"

    def sign_up(self) -> None:
        """Register an app, open an account with it, and type in the code that came by mail."""
        app = self.post(
            "/api/v1/apps",
            client_name="Heliograph demo",
            redirect_uris="urn:ietf:wg:oauth:2.0:oob",
            scopes=SCOPES,
        )
        for_app = self.post(
            "/oauth/token",
            grant_type="client_credentials",
            client_id=app["client_id"],
            client_secret=app["client_secret"],
            scope=SCOPES,
        )
        self._use(for_app["access_token"])
        token = self.post(
            "/api/v1/accounts",
            username=self.username,
            email=self.email,
            password=self.password,
            agreement=True,
            locale="en",
        )
        self._use(token["access_token"])
        self.post("/api/v1/emails/confirmations/verify", code=self._code())
        self.id = self.get("/api/v1/accounts/verify_credentials")["id"]

    def _use(self, token: str) -> None:
        self._client.headers["Authorization"] = f"Bearer {token}"

    def _code(self) -> str:
        def look() -> str | None:
            for text in self.node.letters_to(self.email):
                found = _CODE.search(text)
                if found:
                    return found.group(1) or found.group(2)
            return None

        return until(f"a letter with a code for {self.email}", look)

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON at `path`. Raises `Refused`."""
        return self._call("GET", path, params=parameters)

    def post(self, path: str, **values: Any) -> Any:
        """The answer to posting `values`. Raises `Refused`."""
        return self._call("POST", path, json=values)

    def _call(self, method: str, path: str, **request: Any) -> Any:
        answer = self._client.request(method, path, **request)
        if answer.is_error:
            raise Refused(method, path, answer.status_code, answer.text)
        return answer.json()

    def upload(self, photo: bytes, name: str, description: str) -> Any:
        """Upload a photograph; the media attachment."""
        return self._call("POST", "/api/v2/media", files={"file": (name, photo)}, data={"description": description})

    def publish(self, text: str, media: Sequence[str] = (), **more: Any) -> Any:
        """Publish a post with uploaded media (ids); the status."""
        return self.post("/api/v1/statuses", status=text, media_ids=list(media), **more)

    def edit(self, status_id: str, **changes: Any) -> Any:
        """Change a post; the status as it is now."""
        return self._call("PUT", f"/api/v1/statuses/{status_id}", json=changes)

    def delete(self, status_id: str) -> None:
        """Delete a post."""
        self._call("DELETE", f"/api/v1/statuses/{status_id}")

    def change_profile(self, **changes: Any) -> Any:
        """Change the profile; the account as it is now."""
        return self._call("PATCH", "/api/v1/accounts/update_credentials", json=changes)

    def find(self, handle_or_url: str, kind: str) -> Any:
        """What `handle_or_url` names anywhere, fetched if need be: an account or status; `None` when not found."""
        found = self.get("/api/v2/search", q=handle_or_url, type=kind, resolve="true")[kind]
        return found[0] if found else None

    def relationship(self, account_id: str) -> Any:
        """How this person stands with an account."""
        return self.get("/api/v1/accounts/relationships", **{"id[]": account_id})[0]

    def home(self) -> list[Any]:
        """The newest of the home timeline."""
        statuses: list[Any] = self.get("/api/v1/timelines/home")
        return statuses

    def notifications(self, kind: str) -> list[Any]:
        """The newest notifications of one kind, also those that wait as requests."""
        notifications: list[Any] = self.get("/api/v1/notifications", include_filtered=True, **{"types[]": kind})
        return notifications

    def comments(self, status_id: str) -> list[Any]:
        """The comments below a post."""
        descendants: list[Any] = self.get(f"/api/v1/statuses/{status_id}/context")["descendants"]
        return descendants

    def sees(self, status_id: str) -> Any:
        """A post as this person sees it; `None` when there is none for them."""
        try:
            return self.get(f"/api/v1/statuses/{status_id}")
        except Refused as refusal:
            if refusal.status == 404:
                return None
            raise

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
