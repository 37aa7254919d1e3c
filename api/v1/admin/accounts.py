"""Accounts as moderators see them, and what is done about them."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import Empty, documented
from api.entities.admin import account as entity
from api.entities.admin.account import AdminAccount
from api.ids import Id
from api.pagination import TAGS, link_header, page_of_request
from api.responses import empty, json_response
from api.v1.admin.guard import moderator, staff
from node import urls
from node.queries import admin_accounts
from node.queries.admin_accounts import AccountFilter
from node.services import moderation
from node.services.roles import STAFF, Permission

blueprint = Blueprint("admin_accounts", __name__)

READ: Final = "admin:read:accounts"
WRITE: Final = "admin:write:accounts"
_PATH: Final = "/api/v1/admin/accounts"
_STATUSES: Final = ("active", "pending", "disabled", "silenced", "suspended", "sensitized")


class Search(msgspec.Struct):
    """How a user name, a display name or an e-mail address begins, the server, and an IP address or network."""

    username: str = ""
    display_name: str = ""
    by_domain: str = ""
    email: str = ""
    ip: str = ""


class FirstSearch(Search):
    """`local` and `active` accounts unless something else is asked for."""

    local: bool = False
    remote: bool = False
    active: bool = False
    pending: bool = False
    disabled: bool = False
    silenced: bool = False
    suspended: bool = False
    sensitized: bool = False
    staff: bool = False


class Measure(msgspec.Struct):
    """What is done. `type` is `none`, `disable`, `sensitive`, `silence` or `suspend`."""

    type: str = ""
    report_id: Id | None = None
    warning_preset_id: Id | None = None
    text: str = ""
    send_email_notification: bool = True


@blueprint.get(_PATH)
@staff(Permission.USERS, READ)
@documented(list[AdminAccount], query=FirstSearch, paged=TAGS)
async def listed() -> Response:
    """Accounts, newest first: those here that are active, or what else is asked for."""
    asked = params.read_query(FirstSearch)
    status = "active"
    for name in _STATUSES:
        status = name if getattr(asked, name) else status
    return await answer(
        matching(
            asked, origin="remote" if asked.remote else "local", status=status, roles=STAFF if asked.staff else None
        )
    )


def matching(
    asked: Search,
    *,
    origin: str | None,
    status: str | None,
    roles: tuple[str, ...] | None,
    invited_by: int | None = None,
) -> AccountFilter:
    """Both versions' parameters as one filter."""
    return AccountFilter(
        origin=origin,
        status=status,
        roles=roles,
        username=asked.username.strip(),
        display_name=asked.display_name.strip(),
        domain=asked.by_domain.strip(),
        email=asked.email.strip(),
        ip=asked.ip.strip(),
        invited_by=invited_by,
    )


async def answer(wanted: AccountFilter) -> Response:
    """The page of these accounts the request asks for."""
    page = page_of_request(TAGS)
    found = await admin_accounts.page_of_accounts(wanted, urls.instance_actor(), page)
    return json_response(await entity.page(found), headers=link_header(found, page))


@blueprint.get(f"{_PATH}/<id:account_id>")
@staff(Permission.USERS, READ)
@documented(AdminAccount, errors=(404,))
async def show(account_id: int) -> Response:
    """One account."""
    return json_response(await entity.one(account_id))


@blueprint.delete(f"{_PATH}/<id:account_id>")
@staff(Permission.USER_DATA, WRITE)
@documented(Empty, errors=(404,))
async def remove_data(account_id: int) -> Response:
    """Delete, for good, what a suspended account made. For admins alone."""
    await moderation.remove_data(await moderator(), account_id)
    return empty()


@blueprint.post(f"{_PATH}/<id:account_id>/approve")
@staff(Permission.USERS, WRITE)
@documented(AdminAccount, errors=(404,))
async def approve(account_id: int) -> Response:
    """Let somebody in who asked to join."""
    await moderation.approve(await moderator(), account_id)
    return json_response(await entity.one(account_id))


@blueprint.post(f"{_PATH}/<id:account_id>/reject")
@staff(Permission.USERS, WRITE)
@documented(Empty, errors=(404,))
async def reject(account_id: int) -> Response:
    """Turn somebody away who asked to join: the account is gone."""
    await moderation.reject(await moderator(), account_id)
    return empty()


@blueprint.post(f"{_PATH}/<id:account_id>/enable")
@staff(Permission.USERS, WRITE)
@documented(AdminAccount, errors=(404,))
async def enable(account_id: int) -> Response:
    """Let somebody in again who was shut out."""
    await moderation.enable(await moderator(), account_id)
    return json_response(await entity.one(account_id))


@blueprint.post(f"{_PATH}/<id:account_id>/unsilence")
@staff(Permission.USERS, WRITE)
@documented(AdminAccount, errors=(404,))
async def unsilence(account_id: int) -> Response:
    """Show a limited account to everybody again."""
    await moderation.unsilence(await moderator(), account_id)
    return json_response(await entity.one(account_id))


@blueprint.post(f"{_PATH}/<id:account_id>/unsuspend")
@staff(Permission.USERS, WRITE)
@documented(AdminAccount, errors=(404,))
async def unsuspend(account_id: int) -> Response:
    """Take a suspension of this server back."""
    await moderation.unsuspend(await moderator(), account_id)
    return json_response(await entity.one(account_id))


@blueprint.post(f"{_PATH}/<id:account_id>/unsensitive")
@staff(Permission.USERS, WRITE)
@documented(AdminAccount, errors=(404,))
async def unsensitive(account_id: int) -> Response:
    """No longer mark everything an account posts as sensitive."""
    await moderation.uncover(await moderator(), account_id)
    return json_response(await entity.one(account_id))


@blueprint.post(f"{_PATH}/<id:account_id>/action")
@staff(Permission.USERS, WRITE)
@documented(Empty, body=Measure, errors=(404, 422))
async def act(account_id: int) -> Response:
    """Warn, disable, limit or suspend an account, mark its posts as sensitive, and close the reports of it.

    Moderators cannot do this to other moderators or to admins.
    """
    asked = await params.read(Measure)
    measure = moderation.Measure(
        kind=asked.type,
        text=asked.text,
        report_id=asked.report_id,
        preset_id=asked.warning_preset_id,
        tells=asked.send_email_notification,
    )
    await moderation.take(await moderator(), account_id, measure)
    return empty()
