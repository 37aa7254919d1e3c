"""Quotes of a post, and who may do what with it."""

from __future__ import annotations

import msgspec
from quart import Blueprint, Response

from api import params
from api.auth import acting_account, allows, requires, viewer_id
from api.documentation import documented
from api.entities import status
from api.entities.status import Status
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import json_list, json_response
from node.errors import NotFound
from node.queries import quotes, statuses
from node.services import interaction_policies
from node.services import quotes as quote_service

blueprint = Blueprint("quotes", __name__)


class PolicyParameters(msgspec.Struct):
    """Who may do what: `public`, `followers`, `following` (those the author follows) or `nobody`.

    With `show_originals` those who see its photographs may have them in the quality they came in, without what the camera
    wrote in them. `quote_approval_policy` is Mastodon's, the rest ours. What is left out stays.
    """

    quote_approval_policy: str | None = None
    comment_policy: str | None = None
    share_policy: str | None = None
    hide_like_counts: bool | None = None
    show_originals: bool | None = None
    comments_disabled: bool | None = None

    def policies(self) -> interaction_policies.Policies:
        """As the services take it."""
        return interaction_policies.Policies(
            self.comment_policy or None,
            self.share_policy or None,
            self.quote_approval_policy or None,
            self.hide_like_counts,
            self.show_originals,
            self.comments_disabled,
        )


@blueprint.get("/api/v1/statuses/<id:status_id>/quotes")
@allows("read:statuses")
@documented(list[Status], paged=STATUSES, errors=(404,))
async def quoting(status_id: int) -> Response:
    """The posts that quote this one, as far as the caller may see them, newest quote first."""
    page, viewer = page_of_request(STATUSES), viewer_id()
    quoted = await statuses.one(viewer, status_id)
    if quoted is None:
        raise NotFound
    rows = await quotes.quoting(viewer, status_id, page, is_own=quoted.account_id == viewer)
    return json_list(await status.page(rows, viewer), link_header([row.cursor for row in rows], page))


@blueprint.post("/api/v1/statuses/<id:status_id>/quotes/<id:quoting_id>/revoke")
@requires("write:statuses")
@documented(Status, errors=(404,))
async def revoke(status_id: int, quoting_id: int) -> Response:
    """Have a post no longer show the caller's post it quotes; answers with the quoting post."""
    actor = await acting_account()
    await quote_service.revoke(actor, status_id, quoting_id)
    return json_response(await status.one(quoting_id, actor.id))


@blueprint.put("/api/v1/statuses/<id:status_id>/interaction_policy")
@requires("write:statuses")
@documented(Status, body=PolicyParameters, errors=(404, 422))
async def change_policy(status_id: int) -> Response:
    """Say anew who may quote, comment on and share one of the caller's own posts, and who sees how many like it."""
    wanted = await params.read(PolicyParameters)
    actor = await acting_account()
    await interaction_policies.change(actor, status_id, wanted.policies())
    return json_response(await status.one(status_id, actor.id))
