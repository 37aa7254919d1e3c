"""What moderators and admins may do, and over whom."""

from __future__ import annotations

from enum import Enum
from typing import Final

from node.errors import Forbidden
from node.models.accounts import User


class Permission(Enum):
    """Something that not everybody may do."""

    AUDIT_LOG = "read what the moderators decided"
    DASHBOARD = "see how the node is used"
    REPORTS = "work off reports"
    USERS = "see and judge accounts"
    TAXONOMIES = "decide what may trend"
    FEDERATION = "decide with which servers the node talks"
    BLOCKS = "refuse e-mail and IP addresses"
    USER_DATA = "delete what belongs to others"


_OF_MODERATORS: Final = frozenset(
    (Permission.AUDIT_LOG, Permission.DASHBOARD, Permission.REPORTS, Permission.USERS, Permission.TAXONOMIES)
)
_PERMISSIONS: Final = {"moderator": _OF_MODERATORS, "admin": frozenset(Permission)}
_RANKS: Final = {"moderator": 1, "admin": 2}
STAFF: Final = tuple(_RANKS)


def may(role: str, permission: Permission) -> bool:
    """Whether somebody in this role may do that."""
    return permission in _PERMISSIONS.get(role, frozenset())


def check(role: str, permission: Permission) -> None:
    """Raises `Forbidden` when somebody in this role may not do that."""
    if not may(role, permission):
        raise Forbidden()


def check_rank(moderator: User, other: User | None) -> None:
    """Raises `Forbidden` unless `moderator` stands above `other`; who is no user of this node stands below everybody."""
    if other is not None and _RANKS.get(moderator.role, 0) <= _RANKS.get(other.role, 0):
        raise Forbidden()
