"""Puts the room together: what `node/app.py` needs to open, serve and work it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from quart import Quart

from federation import (
    budget,
    content_wiring,
    domain_lists,
    fetching,
    followers_sync,
    front,
    hosts,
    instance,
    newcomers,
    path_numbers,
    profile_fill,
    profile_links,
    ready,
    received_notes,
    relayed,
    remote_media,
    resolve,
    signed_gets,
    thread_above,
    thread_below,
    wellknown,
)
from federation.actor_fetch import KEYS_CHANGED
from federation.inbound import attested, forwarding, keys, origins, process, receive
from federation.inbound import routes as inbound_routes
from federation.outbound import (
    album_routes,
    attempt,
    collection_routes,
    publish,
    publish_members,
    publish_people,
    publish_reports,
    queue,
)
from federation.outbound import routes as outbound_routes
from federation.outbound.deliver import DeliveryWorker
from federation.outbound.send import forget_delivered
from node import events, jobs
from node.models.graph import Follow
from node.runtime import runtime
from node.services import deliveries, key_sealing, post_holders, post_readings
from node.services import front as front_of_files
from node.settings import Settings

PUBLISH_QUEUE = "publish"
FETCH_QUEUE = "fetch"
FETCH_CONCURRENCY = 8
"""What nobody waits for, fetched at a time: a queue of its own, so that slow hosts hold up nothing else."""
INBOX_CONCURRENCY = 64
"""Received activities in hand at a time; their work is done in groups (`inbound/sequencer.py`)."""


def register_routes(app: Quart) -> None:
    """Add every server-to-server route."""
    app.url_map.converters[path_numbers.NAME] = path_numbers.NumberConverter
    app.register_blueprint(inbound_routes.blueprint)
    app.register_blueprint(outbound_routes.blueprint)
    app.register_blueprint(collection_routes.blueprint)
    app.register_blueprint(album_routes.blueprint)
    app.register_blueprint(wellknown.blueprint)


def connect_subscribers() -> None:
    """Have facts published, received activities processed, and old rows forgotten.

    Facts are published one at a time, in their order: a Like must not be overtaken by its Undo.
    """
    events.subscribe(events.PostPublished, "publish_post", publish.post_published, queue=PUBLISH_QUEUE)
    events.subscribe(events.AccessLost, "publish_access_lost", publish_members.access_lost, queue=PUBLISH_QUEUE)
    events.subscribe(events.PersonLeft, "publish_person_left", publish_people.person_left, queue=PUBLISH_QUEUE)
    events.subscribe(events.PostEdited, "publish_edit", publish.post_edited, queue=PUBLISH_QUEUE)
    events.subscribe(events.PostDeleted, "publish_deletion", publish.post_deleted, queue=PUBLISH_QUEUE)
    events.subscribe(events.PostLiked, "publish_like", publish.post_liked, queue=PUBLISH_QUEUE)
    events.subscribe(events.PostUnliked, "publish_unlike", publish.post_unliked, queue=PUBLISH_QUEUE)
    content_wiring.connect(PUBLISH_QUEUE, FETCH_QUEUE)
    events.subscribe(events.FollowRequested, "publish_follow", publish.follow_requested, queue=PUBLISH_QUEUE)
    events.subscribe(events.Unfollowed, "publish_unfollow", publish.unfollowed, queue=PUBLISH_QUEUE)
    events.subscribe(events.FollowAccepted, "publish_accept", publish.follow_accepted, queue=PUBLISH_QUEUE)
    events.subscribe(events.FollowRejected, "publish_reject", publish.follow_rejected, queue=PUBLISH_QUEUE)
    events.subscribe(events.AccountBlocked, "publish_block", publish.account_blocked, queue=PUBLISH_QUEUE)
    events.subscribe(events.AccountUnblocked, "publish_unblock", publish.account_unblocked, queue=PUBLISH_QUEUE)
    events.subscribe(events.AccountUpdated, "publish_profile", publish.account_updated, queue=PUBLISH_QUEUE)
    events.subscribe(events.AccountMoved, "publish_move", publish.account_moved, queue=PUBLISH_QUEUE)
    events.subscribe(events.KeysReplaced, "publish_keys", publish.keys_replaced, queue=PUBLISH_QUEUE)
    events.subscribe(events.ReportFiled, "publish_report", publish_reports.report_filed, queue=PUBLISH_QUEUE)
    events.subscribe(events.AccountDeleted, "publish_farewell", publish.account_deleted, queue=PUBLISH_QUEUE)
    events.subscribe(events.ProfileLinksChanged, "verify_profile_links", profile_links.verify)
    events.subscribe(events.FollowRequested, "fill_followed", _follow_requested, queue=FETCH_QUEUE)
    events.subscribe(events.ProfileOpened, "fill_profile", _fill_profile, queue=FETCH_QUEUE)
    events.subscribe(events.ThreadOpened, "fill_thread", _fill_thread, queue=FETCH_QUEUE)
    jobs.register(receive.KIND, process.process, queue=receive.QUEUE)
    events.subscribe(events.RelayJoined, "publish_relay_follow", relayed.joined, queue=PUBLISH_QUEUE)
    events.subscribe(events.RelayLeft, "publish_relay_unfollow", relayed.left, queue=PUBLISH_QUEUE)
    jobs.register(relayed.FETCH, relayed.fetch, queue=FETCH_QUEUE)
    jobs.register(resolve.REFRESH_JOB, _refresh, queue=FETCH_QUEUE)
    jobs.register(followers_sync.SYNCHRONISE, followers_sync.synchronise, queue=FETCH_QUEUE)
    jobs.register(resolve.MEET_JOB, _meet, queue=FETCH_QUEUE)
    jobs.register(received_notes.PARENT_JOB, thread_above.fetch_parent, queue=FETCH_QUEUE)
    jobs.register(origins.LOOK_UP, origins.look_up, queue=FETCH_QUEUE)
    jobs.register(forwarding.FORWARD, forwarding.forward)
    jobs.register(front_of_files.FORGET, front.forget, queue=FETCH_QUEUE)
    jobs.every(3600.0, "check_domain_lists", domain_lists.check_due)
    jobs.every(60.0, "recover_deliveries", queue.recover)
    jobs.every(3600.0, "forget_delivered", forget_delivered)
    jobs.every(86_400.0, "forget_old_hosts", hosts.forget_old)
    jobs.every(3600.0, "give_up_deliveries", _give_up_old)
    jobs.every(deliveries.MARK_EVERY, "move_delivery_mark", _move_mark)


@asynccontextmanager
async def connected(settings: Settings, *, keyless: bool = False) -> AsyncIterator[None]:
    """Open what the room needs in this process, web or worker: client, instance actor, caches kept true by the bus.

    Raises `KeysUnreadable` when nothing can be signed, unless it may be `keyless`.
    """
    forget_everything()
    connect_subscribers()
    fetching.open_client(settings)
    process.open_roads()
    end_watching = ready.watch_changes()
    end_listening = runtime().bus.subscribe(KEYS_CHANGED, _forget_keys)
    end_exchanging = instance.watch_keys()
    end_forgetting = events.listen(events.KeysReplaced, lambda _: attempt.forget_everything())
    try:
        await instance.ensure_instance_actor()
        if not keyless:
            instance.require_key()
        await key_sealing.seal_older()
        await deliveries.notice_restored(settings.data_dir)
        yield
    finally:
        end_watching()
        end_listening()
        end_exchanging()
        end_forgetting()
        await process.close_roads()
        await remote_media.close()
        await hosts.settle()
        await fetching.close_client()
        forget_everything()


def workers(settings: Settings) -> dict[str, Callable[[], Awaitable[None]]]:
    """What publishes, processes and delivers in this process, by name: each works until it is cancelled."""
    return {
        "publish": lambda: jobs.Worker(PUBLISH_QUEUE, 1).run(),
        "fetches": lambda: jobs.Worker(FETCH_QUEUE, FETCH_CONCURRENCY).run(),
        "inbox": lambda: jobs.Worker(receive.QUEUE, INBOX_CONCURRENCY).run(),
        "deliveries": lambda: delivery_worker(settings).run(),
    }


def delivery_worker(settings: Settings) -> DeliveryWorker:
    """A worker as these settings want it."""
    federation = settings.federation
    return DeliveryWorker(
        federation.deliveries_in_flight, federation.deliveries_per_host, federation.delivery_give_up_after_hours
    )


async def recover_deliveries() -> None:
    """Give back every delivery that is marked as under way: for a process that knows it is the only one."""
    await queue.recover(everything=True)


async def _refresh(payload: dict[str, Any]) -> None:
    try:
        await resolve.refresh(payload["uri"], budget=budget.Background())
    except resolve.Unresolvable as error:
        raise jobs.Drop(str(error)) from error


async def _meet(payload: dict[str, Any]) -> None:
    try:
        await resolve.meet(payload["uri"], payload.get("alias", ""))
    except resolve.Unresolvable as error:
        raise jobs.Drop(str(error)) from error


async def _follow_requested(event: events.FollowRequested) -> None:
    follow = await Follow.get_or_none(id=event.follow_id)
    if follow is not None:
        await post_readings.profile_opened(follow.target_id)


async def _fill_profile(event: events.ProfileOpened) -> None:
    await profile_fill.fill(event.account_id)


async def _fill_thread(event: events.ThreadOpened) -> None:
    await thread_below.fill(event.post_id)


async def _give_up_old() -> None:
    await queue.give_up_old(runtime().settings.federation.delivery_give_up_after_hours)


async def _move_mark() -> None:
    await deliveries.move_mark(runtime().settings.data_dir)


def _forget_keys(message: dict[str, Any]) -> None:
    keys.forget(message["key_ids"])


def forget_everything() -> None:
    for memory in (
        attempt,
        attested,
        budget,
        followers_sync,
        hosts,
        keys,
        newcomers,
        post_holders,
        post_readings,
        ready,
        signed_gets,
        wellknown,
    ):
        memory.forget_everything()
