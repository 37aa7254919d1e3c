"""What the moderators decided."""

from __future__ import annotations

from quart import Blueprint, Response

from api.documentation import documented
from api.entities.admin import audit_entry
from api.entities.admin.audit_entry import AuditEntry
from api.pagination import TAGS, link_header, page_of_request
from api.responses import json_response
from api.v1.admin.guard import READ, staff
from node.models.moderation import AuditEntry as EntryRow
from node.queries.rows import page_of_rows
from node.services.roles import Permission

blueprint = Blueprint("admin_audit_log", __name__)


@blueprint.get("/api/v1/admin/audit_log")
@staff(Permission.AUDIT_LOG, READ)
@documented(list[AuditEntry], paged=TAGS)
async def listed() -> Response:
    """Every decision of a moderator or admin, newest first."""
    page = page_of_request(TAGS)
    rows = await page_of_rows(EntryRow, page)
    return json_response(await audit_entry.page(rows), headers=link_header([row.id for row in rows], page))
