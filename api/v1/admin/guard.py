"""Who may call the routes for moderators and admins: the token's scope, and the person's role."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from api.auth import caller, requires
from api.errors import Unauthorised
from node.models.accounts import User
from node.services.roles import Permission, check

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")

READ, WRITE = "admin:read", "admin:write"


def staff(
    permission: Permission, scope: str
) -> Callable[[Callable[Arguments, Awaitable[Answer]]], Callable[Arguments, Awaitable[Answer]]]:
    """The route needs a token with `scope`, of a person whose role has this permission; 403 for everybody else."""

    def decorate(view: Callable[Arguments, Awaitable[Answer]]) -> Callable[Arguments, Awaitable[Answer]]:
        @functools.wraps(view)
        async def permitted(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
            check(caller().role, permission)
            return await view(*args, **kwargs)

        return requires(scope)(permitted)

    return decorate


async def moderator() -> User:
    """The caller with their account, from the database, for a service to judge by. Raises `Unauthorised`."""
    user = await User.get_or_none(id=caller().user_id).select_related("account")
    if user is None:
        raise Unauthorised
    return user
