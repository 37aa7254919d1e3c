"""People tagged in pictures: by whom they let themselves be tagged, what waits for them, and how they come out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from node import clock, db, events
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.people_in_pictures import REMOVED, SHOWN, WAITING, PersonInPicture
from node.models.posts import ARCHIVED, Post
from node.services import notifications, post_rows, preferences

EVERYBODY, FOLLOWED, BY_HAND, NOBODY = "everybody", "following", "by_hand", "nobody"
WISHES: Final = (EVERYBODY, FOLLOWED, BY_HAND, NOBODY)
PREFERENCE: Final = "tagging"
MAX_PEOPLE: Final = 20
"""In all pictures of a post together."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in which picture an account is seen: from the left and from the top, 0 to 1."""

    media_id: int
    account_id: int
    x: float
    y: float


async def wish_of(user_id: int) -> str:
    """By whom a user lets themselves be tagged: by everybody unless they said otherwise."""
    return _wish(await preferences.of_user(user_id))


async def change_wish(user_id: int, wish: str) -> None:
    """Say by whom one lets oneself be tagged. Raises `Invalid` (allow)."""
    if wish not in WISHES:
        raise Invalid("allow", "is not included in the list", code="ERR_INCLUSION")
    await preferences.change(user_id, {PREFERENCE: wish})


def check_spots(spots: Sequence[Spot]) -> None:
    """Raises `Invalid` (media_attributes) for places outside a picture, somebody twice in one, or too many people."""
    if len(spots) > MAX_PEOPLE:
        raise Invalid("media_attributes", f"tag more than {MAX_PEOPLE} people", code="ERR_TOO_MANY")
    if not all(0.0 <= part <= 1.0 for spot in spots for part in (spot.x, spot.y)):
        raise Invalid("media_attributes", "need x and y from 0 to 1")
    if len({(spot.media_id, spot.account_id) for spot in spots}) != len(spots):
        raise Invalid("media_attributes", "can't tag somebody twice in a picture")


async def put(author: Account, post: Post, pictures: Mapping[int, Sequence[Spot]]) -> None:
    """Tag exactly these people in these pictures of the author's post, in the caller's transaction; others stay, and so
    does who was cropped away.

    Those newly tagged are addressed and told. Raises `Invalid` (media_attributes), also for who may not be tagged.
    """
    if not pictures:
        return
    spots = [spot for listed in pictures.values() for spot in listed]
    check_spots(spots)
    known = await _known(post.id)
    await _check_pictures(post.id, pictures)
    kept = {key: state for key, state in known.items() if key[0] not in pictures and state != REMOVED}
    if len(kept) + len(spots) > MAX_PEOPLE:
        raise Invalid("media_attributes", f"tag more than {MAX_PEOPLE} people", code="ERR_TOO_MANY")
    named = {(spot.media_id, spot.account_id) for spot in spots}
    gone = [key for key, state in known.items() if key[0] in pictures and key not in named and state != REMOVED]
    await db.execute_many(
        "DELETE FROM people_in_pictures WHERE media_id = ? AND account_id = ? AND x BETWEEN 0 AND 1 AND y BETWEEN 0 AND 1",
        gone,
    )
    new = [spot for spot in spots if known.get((spot.media_id, spot.account_id), REMOVED) == REMOVED]
    refused = {spot.account_id for spot in new if (spot.media_id, spot.account_id) in known}
    states = await _states(author, {spot.account_id for spot in new})
    _refuse(spot.account_id for spot in new if spot.account_id not in states or spot.account_id in refused)
    await db.execute_many(
        "UPDATE people_in_pictures SET x = ?, y = ? WHERE media_id = ? AND account_id = ?",
        [(spot.x, spot.y, spot.media_id, spot.account_id) for spot in spots if spot not in new],
    )
    await _insert(author, post, new, states)
    await tell(post)


async def receive(author: Account, post: Post, spots: Sequence[Spot]) -> bool:
    """Take up whom a remote author tagged: all that is said of the post. Who does not let that happen is left out.

    Returns whether that changed anything. Nobody is told yet (`tell`).
    """
    known = {(tag.media_id, tag.account_id): tag for tag in await PersonInPicture.filter(post_id=post.id)}
    named = {(spot.media_id, spot.account_id): spot for spot in spots[:MAX_PEOPLE]}
    gone = [key for key, tag in known.items() if key not in named and tag.state != REMOVED]
    moved = [
        (spot.x, spot.y, *key)
        for key, spot in named.items()
        if key in known and (spot.x, spot.y) != (known[key].x, known[key].y) and known[key].state != REMOVED
    ]
    unknown = [spot for key, spot in named.items() if key not in known]
    states = await _states(author, {spot.account_id for spot in unknown})
    new = [spot for spot in unknown if spot.account_id in states]
    await db.execute_many("DELETE FROM people_in_pictures WHERE media_id = ? AND account_id = ?", gone)
    await db.execute_many("UPDATE people_in_pictures SET x = ?, y = ? WHERE media_id = ? AND account_id = ?", moved)
    await _insert(author, post, new, states)
    return bool(gone or moved or new)


async def answer(account: Account, tag_id: int, *, agrees: bool) -> None:
    """Agree to being shown in a picture, or not. Raises `NotFound` when nothing of the account's waits under that id."""
    async with db.transaction():
        row = await db.fetch_one(
            "UPDATE people_in_pictures SET state = ? WHERE id = ? AND account_id = ? AND state = ? RETURNING post_id",
            (SHOWN if agrees else REMOVED, tag_id, account.id, WAITING),
        )
        if row is None:
            raise NotFound
        if agrees:
            await _show_anew(await Post.get(id=int(row[0])))


async def leave(account: Account, post_id: int) -> None:
    """Be tagged no longer in the pictures of a post, for good. Raises `NotFound` when the account is not.

    Records `PostEdited`, or of a remote post `PersonLeft` as well, so that its author hears of it.
    """
    async with db.transaction():
        removed = await db.execute(
            "UPDATE people_in_pictures SET state = ? WHERE post_id = ? AND account_id = ? AND state <> ?",
            (REMOVED, post_id, account.id, REMOVED),
        )
        if not removed:
            raise NotFound
        post = await Post.get(id=post_id)
        await notifications.forget(notifications.TAGGED, account.id, post.account_id, post.id)
        await _show_anew(post)
        if not post.is_local and account.is_local:
            await events.record(events.PersonLeft(account_id=account.id, post_id=post.id))


async def _show_anew(post: Post) -> None:
    await db.execute("UPDATE posts SET version = version + 1 WHERE id = ?", (post.id,))
    if post.is_local:
        await events.record(events.PostEdited(post_id=post.id, moment=to_milliseconds(clock.now())))
    else:
        await events.record(events.ReceivedPostEdited(post_id=post.id))


async def _insert(author: Account, post: Post, spots: Sequence[Spot], states: Mapping[int, str]) -> None:
    now = to_milliseconds(clock.now())
    await db.execute_many(
        "INSERT INTO people_in_pictures (id, media_id, post_id, account_id, x, y, state, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (new_id(), spot.media_id, post.id, spot.account_id, spot.x, spot.y, states[spot.account_id], now)
            for spot in spots
        ],
    )
    await post_rows.address(post.id, (), sorted({spot.account_id for spot in spots} - {author.id}))


async def tell(post: Post) -> None:
    """Tell those tagged in a post, once each; nobody of one that is held back or put away."""
    if post.held_for is not None or post.visibility == ARCHIVED:
        return
    rows = await db.fetch_all(
        "SELECT DISTINCT account_id FROM people_in_pictures WHERE post_id = ? AND state <> 'removed'", (post.id,)
    )
    for row in rows:
        await notifications.notify(notifications.TAGGED, int(row[0]), post.account_id, post.id)


async def _known(post_id: int) -> dict[tuple[int, int], str]:
    """The states of who is tagged in a post, by picture and account."""
    rows = await PersonInPicture.filter(post_id=post_id).values_list("media_id", "account_id", "state")
    return {(int(media_id), int(account_id)): str(state) for media_id, account_id, state in rows}


async def _check_pictures(post_id: int, media_ids: Iterable[int]) -> None:
    rows = await db.fetch_all("SELECT id FROM media_files WHERE post_id = ?", (post_id,))
    if set(media_ids) - {int(row[0]) for row in rows}:
        raise Invalid("media_attributes", "name a file that is not in the post", code="ERR_NOT_FOUND")


async def _states(author: Account, account_ids: set[int]) -> dict[int, str]:
    """How each of these would be tagged by the author; those who may not be are left out.

    People elsewhere are asked by their own server, which shows them or does not.
    """
    if not account_ids:
        return {}
    wanted = db.padded(sorted(account_ids))
    rows = await db.fetch_all(
        "SELECT a.id, a.domain, u.preferences,"
        " EXISTS (SELECT 1 FROM follows f WHERE f.account_id = a.id AND f.target_id = ? AND f.accepted = TRUE)"
        " FROM accounts a LEFT JOIN users u ON u.account_id = a.id"
        f" WHERE a.id IN ({db.marks(wanted)}) AND a.suspended_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND b.target_id = ?)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = ? AND b.target_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM account_domain_blocks d WHERE d.account_id = a.id AND d.domain = ?)",
        (author.id, *wanted, author.id, author.id, author.domain),
    )
    found: dict[int, str] = {}
    for account_id, domain, kept, follows in rows:
        wish = EVERYBODY if domain or account_id == author.id else _wish(orjson.loads(kept or b"{}"))
        if wish == BY_HAND:
            found[int(account_id)] = WAITING
        elif wish == EVERYBODY or (wish == FOLLOWED and follows):
            found[int(account_id)] = SHOWN
    return found


def _refuse(account_ids: Iterable[int]) -> None:
    named = ", ".join(str(account_id) for account_id in dict.fromkeys(account_ids))
    if named:
        raise Invalid("media_attributes", f"can't tag {named}", code="ERR_NOT_ALLOWED")


def _wish(kept: Mapping[str, Any]) -> str:
    return str(kept.get(PREFERENCE, EVERYBODY))
