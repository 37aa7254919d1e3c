"""Accounts as moderators look for them."""

from __future__ import annotations

from typing import Final

from quart import Blueprint, Response

from api import params
from api.documentation import documented
from api.entities.account import role
from api.entities.admin.account import AdminAccount
from api.ids import Id
from api.pagination import TAGS
from api.params import InvalidParameter
from api.v1.admin.accounts import READ, Search, answer, matching
from api.v1.admin.guard import staff
from node.queries.admin_accounts import ORIGINS, STATUSES
from node.services.members import ROLES
from node.services.roles import STAFF, Permission

blueprint = Blueprint("admin_accounts_v2", __name__)

_ROLE_IDS: Final = {role(name).id: name for name in ROLES}


class SecondSearch(Search):
    """`origin` is `local` or `remote`; `status` `active`, `pending`, `disabled`, `silenced`, `suspended` or `sensitized`;
    `permissions` `staff`."""

    origin: str | None = None
    status: str | None = None
    permissions: str | None = None
    role_ids: list[str] | None = None
    invited_by: Id | None = None


@blueprint.get("/api/v2/admin/accounts")
@staff(Permission.USERS, READ)
@documented(list[AdminAccount], query=SecondSearch, paged=TAGS)
async def listed() -> Response:
    """Accounts, newest first."""
    asked = params.read_query(SecondSearch)
    if asked.origin and asked.origin not in ORIGINS:
        raise InvalidParameter(f"Unknown origin: {asked.origin}")
    if asked.status and asked.status not in STATUSES:
        raise InvalidParameter(f"Unknown status: {asked.status}")
    roles = tuple(_ROLE_IDS[number] for number in asked.role_ids if number in _ROLE_IDS) if asked.role_ids else None
    return await answer(
        matching(
            asked,
            origin=asked.origin or None,
            status=asked.status or None,
            roles=STAFF if asked.permissions == "staff" else roles,
            invited_by=asked.invited_by,
        )
    )
