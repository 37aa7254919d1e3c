"""A call of the API that is answered before the framework: who calls, with which parameters, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from api import auth, limits, params
from api.client_address import neighbourhood
from api.cors import EXPOSED
from api.hot import Answer, Scope, address
from api.pagination import Page, links, page_of_query
from api.responses import JSON
from node.rate_limits import Standing
from node.runtime import runtime
from node.scopes import covers

_LONGEST_ID: Final = 18
_HEADERS: Final = (
    (b"content-type", JSON.encode()),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
    (b"x-content-type-options", b"nosniff"),
)


@dataclass(frozen=True, slots=True)
class Call:
    """A GET request by nobody, or by somebody who may make it. `query` are its parameters in their order."""

    scope: Scope
    caller: auth.Caller | None
    query: list[tuple[str, str]]

    @property
    def path(self) -> str:
        return str(self.scope["path"])

    @property
    def viewer_id(self) -> int | None:
        """The account of whoever looks."""
        return self.caller.account_id if self.caller is not None else None

    def page(self, sizes: tuple[int, int]) -> Page:
        """Which slice of a list is asked for. Raises `InvalidParameter`."""
        return page_of_query(dict(self.query[::-1]), sizes)

    def parameters(self, kind: type[params.Params]) -> params.Params:
        """The parameters as a struct. Raises `InvalidParameter`."""
        return params.convert(params.nested(self.query), kind)

    async def answer(self, body: bytes, link: Mapping[str, str] | None = None) -> Answer | None:
        """The answer with this JSON, counted with the limits of the whole API; `None` when it is once too often."""
        standings = await self._standings()
        if standings is None:
            return None
        headers = _api_headers(standings)
        headers += [(name.lower().encode(), value.encode()) for name, value in (link or {}).items()]
        return Answer(200, headers, body)

    async def answer_page(self, items: list[bytes], cursors: list[int], page: Page) -> Answer | None:
        """The answer with a page of entities that are JSON already."""
        return await self.answer(b"[" + b",".join(items) + b"]", links(self.path, self.query, cursors, page))

    async def _standings(self) -> list[Standing] | None:
        parts = runtime()
        if not parts.settings.rate_limits:
            return []
        caller = self.caller
        if caller is None:
            neighbours = neighbourhood(address(self.scope))
            paging = any(name in limits.CURSORS for name, _ in self.query)
            who = [(limits.PER_ADDRESS, neighbours), *([(limits.PAGING, neighbours)] if paging else [])]
        else:
            who = [(limits.PER_TOKEN, str(caller.token_id))]
            if caller.user_id is not None:
                who.append((limits.PER_USER, str(caller.user_id)))
        standings = [await parts.rate_limits.hit(limit, name) for limit, name in who]
        return None if any(standing.exceeded for standing in standings) else standings


def call_of(scope: Scope, permission: str, *, in_person: bool = False) -> Call | None:
    """The call in a request that needs the scope `permission` of those with a token; `None` to leave it to the
    framework. With `in_person`, of somebody with an account."""
    known, caller = _caller(scope, permission)
    if not known or (in_person and (caller is None or caller.account_id is None)):
        return None
    written = scope["query_string"]
    query = parse_qsl(written.decode("ascii", "replace"), keep_blank_values=True) if written else []
    if any(name == "access_token" for name, _ in query):
        return None
    return Call(scope, caller, query)


def number(text: str) -> int | None:
    """The id in a path."""
    return int(text) if len(text) <= _LONGEST_ID and text.isascii() and text.isdigit() else None


def _caller(scope: Scope, permission: str) -> tuple[bool, auth.Caller | None]:
    """Whether it is known who sent this and that they may, and who it is; nobody without a token."""
    header = _header(scope, b"authorization")
    if not header:
        return True, None
    if header[:7].lower() != b"bearer " or not header.isascii():
        return False, None
    caller = auth.remembered(header[7:].strip().decode())
    return caller is not None and caller.refusal is None and covers(caller.scopes, permission), caller


def _header(scope: Scope, name: bytes) -> bytes | None:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def _api_headers(standings: list[Standing]) -> list[tuple[bytes, bytes]]:
    if not standings:
        return list(_HEADERS)
    tightest = min(standings, key=lambda standing: standing.limit.count - standing.used)
    return [
        *_HEADERS,
        (b"x-ratelimit-limit", b"%d" % tightest.limit.count),
        (b"x-ratelimit-remaining", b"%d" % tightest.remaining),
        (b"x-ratelimit-reset", limits.iso_moment(tightest.reset_at).encode()),
    ]
