"""A node to call in tests: the whole application in this process, over a database of its own.

`Client` is an app with a token, `Browser` a person with cookies who fills in the forms they are shown.
"""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from quart import Quart, Response
from quart.testing.utils import sentinel

from node import clock
from node.ids import new_id
from node.models.accounts import Account, User
from node.models.credentials import AccessToken, Application
from node.runtime import Runtime
from node.secrecy import hash_token, new_token
from node.services import oauth
from tests import builders

PASSWORD = "a heron at the weir"
CALLBACK = "https://app.example/callback"


@dataclass(frozen=True)
class Node:
    """The running application and its parts."""

    app: Quart
    parts: Runtime

    def client(self, token: str | None = None) -> Client:
        """An app, with a token or without."""
        return Client(self.app, token)

    def browser(self) -> Browser:
        """A browser that has never been here."""
        return Browser(self.app)

    async def signed_in(self, account: Account, *scopes: str) -> Client:
        """An app that `account` has granted `scopes` (default: read, write, follow, push)."""
        user = await User.get(account_id=account.id)
        return Client(self.app, await new_access_token(user, *scopes))

    def letters(self, to: str | None = None) -> list[EmailMessage]:
        """The letters the node has written, oldest first; run the jobs before."""
        files = sorted((self.parts.settings.data_dir / "outbox").glob("*.eml"))
        found = [email.message_from_bytes(file.read_bytes(), policy=default) for file in files]
        return [letter for letter in found if to is None or letter["To"] == to]


class Client:
    """Calls the API. Answers are Quart's; `json` reads one."""

    def __init__(self, app: Quart, token: str | None = None) -> None:
        self._client = app.test_client(use_cookies=False)
        self.token = token

    async def get(self, path: str, **arguments: Any) -> Response:
        """GET, e.g. `get("/api/v1/accounts/1", query_string={"limit": 2})`."""
        return await self.call("GET", path, **arguments)

    async def post(self, path: str, **arguments: Any) -> Response:
        """POST with `json=` or `form=`."""
        return await self.call("POST", path, **arguments)

    async def call(self, method: str, path: str, **arguments: Any) -> Response:
        """Any method; `headers=` come on top of the token."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= arguments.pop("headers", {})
        body = arguments.pop("json", sentinel)
        return await self._client.open(path, method=method, headers=headers, scheme="https", json=body, **arguments)


async def json(response: Response, status: int = 200) -> Any:
    """What an answer of that status says."""
    body = await response.get_data()
    assert response.status_code == status, body
    return await response.get_json()


class Browser:
    """Opens pages, keeps cookies, sends the forms it was shown."""

    def __init__(self, app: Quart) -> None:
        self._client = app.test_client()
        self.cookies: dict[str, str] = {}
        self.response: Response
        self.text = ""
        self.url = "/"

    @property
    def status(self) -> int:
        """Of the last answer."""
        return self.response.status_code

    @property
    def location(self) -> str:
        """Where the last answer leads."""
        return self.response.headers["Location"]

    async def open(self, url: str, *, follow: bool = True, headers: dict[str, str] | None = None) -> Browser:
        """Open a page, following redirects within the node unless told not to."""
        await self._send("GET", url, None, headers)
        return await self._follow() if follow else self

    async def submit(self, *, action: str | None = None, follow: bool = True, **fields: str) -> Browser:
        """Fill in the form of the page (the one that goes to `action`, or the first) and send it."""
        target, hidden = self._form(action)
        await self._send("POST", target, {**hidden, **fields}, None)
        return await self._follow() if follow else self

    async def send(self, url: str, fields: dict[str, str]) -> Browser:
        """Send a form that no page has shown: what another site could make this browser do."""
        await self._send("POST", url, fields, None)
        return self

    def hidden(self, action: str | None = None) -> dict[str, str]:
        """The hidden fields of a form of this page."""
        return self._form(action)[1]

    async def _send(self, method: str, url: str, fields: dict[str, str] | None, headers: dict[str, str] | None) -> None:
        sent = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        if fields is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        client = self._client
        client.cookie_jar = None
        self.response = await client.open(
            url,
            method=method,
            headers={**sent, **(headers or {})},
            data=urlencode(fields) if fields is not None else None,
            json=sentinel,
            scheme="https",
        )
        self.text = await self.response.get_data(as_text=True)
        self.url = url
        for line in self.response.headers.getlist("Set-Cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0]
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)

    async def _follow(self) -> Browser:
        for _ in range(5):
            if not 300 <= self.status < 400 or not self.location.startswith("/"):
                break
            await self._send("GET", self.location, None, None)
        return self

    def _form(self, action: str | None) -> tuple[str, dict[str, str]]:
        forms = _Forms(self.url)
        forms.feed(self.text)
        for target, hidden in forms.found:
            if action is None or target == action:
                return target, hidden
        raise AssertionError(f"no form to {action} in\n{self.text}")


class _Forms(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((values.get("action", self._url), {}))
        elif tag == "input" and values.get("type") == "hidden" and self.found:
            self.found[-1][1][values["name"]] = values.get("value", "")


async def person(username: str = "alice", password: str = PASSWORD, **columns: Any) -> User:
    """Somebody with a password who may sign in; `columns` change their user."""
    from node.passwords import hash_password

    account = await builders.local_account(username)
    await User.filter(account_id=account.id).update(password_hash=await hash_password(password), **columns)
    return await User.get(account_id=account.id).select_related("account")


async def registered(*, scopes: str = "read write follow push", redirect_uri: str = CALLBACK) -> oauth.Registration:
    """An application that has registered."""
    return await oauth.register("Weir", [redirect_uri], scopes.split())


async def new_access_token(user: User | None, *scopes: str, application: Application | None = None) -> str:
    """A token of `user` (or of the application alone) with `scopes`, as clients hold it."""
    app = application or (await registered()).application
    value = new_token()
    await AccessToken.create(
        id=new_id(),
        token_hash=hash_token(value),
        application_id=app.id,
        user_id=user.id if user else None,
        scopes=list(scopes or ("read", "write", "follow", "push")),
        created_at=clock.now(),
    )
    return value


def link_in(letter: EmailMessage) -> str:
    """The path of the first link with a token in a letter; the node's own address stands before it."""
    found = re.search(r"https://here\.example(/\S+/[\w-]{40,})", body(letter))
    assert found, body(letter)
    return found[1]


def code_in(letter: EmailMessage) -> str:
    """The six digits in a letter."""
    found = re.search(r"\b\d{6}\b", body(letter))
    assert found, body(letter)
    return found[0]


def body(letter: EmailMessage) -> str:
    """The plain text of a letter."""
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def query_of(url: str) -> dict[str, str]:
    """The query of an address, one value each."""
    return {name: values[0] for name, values in parse_qs(urlsplit(unescape(url)).query).items()}
