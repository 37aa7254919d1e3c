"""How the node is used: for those who look after it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from importlib import metadata
from typing import Any, Final

import msgspec
from quart import Blueprint, Response

from api import params
from api.documentation import documented
from api.entities.admin import measure
from api.entities.admin.measure import Cohort, Dimension, Measure, Share
from api.ids import Id
from api.languages import LANGUAGES
from api.params import InvalidParameter
from api.responses import json_response
from api.v1.admin.guard import READ, staff
from node import db
from node.queries import dimensions, measures
from node.queries.dimensions import Part
from node.queries.measures import Period, Source
from node.runtime import runtime
from node.services.roles import Permission

blueprint = Blueprint("admin_measures", __name__)

LONGEST: Final = 730
LONGEST_OF_DAYS, LONGEST_OF_MONTHS = 31, 366
DEFAULT_PARTS: Final = 10
MAX_KEYS: Final = 20
_NAMES: Final = {language.code: language.name for language in LANGUAGES}


class OfTag(msgspec.Struct, frozen=True):
    """Of which hashtag."""

    id: Id | None = None


class OfDomain(msgspec.Struct, frozen=True):
    """Of which server, and whether of its subdomains too."""

    domain: str = ""
    include_subdomains: bool = False


class Span(msgspec.Struct):
    """From which day (or moment) to which."""

    start_at: str = ""
    end_at: str = ""


class MeasureParameters(Span):
    """What is counted; some of it of a hashtag (`tag_uses[id]`) or server (`instance_accounts[domain]`)."""

    keys: list[str] = []
    tag_accounts: OfTag = OfTag()
    tag_uses: OfTag = OfTag()
    tag_servers: OfTag = OfTag()
    instance_accounts: OfDomain = OfDomain()
    instance_media_attachments: OfDomain = OfDomain()
    instance_reports: OfDomain = OfDomain()
    instance_statuses: OfDomain = OfDomain()
    instance_follows: OfDomain = OfDomain()
    instance_followers: OfDomain = OfDomain()


class DimensionParameters(Span):
    """What is divided into its parts; some of it of a hashtag or server. At most `limit` parts."""

    keys: list[str] = []
    limit: int | None = None
    tag_servers: OfTag = OfTag()
    tag_languages: OfTag = OfTag()
    instance_accounts: OfDomain = OfDomain()
    instance_languages: OfDomain = OfDomain()


class RetentionParameters(Span):
    """`frequency` is `day` or `month`."""

    frequency: str = "day"


@blueprint.post("/api/v1/admin/measures")
@staff(Permission.DASHBOARD, READ)
@documented(list[Measure], body=MeasureParameters)
async def counted() -> Response:
    """What was counted day by day, with the total and that of the period before."""
    asked = await params.read(MeasureParameters)
    _require("keys", asked.keys)
    period = _period(asked, LONGEST)
    return json_response([await _measure(key, source, period) for key, source in _sources(asked)])


def _sources(asked: MeasureParameters) -> list[tuple[str, Source]]:
    """What is asked for, without words nobody knows, once each."""
    found: list[tuple[str, Source]] = []
    for key in dict.fromkeys(asked.keys[:MAX_KEYS]):
        about: Any = getattr(asked, key, None)
        if isinstance(about, OfTag):
            found.append((key, measures.of_hashtag(key, _tag(key, about))))
        elif isinstance(about, OfDomain):
            where = measures.under(_domain(key, about), about.include_subdomains)
            found.append((key, measures.of_domain(key, where)))
        elif key in measures.OF_THE_NODE:
            found.append((key, measures.OF_THE_NODE[key]))
    return found


async def _measure(key: str, source: Source, period: Period) -> Measure:
    total = await measures.total(source, None if source.ever else period)
    before = msgspec.UNSET if source.ever else str(await measures.total(source, period.before()))
    return Measure(
        key=key,
        unit=source.unit,
        total=str(total),
        human_value=measure.human_size(total) if source.unit == "bytes" else msgspec.UNSET,
        previous_total=before,
        data=measure.values_of(period, await measures.by_day(source, period)),
    )


@blueprint.post("/api/v1/admin/dimensions")
@staff(Permission.DASHBOARD, READ)
@documented(list[Dimension], body=DimensionParameters)
async def divided() -> Response:
    """Of what the use of the node is made up, the largest parts first."""
    asked = await params.read(DimensionParameters)
    known = [key for key in dict.fromkeys(asked.keys[:MAX_KEYS]) if key in _DIMENSIONS]
    return json_response([Dimension(key, await _DIMENSIONS[key](asked)) for key in known])


def _limit(asked: DimensionParameters) -> int:
    return min(max(asked.limit if asked.limit is not None else DEFAULT_PARTS, 1), dimensions.MAX_PARTS)


async def _languages(asked: DimensionParameters) -> list[Share]:
    return _in_languages(await dimensions.languages(_period(asked, LONGEST), _limit(asked)))


async def _sources_of_people(asked: DimensionParameters) -> list[Share]:
    found = await dimensions.sources(_period(asked, LONGEST), _limit(asked))
    return [Share(key=name or "web", human_key=name or "Website", value=str(number)) for name, number in found]


async def _servers(asked: DimensionParameters) -> list[Share]:
    return _on_servers(await dimensions.servers(_period(asked, LONGEST), _limit(asked)))


async def _tag_servers(asked: DimensionParameters) -> list[Share]:
    number = _tag("tag_servers", asked.tag_servers)
    return _on_servers(await dimensions.servers_of_hashtag(number, _period(asked, LONGEST), _limit(asked)))


async def _tag_languages(asked: DimensionParameters) -> list[Share]:
    number = _tag("tag_languages", asked.tag_languages)
    return _in_languages(await dimensions.languages_of_hashtag(number, _period(asked, LONGEST), _limit(asked)))


async def _instance_accounts(asked: DimensionParameters) -> list[Share]:
    domain = _domain("instance_accounts", asked.instance_accounts)
    found = await dimensions.accounts_of_domain(domain, _limit(asked))
    return [Share(key=name or "", human_key=name or "", value=str(number)) for name, number in found]


async def _instance_languages(asked: DimensionParameters) -> list[Share]:
    domain = _domain("instance_languages", asked.instance_languages)
    return _in_languages(await dimensions.languages_of_domain(domain, _period(asked, LONGEST), _limit(asked)))


async def _space_usage(asked: DimensionParameters) -> list[Share]:
    key, name = _database()
    return [
        _size(key, name, await dimensions.database_size()),
        _size("media", "Media storage", await dimensions.media_size()),
    ]


async def _software_versions(asked: DimensionParameters) -> list[Share]:
    key, name = _database()
    return [
        _version("heliograph", "Heliograph", metadata.version("heliograph")),
        _version("python", "Python", dimensions.python_version()),
        _version(key, name, await dimensions.database_version()),
    ]


_DIMENSIONS: Final[dict[str, Callable[[DimensionParameters], Awaitable[list[Share]]]]] = {
    "languages": _languages,
    "sources": _sources_of_people,
    "servers": _servers,
    "space_usage": _space_usage,
    "software_versions": _software_versions,
    "tag_servers": _tag_servers,
    "tag_languages": _tag_languages,
    "instance_accounts": _instance_accounts,
    "instance_languages": _instance_languages,
}


def _database() -> tuple[str, str]:
    return ("postgresql", "PostgreSQL") if db.is_postgres() else ("sqlite", "SQLite")


def _size(key: str, name: str, number: int) -> Share:
    return Share(key=key, human_key=name, value=str(number), unit="bytes", human_value=measure.human_size(number))


def _version(key: str, name: str, version: str) -> Share:
    return Share(key=key, human_key=name, value=version, human_value=version)


def _in_languages(parts: list[Part]) -> list[Share]:
    return [
        Share(key=code or "und", human_key=_NAMES.get(code or "und", code or "und"), value=str(number))
        for code, number in parts
    ]


def _on_servers(parts: list[Part]) -> list[Share]:
    here = runtime().settings.domain
    return [Share(key=domain or here, human_key=domain or here, value=str(number)) for domain, number in parts]


@blueprint.post("/api/v1/admin/retention")
@staff(Permission.DASHBOARD, READ)
@documented(list[Cohort], body=RetentionParameters)
async def retained() -> Response:
    """Of those who joined in a day or month, how many were still here in it and in each later one."""
    asked = await params.read(RetentionParameters)
    frequency = asked.frequency if asked.frequency in ("day", "month") else "day"
    period = _period(asked, LONGEST_OF_DAYS if frequency == "day" else LONGEST_OF_MONTHS)
    return json_response(measure.cohorts(period, frequency, await measures.cohorts(period)))


def _period(asked: Span, longest: int) -> Period:
    """The days asked for, cut down to the last `longest`. Raises `InvalidParameter`."""
    first, last = _day("start_at", asked.start_at), _day("end_at", asked.end_at)
    return Period(max(first, last - longest), last)


def _day(name: str, text: str) -> int:
    """The number of a day since 1970. Raises `InvalidParameter`."""
    _require(name, text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidParameter(f"Invalid parameter: {name}") from None
    day = (moment.astimezone(UTC) if moment.tzinfo is not None else moment).date()
    number = (day - date(1970, 1, 1)).days
    if not 0 <= number <= 200_000:
        raise InvalidParameter(f"Invalid parameter: {name}")
    return number


def _tag(key: str, about: OfTag) -> int:
    _require(key, about.id)
    return about.id or 0


def _domain(key: str, about: OfDomain) -> str:
    _require(key, about.domain.strip())
    return about.domain.strip().lower()


def _require(name: str, value: object) -> None:
    if not value:
        raise InvalidParameter(f"param is missing or the value is empty or invalid: {name}")
