"""The admins' page about federation: with which servers what is exchanged. Works without scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from pathlib import Path

from quart import Blueprint, Response, request

from api.csv_files import csv_response
from api.pages import browser
from api.pages.federation_view import overview
from api.pages.guard import guard
from api.pages.problems import Problem, problem_of
from api.pages.rendering import page, see_other
from api.pages.settings import signed_in
from api.uploads import uploaded_files
from federation import domain_lists as reading
from node.errors import Conflict, Invalid, NotFound
from node.models.domain_lists import BLOCKS
from node.queries import domain_losses
from node.services import (
    audit,
    domain_allows,
    domain_lists,
    domains,
    header_blocks,
    keyword_rules,
    list_drafts,
    newcomer_rules,
    relays,
)
from node.services.domains import SUSPEND, Terms
from node.services.roles import Permission, check

blueprint = guard(Blueprint("federation_policy_pages", __name__))

PATH = "/admin/federation"
SHOWN_LOSSES = 200


async def _admin() -> int:
    """The account of the admin who is signed in. Raises `Forbidden` for everybody else."""
    session = await signed_in(PATH)
    check(session.user.role, Permission.FEDERATION)
    return session.user.account_id


async def _done(work: Awaitable[object], done: str) -> Response:
    """Back to the page; with what was refused on it."""
    try:
        await work
    except (Invalid, Conflict) as refusal:
        return await _overview(422, problem_of(refusal))
    return see_other(PATH, done=done)


async def _overview(status: int = 200, error: Problem | None = None) -> Response:
    values = await overview(request.args.get("q", "").strip()[:253], request.args.get("done", ""))
    return await page("federation.html", status, error=error, **values)


@blueprint.get(PATH)
async def show() -> Response:
    """All of it on one page."""
    await _admin()
    return await _overview()


@blueprint.get(f"{PATH}/domain_blocks.csv")
async def export() -> Response:
    """The rules as a file."""
    await _admin()
    return csv_response("domain_blocks.csv", await domain_lists.written(BLOCKS))


@blueprint.post(f"{PATH}/domains")
async def lay_down() -> Response:
    """A rule about a domain. A suspension that ends follows is shown with them first, and laid down when it is confirmed."""
    me = await _admin()
    fields = await browser.form()
    try:
        name = domains.normalise(fields.get("domain", ""))
    except Invalid as refusal:
        return await _overview(422, problem_of(refusal))
    if fields.get("severity") == SUSPEND and fields.get("confirmed") != "yes":
        losses = await domain_losses.of_domains([name])
        follows = await domain_losses.page_of_follows([name], after=0, limit=SHOWN_LOSSES)
        if follows:
            return await page("federation_confirm.html", fields=fields, name=name, loss=losses[name], follows=follows)
    return await _done(_lay_down(me, name, fields), "domain")


async def _lay_down(me: int, name: str, fields: dict[str, str]) -> None:
    terms = Terms(
        severity=fields.get("severity"),
        reject_media="reject_media" in fields,
        reject_reports="reject_reports" in fields,
        approve_follows="approve_follows" in fields,
        public_comment=fields.get("public_comment", ""),
        private_comment=fields.get("private_comment", ""),
        obfuscate="obfuscate" in fields,
    )
    async with audit.decision(me, "create") as made:
        rule = await domains.lay_down(name, terms)
        made.about("DomainBlock", rule.id, rule.domain)


@blueprint.post(f"{PATH}/domains/<id:rule_id>/remove")
async def unblock(rule_id: int) -> Response:
    """Take a rule back."""
    me, rule = await _admin(), await domains.one(rule_id)
    async with audit.decision(me, "destroy", "DomainBlock", rule.id, rule.domain):
        await domains.unblock(rule.domain)
    return see_other(PATH, done="undone")


@blueprint.post(f"{PATH}/allows")
async def allow() -> Response:
    """Allow a domain."""
    me, fields = await _admin(), await browser.form()

    async def work() -> None:
        async with audit.decision(me, "create") as made:
            found = await domain_allows.add(fields.get("domain", ""))
            made.about("DomainAllow", found.id, found.domain)

    return await _done(work(), "allowed")


@blueprint.post(f"{PATH}/allows/<id:allow_id>/remove")
async def disallow(allow_id: int) -> Response:
    """Allow a domain no longer."""
    me, found = await _admin(), await domain_allows.one(allow_id)
    async with audit.decision(me, "destroy", "DomainAllow", found.id, found.domain):
        await domain_allows.remove(found)
    return see_other(PATH, done="undone")


@blueprint.post(f"{PATH}/lists")
async def import_list() -> Response:
    """A list becomes a draft, which is shown next."""
    me, fields = await _admin(), await browser.form()
    async with uploaded_files("list") as files:
        data = await asyncio.to_thread(_beginning, files["list"]) if "list" in files else b""
    try:
        kind = fields.get("kind", BLOCKS)
        draft = await list_drafts.import_list(me, kind, data.decode("utf-8", "replace"), source="uploaded file")
    except Invalid as refusal:
        return await _overview(422, problem_of(refusal))
    return see_other(PATH, done="nothing") if draft is None else see_other(f"{PATH}/drafts/{draft.id}")


def _beginning(path: Path) -> bytes:
    """As much of a list as may be one, and a byte more for one that is too long."""
    with path.open("rb") as file:
        return file.read(domain_lists.MAX_BYTES + 1)


@blueprint.get(f"{PATH}/drafts/<id:draft_id>")
async def draft(draft_id: int) -> Response:
    """What a draft would change, and who would lose whom."""
    await _admin()
    found = await list_drafts.one(draft_id)
    names = await list_drafts.suspending(draft_id)
    return await page(
        "federation_draft.html",
        draft=found,
        entries=await list_drafts.entries(draft_id),
        losses=await domain_losses.of_domains(names),
        follows=await domain_losses.page_of_follows(names, after=0, limit=SHOWN_LOSSES),
    )


@blueprint.post(f"{PATH}/drafts/<id:draft_id>")
async def decide(draft_id: int) -> Response:
    """Let a draft hold, whole or as far as its domains are ticked; or nothing of it."""
    me = await _admin()
    await list_drafts.one(draft_id)
    sent = await request.form
    if sent.get("decision") == "reject":
        return await _done(list_drafts.reject(me, draft_id), "rejected")
    chosen = [int(value) for value in sent.getlist("entry") if value.isascii() and value.isdigit() and len(value) < 20]
    return await _done(list_drafts.approve(me, draft_id, chosen), "approved")


@blueprint.post(f"{PATH}/subscriptions")
async def subscribe() -> Response:
    """Read a list once a day."""
    me, fields = await _admin(), await browser.form()
    return await _done(list_drafts.subscribe(me, fields.get("url", ""), fields.get("kind", BLOCKS)), "subscribed")


@blueprint.post(f"{PATH}/subscriptions/<id:subscription_id>/<word>")
async def change_subscription(subscription_id: int, word: str) -> Response:
    """Read a list now, or no longer."""
    me, found = await _admin(), await list_drafts.subscription(subscription_id)
    if word == "check":
        return await _done(reading.check(found), "checked")
    _known(word, "remove")
    return await _done(list_drafts.unsubscribe(me, subscription_id), "undone")


@blueprint.post(f"{PATH}/relays")
async def add_relay() -> Response:
    """Ask a relay to let this node in."""
    me, fields = await _admin(), await browser.form()
    return await _done(relays.add(me, fields.get("address", ""), fields.get("kind", "")), "relay")


@blueprint.post(f"{PATH}/relays/<id:relay_id>/<word>")
async def change_relay(relay_id: int, word: str) -> Response:
    """Ask a relay again, leave it, or forget it."""
    me = await _admin()
    _known(word, "enable", "disable", "remove")
    if word == "remove":
        return await _done(relays.remove(me, relay_id), "undone")
    return await _done(relays.switch(me, relay_id, on=word == "enable"), "relay")


@blueprint.post(f"{PATH}/keywords")
async def add_keyword() -> Response:
    """A rule about words."""
    me, fields = await _admin(), await browser.form()
    work = keyword_rules.add(me, fields.get("keyword", ""), fields.get("action", ""), whole_word="whole_word" in fields)
    return await _done(work, "keyword")


@blueprint.post(f"{PATH}/keywords/<id:rule_id>/remove")
async def remove_keyword(rule_id: int) -> Response:
    """Take such a rule back."""
    return await _done(keyword_rules.remove(await _admin(), rule_id), "undone")


@blueprint.post(f"{PATH}/held/<id:held_id>/<word>")
async def decide_on_held(held_id: int, word: str) -> Response:
    """Let a held post be seen, or remove it."""
    me = await _admin()
    _known(word, "approve", "reject")
    work = keyword_rules.release if word == "approve" else keyword_rules.refuse
    return await _done(work(me, held_id), "held")


@blueprint.post(f"{PATH}/newcomers")
async def change_newcomers() -> Response:
    """How new servers are treated."""
    me, fields = await _admin(), await browser.form()
    if fields.get("action") == "none":
        return await _done(newcomer_rules.remove(me), "newcomers")
    days = fields.get("days", "")
    number = int(days) if days.isascii() and days.isdigit() and len(days) < 6 else 0
    return await _done(newcomer_rules.lay_down(me, number, fields.get("action", "")), "newcomers")


@blueprint.post(f"{PATH}/headers")
async def block_header() -> Response:
    """Refuse requests for what stands in a header."""
    me, fields = await _admin(), await browser.form()
    work = header_blocks.add(me, fields.get("header", ""), fields.get("pattern", ""), fields.get("place", ""))
    return await _done(work, "header")


@blueprint.post(f"{PATH}/headers/<id:block_id>/remove")
async def unblock_header(block_id: int) -> Response:
    """Refuse them no longer."""
    return await _done(header_blocks.remove(await _admin(), block_id), "undone")


def _known(word: str, *words: str) -> None:
    if word not in words:
        raise NotFound
