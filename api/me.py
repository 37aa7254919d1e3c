"""The account of the caller, by number."""

from __future__ import annotations

from api.auth import caller
from api.errors import UnauthenticatedUser


def my_id() -> int:
    """The account behind the token, for routes that need no more of it. Raises `UnauthenticatedUser`."""
    account_id = caller().account_id
    if account_id is None:
        raise UnauthenticatedUser
    return account_id


def my_user_id() -> int:
    """The user behind the token. Raises `UnauthenticatedUser`."""
    user_id = caller().user_id
    if user_id is None:
        raise UnauthenticatedUser
    return user_id
