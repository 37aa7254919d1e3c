"""Rules for admins about what comes unasked: words, new servers, programs; and what is held for a decision."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import Empty, documented
from api.entities.admin import federation as entities
from api.entities.admin.federation import AdminHeaderBlock, AdminHeldPost, AdminKeywordRule, AdminNewcomerRule
from api.pagination import TAGS, link_header, page_of_request
from api.responses import empty, json_response
from api.v1.admin.guard import READ, WRITE, moderator, staff
from api.v1.admin.tables import page_of
from node.models.received_rules import EVERYWHERE, HeaderBlock, HeldPost, KeywordRule
from node.queries.rows import page_of_rows
from node.services import header_blocks, keyword_rules, newcomer_rules
from node.services.roles import Permission

blueprint = Blueprint("admin_received_rules", __name__)

_KEYWORDS: Final = "/api/v1/admin/keyword_rules"
_HELD: Final = "/api/v1/admin/held_posts"
_NEWCOMERS: Final = "/api/v1/admin/newcomer_rule"
_HEADERS: Final = "/api/v1/admin/header_blocks"


class WantedKeyword(msgspec.Struct):
    """The words, as a word of their own or anywhere, and what becomes of a post with them."""

    keyword: str = ""
    action: str = "hold"
    whole_word: bool = True


class WantedNewcomerRule(msgspec.Struct):
    """For how many days a server is new, and how it is treated: `hold` or `limit`."""

    days: int = 0
    action: str = "hold"


class WantedHeaderBlock(msgspec.Struct):
    """Which characters in which header, where."""

    pattern: str = ""
    header: str = "user-agent"
    place: str = EVERYWHERE
    comment: str = ""


@blueprint.get(_KEYWORDS)
@staff(Permission.FEDERATION, READ)
@documented(list[AdminKeywordRule], paged=TAGS)
async def keywords() -> Response:
    """The rules about words in posts by people elsewhere whom nobody here follows, newest first."""
    return await page_of(KeywordRule, entities.keyword_rule)


@blueprint.post(_KEYWORDS)
@staff(Permission.FEDERATION, WRITE)
@documented(AdminKeywordRule, body=WantedKeyword, errors=(422,))
async def add_keyword() -> Response:
    """Lay down such a rule; it holds for what comes from now on."""
    asked = await params.read(WantedKeyword)
    me = await moderator()
    rule = await keyword_rules.add(me.account_id, asked.keyword, asked.action, whole_word=asked.whole_word)
    return json_response(entities.keyword_rule(rule))


@blueprint.delete(f"{_KEYWORDS}/<id:rule_id>")
@staff(Permission.FEDERATION, WRITE)
@documented(Empty, errors=(404,))
async def remove_keyword(rule_id: int) -> Response:
    """Take such a rule back, and the silencings it brought."""
    await keyword_rules.remove((await moderator()).account_id, rule_id)
    return empty()


@blueprint.get(_HELD)
@staff(Permission.REPORTS, READ)
@documented(list[AdminHeldPost], paged=TAGS)
async def held() -> Response:
    """The posts that wait for a moderator, newest first; nobody else sees them."""
    page = page_of_request(TAGS)
    rows = await page_of_rows(HeldPost, page)
    known = {
        row.id: row for row in await HeldPost.filter(id__in=[row.id for row in rows]).select_related("post", "account")
    }
    shown = [entities.held_post(known[row.id]) for row in rows if row.id in known]
    return json_response(shown, headers=link_header([row.id for row in rows], page))


@blueprint.post(f"{_HELD}/<id:held_id>/approve")
@staff(Permission.REPORTS, WRITE)
@documented(Empty, errors=(404,))
async def release(held_id: int) -> Response:
    """Let a held post be seen."""
    await keyword_rules.release((await moderator()).account_id, held_id)
    return empty()


@blueprint.post(f"{_HELD}/<id:held_id>/reject")
@staff(Permission.REPORTS, WRITE)
@documented(Empty, errors=(404,))
async def refuse(held_id: int) -> Response:
    """Remove a held post for good."""
    await keyword_rules.refuse((await moderator()).account_id, held_id)
    return empty()


@blueprint.get(_NEWCOMERS)
@staff(Permission.FEDERATION, READ)
@documented(AdminNewcomerRule)
async def newcomers() -> Response:
    """How servers are treated that have been known for a few days only."""
    return json_response(entities.newcomer_rule(await newcomer_rules.rule()))


@blueprint.put(_NEWCOMERS)
@staff(Permission.FEDERATION, WRITE)
@documented(AdminNewcomerRule, body=WantedNewcomerRule, errors=(422,))
async def change_newcomers() -> Response:
    """Treat them otherwise from now on."""
    asked = await params.read(WantedNewcomerRule)
    me = await moderator()
    return json_response(entities.newcomer_rule(await newcomer_rules.lay_down(me.account_id, asked.days, asked.action)))


@blueprint.delete(_NEWCOMERS)
@staff(Permission.FEDERATION, WRITE)
@documented(Empty)
async def remove_newcomers() -> Response:
    """Treat them like all others."""
    await newcomer_rules.remove((await moderator()).account_id)
    return empty()


@blueprint.get(_HEADERS)
@staff(Permission.BLOCKS, READ)
@documented(list[AdminHeaderBlock], paged=TAGS)
async def headers() -> Response:
    """Which requests are refused for what stands in their headers, newest first."""
    return await page_of(HeaderBlock, entities.header_block)


@blueprint.post(_HEADERS)
@staff(Permission.BLOCKS, WRITE)
@documented(AdminHeaderBlock, body=WantedHeaderBlock, errors=(422,))
async def block_header() -> Response:
    """Refuse such requests."""
    asked = await params.read(WantedHeaderBlock)
    me = await moderator()
    block = await header_blocks.add(me.account_id, asked.header, asked.pattern, asked.place, comment=asked.comment)
    return json_response(entities.header_block(block))


@blueprint.delete(f"{_HEADERS}/<id:block_id>")
@staff(Permission.BLOCKS, WRITE)
@documented(Empty, errors=(404,))
async def unblock_header(block_id: int) -> Response:
    """Refuse them no longer."""
    await header_blocks.remove((await moderator()).account_id, block_id)
    return empty()
