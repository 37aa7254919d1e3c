"""Examining a node: what is configured, reachable or missing, and how to mend it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from node.configuration import without_password
from node.settings import MEGABYTE, Settings, config_file

CONNECT_SECONDS = 5.0
SCARCE_DISK = 1024 * MEGABYTE
FULL_DISK = 100 * MEGABYTE
LONGEST_CLOCK_ERROR = 30.0
"""Signed requests are refused when clocks differ by more than a few minutes; half a minute is already wrong."""


class Verdict(StrEnum):
    """How a part is."""

    GOOD = "ok"
    NOTE = "note"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one part, and, unless it is good, how to mend it."""

    part: str
    verdict: Verdict
    what: str
    remedy: str = ""


Check = Callable[[Settings], Awaitable[list[Finding]]]


async def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order a node needs its parts."""
    checks: tuple[Check, ...] = (_address, _data, _database, _redis, _mail, _media, _disk, _running_node)
    findings = [_configuration()]
    for check in checks:
        findings += await check(settings)
    return findings


def _configuration() -> Finding:
    path = config_file()
    if path.is_file():
        return Finding("settings", Verdict.GOOD, f"read from the environment and {path.resolve()}")
    return Finding("settings", Verdict.GOOD, f"read from the environment; there is no {path}")


async def _address(settings: Settings) -> list[Finding]:
    host = urlsplit(settings.base_url).hostname or ""
    if settings.federation.allow_private_networks:
        return [
            Finding(
                "address",
                Verdict.NOTE,
                f"{settings.base_url}, and requests to private networks are allowed",
                "Set HELIOGRAPH_FEDERATION__ALLOW_PRIVATE_NETWORKS=false on a node that others can reach.",
            )
        ]
    if settings.base_url.startswith("http://"):
        return [
            Finding(
                "address",
                Verdict.NOTE,
                f"{settings.base_url}: only this machine can use the node, and no other server will talk to it",
                "For others to reach it, set HELIOGRAPH_BASE_URL=https://your.domain and put a reverse proxy with a"
                " certificate in front (deploy/Caddyfile). Handles cannot move to another address later.",
            )
        ]
    if "." not in host:
        return [
            Finding("address", Verdict.BROKEN, f"{host} is no public domain", "Set HELIOGRAPH_BASE_URL to one you own.")
        ]
    findings = [Finding("address", Verdict.GOOD, f"{settings.base_url}: handles end in @{settings.handle_domain}")]
    if settings.handle_domain != settings.domain:
        findings.append(
            Finding(
                "address",
                Verdict.NOTE,
                f"{settings.handle_domain} has to lead others here",
                f"Have https://{settings.handle_domain}/.well-known/webfinger and /.well-known/host-meta redirect to"
                f" {settings.base_url}, with the query kept.",
            )
        )
    if settings.trusted_proxies == 0:
        findings.append(
            Finding(
                "proxy",
                Verdict.NOTE,
                "no reverse proxy is trusted, so everybody seems to come from the proxy's address",
                "Set HELIOGRAPH_TRUSTED_PROXIES=1 when one proxy stands in front.",
            )
        )
    return findings


async def _data(settings: Settings) -> list[Finding]:
    return [await asyncio.to_thread(_writable, "data folder", settings.data_dir)]


def _writable(part: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            part,
            Verdict.BROKEN,
            f"{folder.resolve()} cannot be written: {error.strerror}",
            "Make the folder belong to the user the node runs as.",
        )
    return Finding(part, Verdict.GOOD, f"{folder.resolve()} can be written")


async def _database(settings: Settings) -> list[Finding]:
    from node import db

    name = without_password(settings.database)
    try:
        await asyncio.wait_for(db.open_database(settings), CONNECT_SECONDS)
    except Exception as error:  # every driver has its own ways to fail, and any of them is the finding
        return [
            Finding(
                "database",
                Verdict.BROKEN,
                f"{name} cannot be opened: {_told(error)}",
                "Check HELIOGRAPH_DATABASE_URL, and that the server runs and accepts this user.",
            )
        ]
    try:
        pending = await db.pending_migrations()
        found = [Finding("database", Verdict.GOOD, name)]
        if pending:
            found.append(
                Finding(
                    "tables",
                    Verdict.NOTE,
                    f"not applied yet: {', '.join(pending)}",
                    "'heliograph migrate' applies them; starting the node does too.",
                )
            )
            return found
        found.append(Finding("tables", Verdict.GOOD, "up to date"))
        return [*found, *await _work()]
    finally:
        await db.close_database()


async def _work() -> list[Finding]:
    from node.models.jobs import FAILED
    from node.services import job_upkeep

    failed = sum(count for state, _, count in await job_upkeep.counts() if state == FAILED)
    if failed == 0:
        return [Finding("jobs", Verdict.GOOD, "none has failed")]
    return [
        Finding(
            "jobs", Verdict.NOTE, f"{failed} have failed", "'heliograph jobs list' shows why; 'jobs retry' repeats."
        )
    ]


async def _redis(settings: Settings) -> list[Finding]:
    if not settings.redis_url:
        if settings.is_sqlite:
            return [Finding("redis", Verdict.GOOD, "not used: one process does everything")]
        return [
            Finding(
                "redis",
                Verdict.NOTE,
                "not used",
                "Set HELIOGRAPH_REDIS_URL as soon as more than one process runs: they tell each other things over it.",
            )
        ]
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    name = without_password(settings.redis_url)
    client: Redis = Redis.from_url(settings.redis_url, socket_connect_timeout=CONNECT_SECONDS)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return [
            Finding(
                "redis",
                Verdict.BROKEN,
                f"{name} does not answer: {_told(error)}",
                "Start it, or correct HELIOGRAPH_REDIS_URL. Nothing is lost meanwhile; processes hear of work by polling.",
            )
        ]
    finally:
        await client.aclose()
    return [Finding("redis", Verdict.GOOD, name)]


async def _mail(settings: Settings) -> list[Finding]:
    mail = settings.mail
    if not mail.smtp_host:
        return [
            Finding(
                "mail",
                Verdict.NOTE,
                f"letters are written to {settings.data_dir / 'outbox'}",
                "Set HELIOGRAPH_MAIL__SMTP_HOST (and _PORT, _USER, _PASSWORD) for them to reach people.",
            )
        ]
    from aiosmtplib import SMTP, SMTPException

    client = SMTP(
        hostname=mail.smtp_host,
        port=mail.smtp_port,
        use_tls=mail.smtp_security == "tls",
        start_tls=mail.smtp_security == "starttls",
        timeout=CONNECT_SECONDS,
    )
    name = f"{mail.smtp_host} port {mail.smtp_port}"
    try:
        async with client:
            if mail.smtp_user:
                password = mail.smtp_password.get_secret_value() if mail.smtp_password else ""
                await client.login(mail.smtp_user, password)
    except (SMTPException, OSError) as error:
        return [
            Finding(
                "mail",
                Verdict.BROKEN,
                f"{name} ({mail.smtp_security}) refuses: {_told(error)}",
                "Check the HELIOGRAPH_MAIL__SMTP_* settings. Letters wait and are tried again for some hours.",
            )
        ]
    return [Finding("mail", Verdict.GOOD, f"{name} ({mail.smtp_security}) accepts letters")]


async def _media(settings: Settings) -> list[Finding]:
    findings = [await _store(settings, settings.media_root, settings.store_options)]
    former = settings.media.former_storage
    if not former:
        return findings
    found = await _store(settings, former, settings.former_store_options)
    if found.verdict is Verdict.BROKEN:
        return [*findings, found]
    remedy = "Run 'heliograph media move' until nothing is left, then take HELIOGRAPH_MEDIA__FORMER_STORAGE away."
    return [
        *findings,
        Finding("media", Verdict.NOTE, f"files are still looked for in {without_password(former)}", remedy),
    ]


async def _store(settings: Settings, root: str, options: dict[str, str]) -> Finding:
    if "://" not in root:
        return await asyncio.to_thread(_writable, "media", Path(root))
    from media.storage import open_storage

    name = without_password(root)
    try:
        storage = open_storage(root, base_url=settings.media_url, store_options=options)
        await asyncio.wait_for(storage.reach(), CONNECT_SECONDS)
    except Exception as error:  # every store has its own errors, and any of them is the finding
        return Finding(
            "media",
            Verdict.BROKEN,
            f"{name} cannot be reached: {_told(error)}",
            "Check HELIOGRAPH_MEDIA__STORAGE and HELIOGRAPH_MEDIA__S3_*, and that the bucket is there.",
        )
    return Finding("media", Verdict.GOOD, f"{name} answers")


async def _disk(settings: Settings) -> list[Finding]:
    if not settings.data_dir.is_dir():
        return []
    free = (await asyncio.to_thread(shutil.disk_usage, settings.data_dir)).free
    what = f"{free / MEGABYTE / 1024:.1f} GB free for {settings.data_dir}"
    if free < FULL_DISK:
        return [Finding("disk", Verdict.BROKEN, what, "Make room: the database stops taking writes on a full disk.")]
    if free < SCARCE_DISK:
        return [Finding("disk", Verdict.NOTE, what, "Make room soon.")]
    return [Finding("disk", Verdict.GOOD, what)]


async def _running_node(settings: Settings) -> list[Finding]:
    """Asks the node over its public address, the way another server would."""
    import httpx

    try:
        async with httpx.AsyncClient(timeout=CONNECT_SECONDS) as client:
            health = await client.get(f"{settings.base_url}/health")
            card = await client.get(
                f"{settings.base_url}/.well-known/webfinger",
                params={"resource": f"{settings.base_url}/actor"},
            )
    except httpx.HTTPError as error:
        return [
            Finding(
                "server",
                Verdict.NOTE,
                f"{settings.base_url} does not answer: {_told(error)}",
                "Start it with 'heliograph serve'. If it runs, name and proxy do not lead to it.",
            )
        ]
    if health.status_code != 200:
        return [
            Finding(
                "server",
                Verdict.BROKEN,
                f"{settings.base_url}/health answers {health.status_code}",
                "Something else answers at this address, or the proxy does not reach the node.",
            )
        ]
    findings = [Finding("server", Verdict.GOOD, f"answers at {settings.base_url}")]
    if card.status_code != 200:
        findings.append(
            Finding(
                "webfinger",
                Verdict.BROKEN,
                f"the node does not find itself: {card.url} answers {card.status_code}",
                "The proxy must pass /.well-known/webfinger on with its query.",
            )
        )
    else:
        findings.append(Finding("webfinger", Verdict.GOOD, "the node finds itself"))
    return [*findings, *_clock(health)]


def _clock(answer: object) -> list[Finding]:
    from email.utils import parsedate_to_datetime

    import httpx

    from node import clock

    assert isinstance(answer, httpx.Response)
    try:
        difference = abs(parsedate_to_datetime(answer.headers["date"]).timestamp() - clock.timestamp())
    except (KeyError, ValueError):
        return []
    if difference > LONGEST_CLOCK_ERROR:
        return [
            Finding(
                "clock",
                Verdict.BROKEN,
                f"this machine and {answer.url.host} differ by {difference:.0f} seconds",
                "Keep clocks right (timedatectl set-ntp true): other servers refuse what is signed at the wrong time.",
            )
        ]
    return [Finding("clock", Verdict.GOOD, "agrees with the server's")]


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
