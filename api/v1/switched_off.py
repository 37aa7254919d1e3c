"""What Mastodon has and a node of photographs does not: answered the way Mastodon does where it is switched off."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api.auth import requires, viewer_id
from api.documentation import Empty, documented
from api.entities.account import Account
from api.entities.status import Status
from api.responses import empty, json_response
from node.errors import NotFound
from node.queries import statuses

blueprint = Blueprint("switched_off", __name__)


class AnnualReport(msgspec.Struct, frozen=True):
    """A look back at a year. None is ever made here."""

    year: int


class AnnualReportState(msgspec.Struct, frozen=True):
    """Whether a look back can be had: `ineligible` here, always."""

    state: str


class AnnualReports(msgspec.Struct, frozen=True):
    """Looks back at years, and what they show."""

    annual_reports: list[AnnualReport]
    accounts: list[Account]
    statuses: list[Status]


@blueprint.post("/api/v1/statuses/<id:post_id>/translate")
@requires("read:statuses", person=False)
@documented(Empty, errors=(404,))
async def translate(post_id: int) -> Response:
    """Nothing is translated here: 404, as for a post that is not there."""
    await statuses.one(viewer_id(), post_id)
    raise NotFound


@blueprint.get("/api/v1/annual_reports")
@requires("read:accounts")
@documented(AnnualReports)
async def annual_reports() -> Response:
    """The caller's looks back at past years: there are none."""
    return json_response(AnnualReports([], [], []))


@blueprint.get("/api/v1/annual_reports/<id:year>")
@requires("read:accounts")
@documented(AnnualReports, errors=(404,))
async def annual_report(year: int) -> Response:
    """One of them: there is none."""
    raise NotFound


@blueprint.get("/api/v1/annual_reports/<id:year>/state")
@requires("read:accounts")
@documented(AnnualReportState)
async def annual_report_state(year: int) -> Response:
    """Whether one can be had: `ineligible`."""
    return json_response(AnnualReportState("ineligible"))


@blueprint.post("/api/v1/annual_reports/<id:year>/read")
@requires("write:accounts")
@documented(Empty, errors=(404,))
async def read_annual_report(year: int) -> Response:
    """Mark one as read: there is none."""
    raise NotFound


@blueprint.post("/api/v1/annual_reports/<id:year>/generate")
@requires("write:accounts")
@documented(Empty)
async def generate_annual_report(year: int) -> Response:
    """Ask for one: outside a campaign, and there are none here, nothing happens."""
    return empty()
