"""Posts that wait for their time.

Each has a job that falls due then and publishes it exactly once: the transaction that writes the post takes the
waiting row away. What cannot be published any more becomes a draft, so that nothing its author wrote is lost.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import structlog

from node import clock, db, jobs
from node.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from node.models.accounts import Account, User
from node.models.fields import to_milliseconds
from node.models.scheduled_posts import ScheduledPost
from node.services import albums, drafts, media, places, posting_defaults, posts, publishing_once

log = structlog.get_logger()

AHEAD: Final = timedelta(minutes=5)
TOTAL_LIMIT: Final = 300
DAILY_LIMIT: Final = 25
PUBLISH: Final = "publish_scheduled_post"
_DAY: Final = 86_400_000


async def schedule(author: Account, draft: posts.Draft, at: datetime, key: str = "") -> ScheduledPost:
    """Have a draft published at that moment; under the same `key` once. Its pictures are kept for it until then.

    A comment keeps the audience it would have now, should its parent go meanwhile.
    Raises `Invalid` (scheduled_at, base) for a moment less than five minutes ahead or once too often, and what
    `posts.publish` raises; `NotFound` when the key's post was published already.
    """
    mark = publishing_once.mark_of(author, key) if key else None
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (author.id,))
        known = await scheduled_under(author, key) if key else None
        if known is not None:
            return known
        if key and await publishing_once.published_under(author, key) is not None:
            raise NotFound
        await _check_moment(author, at)
        as_now = await posts.check(author, await posting_defaults.filled_in(author, draft))
        if draft.parent_id is not None:
            draft = dataclasses.replace(draft, visibility=as_now.visibility)
        waiting = await ScheduledPost.create(
            account_id=author.id, scheduled_at=at, parameters=msgspec.to_builtins(draft), idempotency_mark=mark
        )
        await _hold(waiting, draft.media_ids)
        await _await(waiting)
    return waiting


async def scheduled_under(author: Account, key: str) -> ScheduledPost | None:
    """The waiting post that was made under this key."""
    return await ScheduledPost.get_or_none(idempotency_mark=publishing_once.mark_of(author, key))


async def own(account: Account, scheduled_id: int) -> ScheduledPost:
    """One of the account's own waiting posts. Raises `NotFound`."""
    waiting = await ScheduledPost.get_or_none(id=scheduled_id, account_id=account.id)
    if waiting is None:
        raise NotFound
    return waiting


async def reschedule(account: Account, scheduled_id: int, at: datetime) -> ScheduledPost:
    """Have it published at another moment. Raises `NotFound`, `Invalid` as `schedule` does."""
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM accounts WHERE id = ?{db.for_update()}", (account.id,))
        waiting = await _locked(scheduled_id)
        if waiting is None or waiting.account_id != account.id:
            raise NotFound
        await _check_moment(account, at, waiting.id)
        waiting.scheduled_at = at
        await waiting.save(update_fields=["scheduled_at"])
        await _await(waiting)
    return waiting


async def cancel(account: Account, scheduled_id: int) -> None:
    """Never publish it; its pictures are free again. Raises `NotFound`."""
    async with db.transaction():
        waiting = await _locked(scheduled_id)
        if waiting is None or waiting.account_id != account.id:
            raise NotFound
        await media.wait_anew("scheduled_post_id", waiting.id)
        await waiting.delete()


async def _check_moment(author: Account, at: datetime, besides: int = 0) -> None:
    """Raises `Invalid` unless that moment is far enough ahead and there is room that day, regarding no `besides`."""
    wrong = []
    moment = to_milliseconds(at)
    if at <= clock.now() + AHEAD:
        wrong.append("Scheduled at date must be in the future")
    day = moment - moment % _DAY
    row = await db.fetch_one(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN scheduled_at >= ? AND scheduled_at < ? THEN 1 ELSE 0 END), 0)"
        " FROM scheduled_posts WHERE account_id = ? AND id <> ?",
        (day, day + _DAY, author.id, besides),
    )
    in_all, that_day = (int(row[0]), int(row[1])) if row is not None else (0, 0)
    if in_all >= TOTAL_LIMIT:
        wrong.append(f"You have exceeded the limit of {TOTAL_LIMIT} scheduled posts")
    if that_day >= DAILY_LIMIT:
        wrong.append(f"You have exceeded the limit of {DAILY_LIMIT} scheduled posts for today")
    if wrong:
        said = ", ".join(wrong)
        raise Invalid("scheduled_at", said, sentence=f"Validation failed: {said}")


async def _hold(waiting: ScheduledPost, media_ids: Sequence[int]) -> None:
    """Keep pictures, known to be free, from being collected or taken by another post."""
    if media_ids:
        await db.execute(
            f"UPDATE media_files SET scheduled_post_id = ?, draft_id = NULL WHERE id IN ({db.marks(media_ids)})",
            (waiting.id, *media_ids),
        )


async def _await(waiting: ScheduledPost) -> None:
    moment = to_milliseconds(waiting.scheduled_at)
    await jobs.enqueue(
        PUBLISH,
        {"scheduled_id": waiting.id},
        run_at=waiting.scheduled_at,
        key=f"{PUBLISH}:{waiting.id}:{moment}",
    )


async def _locked(scheduled_id: int) -> ScheduledPost | None:
    """The waiting post, its row locked until the transaction ends."""
    row = await db.fetch_one(f"SELECT id FROM scheduled_posts WHERE id = ?{db.for_update()}", (scheduled_id,))
    return None if row is None else await ScheduledPost.get_or_none(id=scheduled_id)


async def _publish(payload: dict[str, Any]) -> None:
    """The job. One for a moment that was changed finds that it is not yet time."""
    scheduled_id = int(payload["scheduled_id"])
    try:
        await _publish_due(scheduled_id)
    except Conflict:
        raise  # Something was deleted this very moment: the next attempt sees it gone.
    except DomainError as refusal:
        log.info("scheduled_post_set_aside", scheduled_post=scheduled_id, reason=refusal.message)
        await _set_aside(scheduled_id)


async def _publish_due(scheduled_id: int) -> None:
    async with db.transaction():
        waiting = await _locked(scheduled_id)
        if waiting is None or waiting.scheduled_at > clock.now():
            return
        author = await Account.get(id=waiting.account_id)
        if await User.exists(account_id=author.id, disabled_at__isnull=False):
            raise Forbidden()
        draft = await _still_possible(author, waiting)
        await waiting.delete()
        post = await posts.publish(author, await posting_defaults.filled_in(author, draft))
        if waiting.idempotency_mark is not None:
            await db.execute("UPDATE posts SET idempotency_mark = ? WHERE id = ?", (waiting.idempotency_mark, post.id))


async def _still_possible(author: Account, waiting: ScheduledPost) -> posts.Draft:
    """What it says, without pictures that were thrown away, and without a parent, a place or albums that were deleted."""
    draft = drafts.content(waiting.parameters)
    kept = await db.fetch_all("SELECT id FROM media_files WHERE scheduled_post_id = ?", (waiting.id,))
    present = {int(row[0]) for row in kept}
    parent_id = draft.parent_id
    if parent_id is not None and await db.fetch_one("SELECT 1 FROM posts WHERE id = ?", (parent_id,)) is None:
        parent_id = None
    media_ids = tuple(number for number in draft.media_ids if number in present)
    place_id = draft.place_id if await places.is_known(author, draft.place_id) else None
    album_ids = await albums.still_own(author, draft.album_ids)
    return dataclasses.replace(draft, media_ids=media_ids, parent_id=parent_id, place_id=place_id, album_ids=album_ids)


async def _set_aside(scheduled_id: int) -> None:
    async with db.transaction():
        waiting = await _locked(scheduled_id)
        if waiting is None:
            return
        author = await Account.get(id=waiting.account_id)
        saved = await drafts.keep(author.id, await _still_possible(author, waiting))
        await db.execute(
            "UPDATE media_files SET draft_id = ?, scheduled_post_id = NULL WHERE scheduled_post_id = ?",
            (saved.id, waiting.id),
        )
        await waiting.delete()


jobs.register(PUBLISH, _publish)
