"""Reporting somebody to the moderators."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.entities import report
from api.entities.report import Report
from api.ids import Id
from api.responses import json_response
from node.errors import NotFound
from node.services import reports

blueprint = Blueprint("reports", __name__)


class ReportParameters(msgspec.Struct):
    """Whom and what; `category` is spam, legal, violation or other. `forward` also tells the account's own server, or
    those of `forward_to_domains` that are its own or of people whom the posts answer."""

    account_id: Id | None = None
    status_ids: list[Id] = []
    comment: str = ""
    forward: bool = False
    forward_to_domains: list[str] = []
    category: str | None = None
    rule_ids: list[Id] = []
    collection_ids: list[Id] = []


@blueprint.post("/api/v1/reports")
@requires("write:reports")
@documented(Report, body=ReportParameters, errors=(404, 422))
async def file() -> Response:
    """Report an account, and maybe some of its posts, to the moderators."""
    wanted = await params.read(ReportParameters)
    if wanted.account_id is None:
        raise NotFound
    complaint = reports.Complaint(
        target_id=wanted.account_id,
        post_ids=tuple(wanted.status_ids),
        rule_ids=tuple(wanted.rule_ids),
        comment=wanted.comment,
        category=wanted.category or None,
        collection_ids=tuple(wanted.collection_ids),
        forward=wanted.forward,
        forward_to=tuple(wanted.forward_to_domains),
    )
    filed = await reports.file(await acting_account(), complaint)
    return json_response(await report.one(filed))
