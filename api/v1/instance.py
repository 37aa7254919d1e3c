"""What this node is, what it demands, and with whom it talks."""

from __future__ import annotations

import hashlib
from datetime import UTC, date
from typing import Final

import msgspec
from quart import Blueprint, Response, request

from api.auth import allows, viewer_id
from api.documentation import documented
from api.entities import instance
from api.entities.instance import FirstInstance, Instance, Rule
from api.errors import Unauthorised
from api.languages import LANGUAGES, Language
from api.responses import json_response
from node import clock, db
from node.errors import NotFound
from node.models.fields import to_milliseconds
from node.queries import instance as instance_queries
from node.runtime import runtime
from node.services import rules as rule_service
from node.services import site
from node.services.site import Terms

blueprint = Blueprint("instance", __name__)

DEPRECATED: Final = "2022-11-14"
_SEVERITIES: Final = ("suspend", "silence")


class DomainBlock(msgspec.Struct, frozen=True):
    """A decision of this node about another; `comment` is `null` for those it is not told to."""

    domain: str
    digest: str
    severity: str
    comment: str | None


class Week(msgspec.Struct, frozen=True):
    """A week of this node in numbers, which are strings; `week` is the second it began, since the epoch."""

    week: str
    statuses: str
    logins: str
    registrations: str


class ExtendedDescription(msgspec.Struct, frozen=True):
    """What the admins tell of the place, in HTML; `updated_at` is `null` while they tell nothing."""

    updated_at: str | None
    content: str


class PrivacyPolicy(msgspec.Struct, frozen=True):
    """What becomes of people's data here, in HTML."""

    updated_at: str
    content: str


class TermsOfService(msgspec.Struct, frozen=True):
    """What people agree to, in HTML, and the days these terms and the next ones come into force."""

    effective_date: str
    effective: bool
    content: str
    succeeded_by: str | None


@blueprint.get("/api/v1/instance")
@documented(FirstInstance, deprecated=DEPRECATED)
async def version_1() -> Response:
    """What this node is, as older clients read it."""
    return json_response(await instance.version_1())


@blueprint.get("/api/v2/instance")
@documented(Instance)
async def version_2() -> Response:
    """What this node is."""
    return json_response(await instance.version_2())


@blueprint.get("/api/v1/instance/peers")
@documented(list[str], errors=(404,))
async def peers() -> Response:
    """Servers this node knows."""
    _only_if(runtime().settings.instance.publish_peers)
    return json_response(await instance_queries.peers())


@blueprint.get("/api/v1/peers/search")
@documented(list[str], errors=(404,))
async def search_peers() -> Response:
    """Servers this node knows whose name begins with `q`, those with most people known here first; at most ten."""
    _only_if(runtime().settings.instance.publish_peers)
    return json_response(await instance_queries.peers_beginning_with(request.args.get("q", "").strip().lower()))


@blueprint.get("/api/v1/instance/activity")
@documented(list[Week], errors=(404,))
async def activity() -> Response:
    """The last twelve weeks in numbers, the present one first."""
    _only_if(runtime().settings.instance.publish_activity)
    weeks = await instance_queries.weeks(to_milliseconds(clock.now()))
    return json_response(
        [Week(str(week.began_at // 1000), str(week.posts), str(week.active), str(week.sign_ups)) for week in weeks]
    )


@blueprint.get("/api/v1/instance/rules")
@documented(list[Rule])
async def rules() -> Response:
    """The rules of the house, in order."""
    return json_response([instance.rule(row) for row in await rule_service.all_rules()])


@blueprint.get("/api/v1/instance/domain_blocks")
@allows()
@documented(list[DomainBlock], errors=(404,))
async def domain_blocks() -> Response:
    """With whom this node exchanges nothing, or little, and why; the admins decide who may read it."""
    settings = runtime().settings.instance
    _only_if(settings.domain_blocks != "nobody")
    if not _may_read(settings.domain_blocks):
        raise Unauthorised
    with_comment = _may_read(settings.domain_block_reasons)
    found = sorted(
        await instance_queries.domain_rules(), key=lambda rule: (_SEVERITIES.index(rule.severity), rule.domain)
    )
    return json_response(
        [
            DomainBlock(
                _veiled(rule.domain) if rule.obfuscate else rule.domain,
                hashlib.sha256(rule.domain.encode()).hexdigest(),
                rule.severity,
                rule.public_comment if with_comment else None,
            )
            for rule in found
        ]
    )


def _veiled(domain: str) -> str:
    """A domain with the middle of its name hidden."""
    shown = len(domain) // 4
    return "".join(
        "*" if shown < at < len(domain) - shown and letter != "." else letter for at, letter in enumerate(domain)
    )


@blueprint.get("/api/v1/instance/extended_description")
@documented(ExtendedDescription)
async def extended_description() -> Response:
    """What the admins tell of the place."""
    about = (await site.read()).about
    if about is None:
        return json_response(ExtendedDescription(None, ""))
    return json_response(ExtendedDescription(f"{about.updated_at:%Y-%m-%dT%H:%M:%SZ}", about.html))


@blueprint.get("/api/v1/instance/privacy_policy")
@documented(PrivacyPolicy)
async def privacy_policy() -> Response:
    """What becomes of people's data here: the admins' words, or what holds for this software in any case."""
    text = await site.privacy()
    return json_response(PrivacyPolicy(f"{text.updated_at:%Y-%m-%dT%H:%M:%SZ}", text.html))


@blueprint.get("/api/v1/instance/terms_of_service")
@documented(TermsOfService, errors=(404,))
async def terms_of_service() -> Response:
    """The terms of service that hold now, or else come next."""
    terms = (await site.read()).terms
    return _terms(site.terms_in_force(terms), terms)


@blueprint.get("/api/v1/instance/terms_of_service/<day>")
@documented(TermsOfService, errors=(404,))
async def terms_of_service_of(day: str) -> Response:
    """The terms of service that came, or will come, into force on a day (`2026-05-01`)."""
    terms = (await site.read()).terms
    return _terms(site.terms_of(terms, day), terms)


@blueprint.get("/api/v1/instance/translation_languages")
@documented(dict[str, list[str]])
async def translation_languages() -> Response:
    """From which into which languages posts are translated: from none, here."""
    return json_response({})


@blueprint.get("/api/v1/instance/languages")
@documented(list[Language])
async def languages() -> Response:
    """The languages a post can be marked with."""
    return json_response(LANGUAGES)


@blueprint.get("/health")
@documented(None, media_type="text/plain")
async def health() -> Response:
    """`OK` when the node can reach its database."""
    await db.fetch_one("SELECT 1")
    return Response("OK", 200, content_type="text/plain; charset=utf-8")


def _only_if(shown: bool) -> None:
    if not shown:
        raise NotFound


def _may_read(audience: str) -> bool:
    return audience == "all" or (audience == "users" and viewer_id() is not None)


def _terms(found: Terms | None, all_terms: tuple[Terms, ...]) -> Response:
    if found is None:
        raise NotFound
    later = [one.effective_from for one in all_terms if one.effective_from > found.effective_from]
    return json_response(
        TermsOfService(
            effective_date=found.effective_from.isoformat(),
            effective=found.effective_from <= _today(),
            content=found.html,
            succeeded_by=later[0].isoformat() if later else None,
        )
    )


def _today() -> date:
    return clock.now().astimezone(UTC).date()
