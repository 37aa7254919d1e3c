"""Posts that the caller has begun to write, kept here so that every device has them."""

from __future__ import annotations

from quart import Blueprint, Response

from api import mentions, params
from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import scheduled_status, status
from api.entities.scheduled_status import ScheduledStatus, StatusDraft
from api.entities.status import Status
from api.me import my_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import empty, json_response
from api.v1.scheduled_statuses import moment_of
from api.v1.statuses import NewStatus, draft_of, idempotency_key
from node.models.scheduled_posts import ScheduledPost
from node.queries import unposted
from node.services import draft_publishing, drafts

blueprint = Blueprint("drafts", __name__)


@blueprint.get("/api/v1/drafts")
@requires("read:statuses")
@documented(list[StatusDraft], paged=STATUSES)
async def listed() -> Response:
    """The caller's drafts, newest first."""
    page = page_of_request(STATUSES)
    rows = await unposted.drafts(my_id(), page)
    return json_response(
        await scheduled_status.draft_page(rows), headers=link_header([row["id"] for row in rows], page)
    )


@blueprint.post("/api/v1/drafts")
@requires("write:statuses")
@documented(StatusDraft, body=NewStatus, errors=(422,))
async def save() -> Response:
    """Keep what is written so far, with its pictures; nothing has to be complete."""
    wanted = await params.read(NewStatus)
    at = moment_of(wanted.scheduled_at) if wanted.scheduled_at else None
    saved = await drafts.save(await acting_account(), draft_of(wanted), at)
    return json_response(await scheduled_status.draft(saved))


@blueprint.get("/api/v1/drafts/<id:draft_id>")
@requires("read:statuses")
@documented(StatusDraft, errors=(404,))
async def show(draft_id: int) -> Response:
    """One of the caller's drafts."""
    return json_response(await scheduled_status.draft(await drafts.own(await acting_account(), draft_id)))


@blueprint.put("/api/v1/drafts/<id:draft_id>")
@requires("write:statuses")
@documented(StatusDraft, body=NewStatus, errors=(404, 422))
async def change(draft_id: int) -> Response:
    """Put what is written now in the place of what was kept."""
    wanted = await params.read(NewStatus)
    at = moment_of(wanted.scheduled_at) if wanted.scheduled_at else None
    saved = await drafts.change(await acting_account(), draft_id, draft_of(wanted), at)
    return json_response(await scheduled_status.draft(saved))


@blueprint.delete("/api/v1/drafts/<id:draft_id>")
@requires("write:statuses")
@documented(Empty, errors=(404,))
async def remove(draft_id: int) -> Response:
    """Throw a draft away."""
    await drafts.remove(await acting_account(), draft_id)
    return empty()


@blueprint.post("/api/v1/drafts/<id:draft_id>/publish")
@requires("write:statuses")
@documented(Status, also={202: ScheduledStatus}, errors=(404, 422))
async def publish(draft_id: int) -> Response:
    """Publish a draft, or schedule it when it says when (202). With an `Idempotency-Key` once, whatever is repeated."""
    key = idempotency_key()
    author = await acting_account()
    await mentions.make_known(await drafts.text_of(author, draft_id))
    made = await draft_publishing.publish(author, draft_id, key)
    if isinstance(made, ScheduledPost):
        return json_response(await scheduled_status.scheduled(made), 202)
    return json_response(await status.one(made.id, author.id))
