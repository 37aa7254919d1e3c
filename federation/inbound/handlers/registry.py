"""Which handler for which activity, and what handlers have in common."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from activitypub.parse import ParseError, origin_host, parse_activity
from activitypub.types import Activity
from federation.fetching import Budget
from federation.resolve_errors import Unresolvable
from node.models.accounts import Account

ANY = "*"
"""Stands for every object type, also for an object that is only named by its id."""


@dataclass(frozen=True, slots=True)
class Received:
    """An activity and the account that verifiably sent it."""

    activity: Activity
    actor: Account
    budget: Budget = field(default_factory=Budget)
    passed_on_by: int | None = None
    """The account (a relay, a forwarder) that brought it, when that was not the actor."""

    @property
    def object_id(self) -> str:
        """The id of the one object. Raises `Unresolvable` when there is none or there are several."""
        if self.activity.object_id is None:
            raise Unresolvable(self.activity.id or self.activity.actor, "not exactly one object with an id")
        return self.activity.object_id

    @property
    def inner(self) -> Activity:
        """The embedded activity that is accepted, rejected or undone. Raises `Unresolvable` when it cannot be read.

        It is what the sender says of it, and counts only as far as the database agrees. Some leave out its id: then it is
        told by what it did.
        """
        if self.activity.object is None:
            raise Unresolvable(self.activity.id or self.activity.actor, "the inner activity is not embedded")
        try:
            document = self.activity.object
            if document.get("id") is None:
                document = {**document, "id": f"{self.activity.actor}#nameless"}
            return parse_activity(document)
        except ParseError as error:
            raise Unresolvable(self.activity.id or self.activity.actor, f"object.{error}") from error


Handler = Callable[[Received], Awaitable[None]]
_handlers: dict[tuple[str, str], Handler] = {}


def handles(activity_type: str, *object_types: str) -> Callable[[Handler], Handler]:
    """Register a handler for activities of a type with objects of these types (default: any)."""

    def register(handler: Handler) -> Handler:
        for object_type in object_types or (ANY,):
            _handlers[(activity_type, object_type)] = handler
        return handler

    return register


def handler_for(activity: Activity) -> Handler | None:
    """The handler for this activity: that of its object's type, else the one for any; `None` for kinds unknown here."""
    found = _handlers.get((activity.type, _object_type(activity)))
    return found or _handlers.get((activity.type, ANY))


def is_of(uri: str, account: Account) -> bool:
    """Whether an id lies on the host of an account: what only that account's server can speak for."""
    return origin_host(uri) == origin_host(account.uri)


def _object_type(activity: Activity) -> str:
    stated = activity.object.get("type") if activity.object is not None else None
    if isinstance(stated, list):
        stated = next((name for name in stated if (activity.type, name) in _handlers), None)
    return stated if isinstance(stated, str) else ANY
