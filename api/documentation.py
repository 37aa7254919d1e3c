"""What a route takes and answers, stated beside it: the OpenAPI document is made from these statements.

`@documented` stands directly above the view, below `@requires` or `@allows` (which state the scopes themselves):

    @blueprint.get("/api/v1/timelines/home")
    @requires("read:statuses")
    @documented(list[Status], query=TimelineParameters, paged=STATUSES, errors=(422,))
    async def home() -> Response:
        '''What those the caller follows posted, and the caller's own.'''

The view's docstring is the operation's summary (first line) and description. 400, 401, 403 and 429 are stated by the
document itself where they can happen; `errors` names the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

View = TypeVar("View", bound=Callable[..., Any])

_OPERATION = "__operation__"
_ACCESS = "__access__"


class Empty(msgspec.Struct, frozen=True):
    """`{}`: nothing to say."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A route's contract. `answers` maps each status of success to the type of its JSON, or `None` for no JSON; several
    types in a tuple are those it may be one of.

    `query` and `body` are the structs that `params.read` fills; `files` names the files of a multipart body; `paged`
    is the (default, greatest) size of a keyset page; `media_type` is that of an answer that is not JSON; `deprecated`
    the day since which another call takes its place (ISO 8601); `headers` are those of the request it reads, explained.
    """

    answers: Mapping[int, Any]
    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    files: tuple[str, ...] = ()
    errors: tuple[int, ...] = ()
    paged: tuple[int, int] | None = None
    media_type: str = "application/json"
    deprecated: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: the scopes of which any one is enough, whether a token, and a person behind it, is needed."""

    scopes: tuple[str, ...] = field(default=())
    token: bool = True
    person: bool = True


def documented(
    answer: Any = None,
    *,
    status: int = 200,
    also: Mapping[int, Any] | None = None,
    query: type[msgspec.Struct] | None = None,
    body: type[msgspec.Struct] | None = None,
    files: tuple[str, ...] = (),
    errors: tuple[int, ...] = (),
    paged: tuple[int, int] | None = None,
    media_type: str = "application/json",
    deprecated: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Callable[[View], View]:
    """State what a view takes and answers (see `Operation`); `also` adds answers of other statuses."""
    answers = {status: answer, **(also or {})}
    operation = Operation(answers, query, body, files, errors, paged, media_type, deprecated, headers or {})

    def state(view: View) -> View:
        setattr(view, _OPERATION, operation)
        return view

    return state


def state_access(view: Callable[..., Any], access: Access) -> None:
    """Note on a view who may call it."""
    setattr(view, _ACCESS, access)


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """What was stated of a view."""
    return getattr(view, _OPERATION, None)


def access_of(view: Callable[..., Any]) -> Access | None:
    """Who may call a view; `None` when it asks for no token at all."""
    return getattr(view, _ACCESS, None)
