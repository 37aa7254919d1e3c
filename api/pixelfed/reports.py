"""Reports as Pixelfed's apps send them."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, requires
from api.documentation import documented
from api.pixelfed.accounts import Done
from api.pixelfed.paths import served
from api.responses import json_response
from node.models.accounts import Account
from node.models.reports import LEGAL, OTHER, SPAM
from node.queries import accounts, statuses
from node.services import reports

blueprint = Blueprint("pixelfed_reports", __name__)

_CATEGORIES: Final = {
    "spam": SPAM,
    "sensitive": OTHER,
    "abusive": OTHER,
    "underage": OTHER,
    "violence": OTHER,
    "copyright": LEGAL,
    "impersonation": OTHER,
    "scam": SPAM,
    "terrorism": LEGAL,
}


class PixelfedReport(msgspec.Struct):
    """`report_type`: spam, sensitive, abusive, underage, violence, copyright, impersonation, scam or terrorism;
    `object_type`: post or user."""

    report_type: str = ""
    object_type: str = ""
    object_id: str = ""


class Refusal(msgspec.Struct, frozen=True):
    """Why a report is not taken; `error_code` is for programs."""

    msg: str
    error_code: str
    error: str
    code: int = 400


@served(blueprint, "POST", "/report")
@requires("write:reports")
@documented(Done, body=PixelfedReport, errors=(404, 422))
async def report() -> Response:
    """Report a post or an account to the moderators; what is not taken is answered 400 with an `error_code`."""
    wanted = await params.read(PixelfedReport)
    if not (wanted.report_type and wanted.object_type and wanted.object_id):
        return _refused("Invalid or missing parameters", "ERROR_INVALID_PARAMS")
    if wanted.report_type not in _CATEGORIES:
        return _refused("Invalid report type", "ERROR_TYPE_INVALID")
    if wanted.object_type not in ("post", "user"):
        return _refused("Invalid report type", "ERROR_REPORT_OBJECT_TYPE_INVALID")
    reporter = await acting_account()
    concerned = await _concerned(reporter, wanted)
    if concerned is None:
        return _refused("Invalid object id", "ERROR_INVALID_OBJECT_ID")
    target_id, post_ids = concerned
    if target_id == reporter.id:
        return _refused("Cannot self report", "ERROR_NO_SELF_REPORTS")
    complaint = reports.Complaint(
        target_id=target_id,
        post_ids=post_ids,
        comment=wanted.report_type,
        category=_CATEGORIES[wanted.report_type],
    )
    if await reports.is_filed(reporter, complaint):
        return _refused("Duplicate report", "ERROR_REPORT_DUPLICATE")
    await reports.file(reporter, complaint)
    return json_response(Done("Successfully sent report"))


async def _concerned(reporter: Account, wanted: PixelfedReport) -> tuple[int, tuple[int, ...]] | None:
    """The account reported and the posts of it; `None` for what the reporter cannot see."""
    number = wanted.object_id
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    if wanted.object_type == "user":
        found = await accounts.visible_by_ids(reporter.id, [int(number)])
        return (found[0].id, ()) if found else None
    row = await statuses.one(reporter.id, int(number))
    if row is None:
        return None
    if row.shared_id is None or row.shared_account_id is None:
        return row.account_id, (row.id,)
    return row.shared_account_id, (row.shared_id,)


def _refused(sentence: str, code: str) -> Response:
    return json_response(Refusal(sentence, code, sentence), 400)
