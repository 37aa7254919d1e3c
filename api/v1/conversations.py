"""The caller's conversations: threads of direct posts."""

from __future__ import annotations

from quart import Blueprint, Response

from api.auth import acting_account, requires
from api.documentation import Empty, documented
from api.entities import conversation
from api.entities.conversation import Conversation
from api.me import my_id
from api.pagination import STATUSES, link_header, page_of_request
from api.responses import empty, json_list, json_response
from node.errors import NotFound
from node.queries import conversations as rows_of
from node.services import conversations

blueprint = Blueprint("conversations", __name__)


@blueprint.get("/api/v1/conversations")
@requires("read:statuses")
@documented(list[Conversation], paged=STATUSES)
async def listed() -> Response:
    """The caller's conversations, newest post first."""
    page = page_of_request(STATUSES)
    rows = await rows_of.page_of_conversations(my_id(), page)
    return json_list(await conversation.page(rows, my_id()), link_header([row.cursor for row in rows], page))


@blueprint.delete("/api/v1/conversations/<id:conversation_id>")
@requires("write:conversations")
@documented(Empty, errors=(404,))
async def remove(conversation_id: int) -> Response:
    """Remove a conversation from the list; its posts stay."""
    await conversations.remove(await acting_account(), conversation_id)
    return empty()


@blueprint.post("/api/v1/conversations/<id:conversation_id>/read")
@requires("write:conversations")
@documented(Conversation, errors=(404,))
async def read(conversation_id: int) -> Response:
    """Note that a conversation was read."""
    return await _marked(conversation_id, unread=False)


@blueprint.post("/api/v1/conversations/<id:conversation_id>/unread")
@requires("write:conversations")
@documented(Conversation, errors=(404,))
async def unread(conversation_id: int) -> Response:
    """Have a conversation count as unread."""
    return await _marked(conversation_id, unread=True)


async def _marked(conversation_id: int, *, unread: bool) -> Response:
    await conversations.mark(await acting_account(), conversation_id, unread=unread)
    row = await rows_of.one(my_id(), conversation_id)
    if row is None:
        raise NotFound
    return json_response((await conversation.page([row], my_id()))[0])
