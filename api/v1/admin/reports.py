"""Reports, worked off by the moderators."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import documented
from api.entities.admin import report as entity
from api.entities.admin.report import AdminReport
from api.ids import Id
from api.me import my_id
from api.pagination import TAGS, link_header, page_of_request
from api.responses import json_list, json_response
from api.v1.admin.guard import moderator, staff
from node.models.reports import Report
from node.queries.reports import ReportFilter, page_of_reports
from node.services import audit, reports
from node.services.roles import Permission

blueprint = Blueprint("admin_reports", __name__)

READ: Final = "admin:read:reports"
WRITE: Final = "admin:write:reports"
_PATH: Final = "/api/v1/admin/reports"
_ONE: Final = f"{_PATH}/<id:report_id>"


class Wanted(msgspec.Struct):
    """Open reports, or with `resolved` closed ones, or with both all; by whom, and of whom."""

    resolved: bool = False
    unresolved: bool = False
    account_id: Id | None = None
    target_account_id: Id | None = None


class Classification(msgspec.Struct):
    """Which kind of report it is, and which rules were broken; what is not named stays."""

    category: str | None = None
    rule_ids: list[Id] | None = None


@blueprint.get(_PATH)
@staff(Permission.REPORTS, READ)
@documented(list[AdminReport], query=Wanted, paged=TAGS)
async def listed() -> Response:
    """Reports, newest first."""
    asked = params.read_query(Wanted)
    page = page_of_request(TAGS)
    wanted = ReportFilter(
        resolved=None if asked.resolved and asked.unresolved else asked.resolved,
        account_id=asked.account_id,
        target_id=asked.target_account_id,
    )
    found = await page_of_reports(wanted, page)
    rows = await Report.filter(id__in=found).order_by("-id") if found else []
    return json_list(await entity.page(rows, my_id()), link_header(found, page))


@blueprint.get(_ONE)
@staff(Permission.REPORTS, READ)
@documented(AdminReport, errors=(404,))
async def show(report_id: int) -> Response:
    """One report."""
    return await _answer(await reports.one(report_id))


@blueprint.put(_ONE)
@staff(Permission.REPORTS, WRITE)
@documented(AdminReport, body=Classification, errors=(404, 422))
async def classify(report_id: int) -> Response:
    """Put a report under another category, or name other rules."""
    asked = await params.read(Classification)
    me = await moderator()
    async with audit.decision(me.account_id, "update", "Report", report_id, f"#{report_id}"):
        row = await reports.classify(report_id, category=asked.category, rule_ids=asked.rule_ids)
    return await _answer(row)


@blueprint.post(f"{_ONE}/assign_to_self")
@staff(Permission.REPORTS, WRITE)
@documented(AdminReport, errors=(404,))
async def assign_to_self(report_id: int) -> Response:
    """Take care of a report."""
    me = await moderator()
    async with audit.decision(me.account_id, "assigned_to_self", "Report", report_id, f"#{report_id}"):
        row = await reports.assign(report_id, me.account)
    return await _answer(row)


@blueprint.post(f"{_ONE}/unassign")
@staff(Permission.REPORTS, WRITE)
@documented(AdminReport, errors=(404,))
async def unassign(report_id: int) -> Response:
    """Leave a report to whoever takes care of it."""
    me = await moderator()
    async with audit.decision(me.account_id, "unassigned", "Report", report_id, f"#{report_id}"):
        row = await reports.assign(report_id, None)
    return await _answer(row)


@blueprint.post(f"{_ONE}/resolve")
@staff(Permission.REPORTS, WRITE)
@documented(AdminReport, errors=(404,))
async def resolve(report_id: int) -> Response:
    """Close a report."""
    me = await moderator()
    async with audit.decision(me.account_id, "resolve", "Report", report_id, f"#{report_id}"):
        row = await reports.resolve(report_id, me.account)
    return await _answer(row)


@blueprint.post(f"{_ONE}/reopen")
@staff(Permission.REPORTS, WRITE)
@documented(AdminReport, errors=(404,))
async def reopen(report_id: int) -> Response:
    """Open a closed report again."""
    me = await moderator()
    async with audit.decision(me.account_id, "reopen", "Report", report_id, f"#{report_id}"):
        row = await reports.reopen(report_id)
    return await _answer(row)


async def _answer(row: Report) -> Response:
    return json_response(await entity.one(row, my_id()))
