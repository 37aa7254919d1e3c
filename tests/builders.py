"""Builders: each makes one thing in the open database, with sensible values for what the test does not care about."""

from __future__ import annotations

import functools
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from activitypub.signatures.keys import generate_rsa_key
from node import clock, db, events, jobs
from node.models.accounts import Account, User
from node.models.graph import Follow
from node.models.media import MediaFile
from node.models.posts import Post
from node.services import accounts, follows, posts
from node.services.accounts import RemoteProfile
from node.services.posts import Draft, IncomingPost

_numbers = itertools.count(1)


@functools.cache
def one_key() -> str:
    """A private key for everybody: making a new one for each account would take most of the tests' time."""
    return generate_rsa_key()


async def local_account(username: str | None = None, **columns: Any) -> Account:
    """Somebody of this node, with a user who has confirmed their address."""
    name = username or f"local{next(_numbers)}"
    account = await accounts.create_local(name, private_key_pem=one_key())
    email = f"{name}@mail.example"
    await User.create(account=account, email=email, email_key=email, confirmed_at=clock.now(), approved_at=clock.now())
    if columns:
        await Account.filter(id=account.id).update(**columns)
    return await Account.get(id=account.id)


def profile(username: str = "bob", domain: str = "remote.example", **values: Any) -> RemoteProfile:
    """A remote actor as it would be received."""
    uri = values.pop("uri", f"https://{domain}/users/{username}")
    defaults: dict[str, Any] = {
        "inbox_url": f"{uri}/inbox",
        "shared_inbox_url": f"https://{domain}/inbox",
        "followers_url": f"{uri}/followers",
        "url": f"https://{domain}/@{username}",
        "keys": ((f"{uri}#main-key", "-----BEGIN PUBLIC KEY-----"),),
    }
    return RemoteProfile(uri=uri, username=username, domain=domain, **{**defaults, **values})


async def remote_account(username: str | None = None, domain: str = "remote.example", **values: Any) -> Account:
    """Somebody elsewhere who is known here."""
    return await accounts.receive_profile(profile(username or f"remote{next(_numbers)}", domain, **values))


async def post(author: Account, text: str = "A heron at dawn", **values: Any) -> Post:
    """A post of somebody here."""
    return await posts.publish(author, Draft(text=text, **values))


def incoming(author: Account, **values: Any) -> IncomingPost:
    """A remote post as it would be received."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "uri": f"https://{author.domain}/posts/{number}",
        "published": clock.now(),
        "visibility": "public",
        "content_html": "<p>A kingfisher</p>",
    }
    return IncomingPost(author=author, **{**defaults, **values})


async def received(author: Account, **values: Any) -> Post:
    """A post of somebody elsewhere."""
    return await posts.receive(incoming(author, **values))


async def picture(owner: Account, **columns: Any) -> MediaFile:
    """The row of an uploaded photograph that is not in a post yet, without files."""
    return await MediaFile.create(account_id=owner.id, media_type="image/jpeg", **columns)


async def following(follower: Account, target: Account) -> Follow:
    """A follow that is real, whatever it takes: the target's or its server's acceptance."""
    made = await follows.follow(follower, target, uri=None if follower.is_local else f"{follower.uri}#f/{target.id}")
    if made.accepted:
        return made
    if target.is_local:
        return await follows.accept(target, follower.id)
    return await follows.accepted_by_remote(target, follower, made.uri)


async def home_of(reader: Account) -> list[int]:
    """The ids of the posts in somebody's home timeline, newest first."""
    rows = await db.fetch_all(
        "SELECT post_id FROM home_entries WHERE account_id = ? ORDER BY post_id DESC", (reader.id,)
    )
    return [int(row[0]) for row in rows]


async def told(account: Account) -> list[tuple[str, int, int | None]]:
    """What somebody was notified of, oldest first: (kind, from account, post)."""
    rows = await db.fetch_all(
        "SELECT kind, from_account_id, post_id FROM notifications WHERE account_id = ? ORDER BY id", (account.id,)
    )
    return [(row[0], row[1], row[2]) for row in rows]


async def fresh(row: Any) -> Any:
    """The same row as it stands in the database now."""
    return await type(row).get(id=row.id)


@asynccontextmanager
async def hearing(*kinds: type[events.Event]) -> AsyncIterator[list[events.Event]]:
    """The facts of these kinds that became true in the block, in order."""
    heard: list[events.Event] = []
    unsubscribe = [events.listen(kind, heard.append) for kind in kinds]
    try:
        yield heard
    finally:
        for stop in unsubscribe:
            stop()


async def run_jobs(queue: str = jobs.DEFAULT_QUEUE) -> None:
    """Run everything that is due, and what that leads to."""
    await jobs.Worker(queue, 4).run_until_idle()


def at(year: int, month: int, day: int, hour: int = 12) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, tzinfo=clock.now().tzinfo)
