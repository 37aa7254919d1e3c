"""Somebody with an account, a browser and an app, who goes through the node's doors like anybody else."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from media.drawn import draw_picture
from node.demo.person import Person, Refused
from node.demo.process import NodeProcess, until

__all__ = ["ACTIVITY", "Browser", "Member", "Refused", "document", "newcomer", "photographs"]

ACTIVITY = "application/activity+json"
REDIRECT = "http://localhost/signed-in"
SCOPES = ("read", "write", "follow")


class Member(Person):
    """A person's own doings, named. Statuses and accounts are the API's JSON, ids those of the person's own node."""

    @property
    def token(self) -> str:
        """What the person's app proves itself with."""
        return self._client.headers["Authorization"].removeprefix("Bearer ")

    def authorise_app(self) -> None:
        """From now on use an app that got its token by the authorisation code flow, in the browser."""
        scope = " ".join(SCOPES)
        app = self.post("/api/v1/apps", client_name="An app", redirect_uris=REDIRECT, scopes=scope)
        client = {name: app[name] for name in ("client_id", "client_secret")} | {"redirect_uri": REDIRECT}
        query = {"client_id": app["client_id"], "redirect_uri": REDIRECT, "response_type": "code", "scope": scope}
        with Browser(self.node.url) as browser:
            code = browser.allow(f"{self.node.url}/oauth/authorize?{httpx.QueryParams(query)}", self)
        token = self.post("/oauth/token", grant_type="authorization_code", code=code, scope=scope, **client)
        self._use(token["access_token"])

    def knows(self, other: Person) -> Any:
        """The account of somebody anywhere, as this person's node shows it; asked of their node when need be."""
        return until(f"{self.handle} finds {other.handle}", lambda: self.find(f"@{other.handle}", "accounts"))

    def knows_of(self, uri: str) -> Any:
        """A post on the own node by its ActivityPub id, fetched when need be; `None` if it is not to be had."""
        return self.find(uri, "statuses")

    def account(self, account_id: str) -> Any:
        """An account as this person sees it."""
        return self.get(f"/api/v1/accounts/{account_id}")

    def me(self) -> Any:
        """The own account as others see it."""
        return self.account(self.id)

    def follow(self, other: Person) -> Any:
        """Follow or ask to; the relationship."""
        return self.post(f"/api/v1/accounts/{self.knows(other)['id']}/follow")

    def unfollow(self, other: Person) -> Any:
        """Follow no longer; the relationship."""
        return self.post(f"/api/v1/accounts/{self.knows(other)['id']}/unfollow")

    def stands_with(self, other: Person) -> Any:
        """The relationship to somebody."""
        return self.relationship(self.knows(other)["id"])

    def does(self, deed: str, status_id: str) -> Any:
        """`favourite`, `unfavourite`, `reblog`, `unreblog` … a post; the status."""
        return self.post(f"/api/v1/statuses/{status_id}/{deed}")

    def asked_by(self) -> list[str]:
        """The handles of those who wait to be accepted."""
        return [account["acct"] for account in self.get("/api/v1/follow_requests")]

    def told(self, kind: str, by: Person) -> Any:
        """The newest notification of this kind from somebody; `None` when there is none."""
        acct = by.username if by.node is self.node else by.handle
        return next((item for item in self.notifications(kind) if item["account"]["acct"] == acct), None)

    def at_home(self, uri: str) -> Any:
        """The post or share of this ActivityPub id in the home timeline; `None` when it is not there."""
        return next((status for status in self.home() if status["uri"] == uri), None)

    def receives(self, post: Any) -> Any:
        """Somebody's post or share as it shows up in the home timeline."""
        return until(f"{post['uri']} is in {self.username}'s home", lambda: self.at_home(post["uri"]))

    def history(self, status_id: str) -> list[Any]:
        """Every look of a post, oldest first."""
        looks: list[Any] = self.get(f"/api/v1/statuses/{status_id}/history")
        return looks

    def photographs(self, *descriptions: str) -> list[Any]:
        """Upload a drawn photograph for each description; the attachments."""
        return [
            self.upload(photo, f"{number}.jpg", description)
            for number, (photo, description) in enumerate(
                zip(photographs(len(descriptions)), descriptions, strict=True)
            )
        ]

    def change_picture(self, photo: bytes) -> Any:
        """Give the profile a picture; the account."""
        return self._call("PATCH", "/api/v1/accounts/update_credentials", files={"avatar": ("me.jpg", photo)})


def newcomer(node: NodeProcess, name: str) -> Member:
    """Somebody new on a node, signed in; the name is made unique."""
    member = Member(node, f"{name}{secrets.token_hex(3)}")
    member.sign_up()
    return member


def photographs(count: int) -> list[bytes]:
    """So many small photographs, no two alike."""
    return [draw_picture(number, 480 + 40 * number, 320) for number in range(count)]


def document(uri: str) -> httpx.Response:
    """What a stranger's server gets for an ActivityPub id when it does not sign its request."""
    return httpx.get(uri, headers={"Accept": ACTIVITY}, timeout=20)


@dataclass(frozen=True)
class Form:
    """A form of a page: where it goes, and what is in its fields."""

    action: str
    fields: dict[str, str]


class Browser:
    """Keeps cookies, follows redirects within the node, fills in forms. It knows no JavaScript."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self._client = httpx.Client(base_url=origin, timeout=30, headers={"Accept": "text/html", "Origin": origin})

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def open(self, url: str) -> httpx.Response:
        """Go to a page; stops where a redirect leads out of the node."""
        return self._follow(self._client.get(url))

    def submit(self, page: httpx.Response, action: str, **values: str) -> httpx.Response:
        """Send the form of `page` that goes to `action`, with `values` typed in or pressed."""
        form = next(form for form in forms_of(page.text) if form.action == action)
        return self._follow(self._client.post(action, data={**form.fields, **values}))

    def allow(self, url: str, person: Person) -> str:
        """Sign in where asked to, consent, and return the code the application gets: by its address, or shown."""
        page = self.open(url)
        if urlsplit(str(page.url)).path == "/sign-in":
            page = self.submit(page, "/sign-in", login=person.email, password=person.password)
        assert urlsplit(str(page.url)).path == "/oauth/authorize", page.text
        page = self.submit(page, "/oauth/authorize", decision="allow")
        if page.is_redirect:
            return parse_qs(urlsplit(page.headers["Location"]).query)["code"][0]
        shown = re.search(r'<input id="code"[^>]* value="([^"]+)"', page.text)
        assert shown, page.text
        return shown[1]

    def _follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.next_request is not None and self._is_here(str(answer.next_request.url)):
            answer = self._client.send(answer.next_request)
        return answer

    def _is_here(self, url: str) -> bool:
        return url.startswith(f"{self._origin}/")


def forms_of(html: str) -> Sequence[Form]:
    """The forms of a page with the fields that have a name and a value; buttons are the caller's to press."""
    reader = _FormReader()
    reader.feed(html)
    return reader.forms


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self.forms.append(Form(values.get("action") or "", {}))
        elif tag == "input" and self.forms and values.get("name"):
            self.forms[-1].fields[values["name"] or ""] = values.get("value") or ""
