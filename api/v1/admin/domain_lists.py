"""Lists of domains for admins: exported, imported, subscribed to; what they would change waits for a decision."""

from __future__ import annotations

from typing import Final

import msgspec
from quart import Blueprint, Response, request

from api import params
from api.csv_files import CSV, csv_response
from api.documentation import Empty, documented
from api.entities.admin import federation as entities
from api.entities.admin.federation import (
    AdminDomainImpact,
    AdminDomainListDraft,
    AdminDomainListSubscription,
    AdminLostFollow,
)
from api.pagination import TAGS, page_of_query
from api.responses import empty, json_response
from api.v1.admin.guard import moderator, staff
from api.v1.admin.tables import page_of
from federation import domain_lists as reading
from node.models.domain_lists import BLOCKS, ListDraft, ListSubscription
from node.queries import domain_losses
from node.services import domain_lists, domains, list_drafts
from node.services.roles import Permission

blueprint = Blueprint("admin_domain_lists", __name__)

READ, WRITE = "admin:read:domain_blocks", "admin:write:domain_blocks"
_DRAFTS: Final = "/api/v1/admin/domain_list_drafts"
_SUBSCRIPTIONS: Final = "/api/v1/admin/domain_list_subscriptions"


class WantedDomain(msgspec.Struct):
    """Which domain."""

    domain: str = ""


class ImportedList(msgspec.Struct):
    """A list as text: Mastodon's CSV, or a domain a line; of `blocks` or `allows`. `source` says where it is from."""

    data: str = ""
    kind: str = BLOCKS
    source: str = ""


class ChosenEntries(msgspec.Struct):
    """Which entries of a draft hold; all of them when none are named."""

    entry_ids: list[int] | None = None


class SubscribedList(msgspec.Struct):
    """Where the list is, and whether it is of `blocks` or `allows`."""

    url: str = ""
    kind: str = BLOCKS


@blueprint.get("/api/v1/admin/domain_blocks/preview")
@staff(Permission.FEDERATION, READ)
@documented(AdminDomainImpact, query=WantedDomain, errors=(422,))
async def preview() -> Response:
    """What the suspension of a domain and its subdomains would end."""
    name = domains.normalise(params.read_query(WantedDomain).domain)
    return json_response(entities.impact(name, (await domain_losses.of_domains([name]))[name]))


@blueprint.get("/api/v1/admin/domain_blocks/export")
@staff(Permission.FEDERATION, READ)
@documented(media_type=CSV)
async def export_blocks() -> Response:
    """What holds for which domains, as the file that Mastodon exports and imports."""
    return csv_response("domain_blocks.csv", await domain_lists.written(BLOCKS))


@blueprint.get("/api/v1/admin/domain_allows/export")
@staff(Permission.FEDERATION, "admin:read:domain_allows")
@documented(media_type=CSV)
async def export_allows() -> Response:
    """The allowed domains as a file."""
    return csv_response("domain_allows.csv", await domain_lists.written("allows"))


@blueprint.post("/api/v1/admin/domain_lists/import")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDomainListDraft, body=ImportedList, also={204: None}, errors=(422,))
async def import_list() -> Response:
    """Make a draft of a list; 204 when it would change nothing. Nothing of it holds before it is approved."""
    asked = await params.read(ImportedList)
    me = await moderator()
    source = asked.source.strip() or "import"
    draft = await list_drafts.import_list(me.account_id, asked.kind, asked.data, source=source)
    return Response("", 204) if draft is None else await _draft(draft)


@blueprint.get(_DRAFTS)
@staff(Permission.FEDERATION, READ)
@documented(list[AdminDomainListDraft], paged=TAGS)
async def drafts() -> Response:
    """The drafts made from lists, decided on or not, newest first; without their entries."""
    return await page_of(ListDraft, entities.draft)


@blueprint.get(f"{_DRAFTS}/<id:draft_id>")
@staff(Permission.FEDERATION, READ)
@documented(AdminDomainListDraft, errors=(404,))
async def show_draft(draft_id: int) -> Response:
    """A draft with its entries, and what each would end."""
    return await _draft(await list_drafts.one(draft_id))


async def _draft(draft: ListDraft) -> Response:
    entries = await list_drafts.entries(draft.id)
    losses = await domain_losses.of_domains(await list_drafts.suspending(draft.id))
    return json_response(entities.draft(draft, entries, losses))


@blueprint.get(f"{_DRAFTS}/<id:draft_id>/losses")
@staff(Permission.FEDERATION, READ)
@documented(list[AdminLostFollow], paged=TAGS, errors=(404,))
async def losses(draft_id: int) -> Response:
    """Which follows its approval would end, oldest first: read on with `min_id`."""
    draft = await list_drafts.one(draft_id)
    page = page_of_query(request.args, TAGS)
    names = await list_drafts.suspending(draft.id)
    rows = await domain_losses.page_of_follows(names, after=page.min_id or page.since_id or 0, limit=page.limit)
    return json_response([entities.lost_follow(row) for row in rows])


@blueprint.post(f"{_DRAFTS}/<id:draft_id>/approve")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDomainListDraft, body=ChosenEntries, errors=(404, 422))
async def approve(draft_id: int) -> Response:
    """Let a draft hold, whole or in part; it is applied in the background."""
    asked = await params.read(ChosenEntries)
    me = await moderator()
    return json_response(entities.draft(await list_drafts.approve(me.account_id, draft_id, asked.entry_ids)))


@blueprint.post(f"{_DRAFTS}/<id:draft_id>/reject")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDomainListDraft, errors=(404, 422))
async def reject(draft_id: int) -> Response:
    """Let nothing of a draft hold."""
    return json_response(entities.draft(await list_drafts.reject((await moderator()).account_id, draft_id)))


@blueprint.get(_SUBSCRIPTIONS)
@staff(Permission.FEDERATION, READ)
@documented(list[AdminDomainListSubscription], paged=TAGS)
async def subscriptions() -> Response:
    """The lists that are read once a day, newest first."""
    return await page_of(ListSubscription, entities.subscription)


@blueprint.post(_SUBSCRIPTIONS)
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDomainListSubscription, body=SubscribedList, errors=(422,))
async def subscribe() -> Response:
    """Read a list once a day from now on."""
    asked = await params.read(SubscribedList)
    me = await moderator()
    return json_response(entities.subscription(await list_drafts.subscribe(me.account_id, asked.url, asked.kind)))


@blueprint.post(f"{_SUBSCRIPTIONS}/<id:subscription_id>/check")
@staff(Permission.FEDERATION, WRITE)
@documented(AdminDomainListSubscription, errors=(404,))
async def check(subscription_id: int) -> Response:
    """Read a list now."""
    await reading.check(await list_drafts.subscription(subscription_id))
    return json_response(entities.subscription(await list_drafts.subscription(subscription_id)))


@blueprint.delete(f"{_SUBSCRIPTIONS}/<id:subscription_id>")
@staff(Permission.FEDERATION, WRITE)
@documented(Empty, errors=(404,))
async def unsubscribe(subscription_id: int) -> Response:
    """Read a list no longer; what came from it and was approved stays."""
    await list_drafts.unsubscribe((await moderator()).account_id, subscription_id)
    return empty()
