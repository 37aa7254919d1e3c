"""The roof: puts the parts together. The only module that knows them all."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from quart import Quart, Request
from quart.asgi import ASGIHTTPConnection
from quart.routing import QuartRule

import api.push
import api.routes
import federation.wiring
from api.streaming import telling
from media.moving import MovingStorage
from media.pool import MediaPool
from media.storage import Storage, open_storage
from node import db, jobs, leftovers, relay, runtime, vapid
from node.bus import make_bus
from node.logging import configure_logging
from node.mail import Mailer
from node.rate_limits import make_rate_limiter
from node.secrecy import kept_secret
from node.services import film_work, formats, media, upkeep, uploads
from node.settings import MEGABYTE, Settings

JSON_LIMIT = MEGABYTE
UPLOAD_PATHS = (
    "/api/v1/media",
    "/api/v1/uploads",
    "/api/v2/media",
    "/ap/upload",
    "/api/v1/accounts/update_credentials",
    "/api/v1/profile",
)
UPLOAD_OVERHEAD = MEGABYTE
DAY = 24 * 3600.0
PAUSE_AFTER_FAILURE = 1.0

log = structlog.get_logger()


class _Connection(ASGIHTTPConnection):
    """Only the upload calls may send more than a megabyte."""

    def _create_request_from_scope(self, send: Any) -> Request:
        request = super()._create_request_from_scope(send)
        limit = JSON_LIMIT
        if request.path.startswith(UPLOAD_PATHS):
            limit = runtime.runtime().settings.media.max_upload_bytes + UPLOAD_OVERHEAD
        request.body._max_content_length = limit
        request._max_content_length = limit
        return request


class _Rule(QuartRule):
    """A route whose address builders, which hardly any route ever needs, are compiled when one is asked for: at the
    start of a process they would cost as much as all the rest of the routes."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = functools.cache(functools.partial(super()._compile_builder, append_unknown))

        def build(rule: _Rule, **values: Any) -> tuple[str, str]:
            address: tuple[str, str] = compiled().__get__(rule, None)(**values)
            return address

        return build


def create_app(settings: Settings) -> Quart:
    """The application for these settings: routes, and what opens and closes with it. Serve it, then it works."""
    configure_logging(settings)
    app = Quart("heliograph", static_folder=None, template_folder=None)
    app.asgi_http_class = _Connection
    app.url_rule_class = _Rule
    app.config["MAX_CONTENT_LENGTH"] = settings.media.max_upload_bytes + UPLOAD_OVERHEAD
    api.routes.register(app, settings)
    federation.wiring.register_routes(app)
    return app


@contextlib.asynccontextmanager
async def running(settings: Settings, *, work: bool = True, keyless: bool = False) -> AsyncIterator[None]:
    """The parts of a process, opened in order and closed in reverse; with `work` also its background workers.

    Raises `KeysUnreadable` when nothing can be signed, unless it is to run `keyless`, so that new keys can be made.
    """
    async with contextlib.AsyncExitStack() as stack:
        await db.open_database(settings)
        stack.push_async_callback(db.close_database)
        bus = make_bus(settings.redis_url)
        await bus.open()
        stack.push_async_callback(bus.close)
        rate_limits = make_rate_limiter(settings.redis_url)
        stack.push_async_callback(rate_limits.close)
        media_pool = MediaPool(settings.media.workers)
        stack.push_async_callback(media_pool.close)
        film_pool = MediaPool(settings.media.film_workers + 1)
        stack.push_async_callback(film_pool.close)
        spare_pool = MediaPool(1, time_limit=120.0, niceness=19)
        stack.push_async_callback(spare_pool.close)
        secret_key = settings.secret_key.get_secret_value() if settings.secret_key else await kept_secret("secret_key")
        runtime.start(
            runtime.Runtime(
                settings=settings,
                secret_key=secret_key.encode(),
                bus=bus,
                rate_limits=rate_limits,
                mailer=Mailer(settings),
                storage=_storage(settings),
                media_pool=media_pool,
                film_pool=film_pool,
                spare_pool=spare_pool,
                vapid_public_key=vapid.public_key(await vapid.private_key()),
            )
        )
        stack.callback(runtime.stop)
        await stack.enter_async_context(federation.wiring.connected(settings, keyless=keyless))
        stack.callback(api.routes.connect())
        connect_periodic_work()
        if work:
            await stack.enter_async_context(working(settings))
        yield


def _storage(settings: Settings) -> Storage:
    url = settings.media_url
    present = open_storage(settings.media_root, base_url=url, store_options=settings.store_options)
    if not settings.media.former_storage:
        return present
    former = open_storage(settings.media.former_storage, base_url=url, store_options=settings.former_store_options)
    return MovingStorage(present, former, url)


def end_streams() -> None:
    """Close the streams clients have open in this process; they would never end by themselves."""
    telling.end_all()


def connect_periodic_work() -> None:
    """What a node does now and then."""
    jobs.every(60.0, "recover_jobs", jobs.recover)
    jobs.every(DAY / 24, "forget_old_jobs", jobs.forget_old)
    jobs.every(DAY / 24, "collect_unposted_media", media.collect_unposted)
    upkeep.schedule()


@contextlib.asynccontextmanager
async def working(settings: Settings) -> AsyncIterator[None]:
    """The background workers of this process: jobs, received activities, deliveries, periodic work."""
    async with leftovers.working(settings, _take_up_what_is_left):
        works: dict[str, Callable[[], Awaitable[None]]] = {
            "jobs": lambda: jobs.Worker(jobs.DEFAULT_QUEUE, settings.job_workers).run(),
            "relay": lambda: jobs.Worker(relay.QUEUE, 1, poll_seconds=relay.POLL_SECONDS).run(),
            "films": lambda: jobs.Worker(film_work.QUEUE, settings.media.film_workers).run(),
            "uploads": lambda: jobs.Worker(uploads.QUEUE, settings.media.workers).run(),
            "formats": lambda: jobs.Worker(formats.QUEUE, 1).run(),
            "push": lambda: api.push.worker().run(),
            "periodic": jobs.run_periodic,
            **federation.wiring.workers(settings),
        }
        tasks = [asyncio.create_task(_kept_up(name, work), name=name) for name, work in works.items()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _kept_up(name: str, work: Callable[[], Awaitable[None]]) -> None:
    """Work until cancelled, beginning anew after an error: a database away for a minute must not end the work for good."""
    while True:
        try:
            await work()
        except Exception:
            log.exception("worker_failed", worker=name)
            await asyncio.sleep(PAUSE_AFTER_FAILURE)


async def _take_up_what_is_left() -> None:
    await jobs.recover(everything=True)
    await federation.wiring.recover_deliveries()
