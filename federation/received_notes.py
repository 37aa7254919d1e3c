"""A remote post, read and known to be its author's, handed to `services.posts` with everybody it names looked up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from activitypub.types import Note, visibility
from activitypub.vocabulary import PUBLIC
from federation import mapping
from federation.resolve_errors import Gone, Unresolvable
from node import clock, db, jobs, urls
from node.errors import DomainError, NotFound
from node.models.accounts import Account
from node.models.posts import Post
from node.services import posts

MAX_NAMED = 100
MAX_LEVELS = 100
"""How far up a thread is fetched, all in all."""
PARENT_JOB = "fetch_parent"


async def known_post(uri: str) -> Post | None:
    """The post of this id, if it is here; for a share, what it shares is not looked at."""
    return await Post.get_or_none(uri=uri)


async def unknown(uris: Sequence[str]) -> list[str]:
    """Those of these ids that are neither here nor known to be gone, in their order. One query."""
    if not uris:
        return []
    asked = db.padded(uris)
    marks = db.marks(asked)
    rows = await db.fetch_all(
        f"SELECT uri FROM posts WHERE uri IN ({marks}) UNION ALL SELECT uri FROM tombstones WHERE uri IN ({marks})",
        (*asked, *asked),
    )
    known = {row[0] for row in rows}
    return [uri for uri in uris if uri not in known]


async def store(
    note: Note, author: Account, parent: Post | None, *, quietly: bool = False, levels: int = MAX_LEVELS
) -> Post:
    """Take in a post of `author`. What it answers is fetched later when it is not here, so many `levels` up.

    A post that was not delivered but fetched is taken in `quietly`. Raises `Gone` when it was deleted before,
    `Unresolvable` when it is refused.
    """
    try:
        async with db.transaction():
            post = await posts.receive(
                await incoming(note, author, parent, may_fetch_quoted=levels > 0), quietly=quietly
            )
            if levels > 0:
                await ask_for_parent(post, levels)
        return post
    except NotFound as error:
        raise Gone(note.id, error.message, deleted=True) from error
    except DomainError as error:
        raise Unresolvable(note.id, error.message) from error


async def ask_for_parent(post: Post, levels: int, *, attempt: int = 0, seconds: float = 0.0) -> None:
    """Have the post that an orphan answers fetched in the background, in so many `seconds`; one host after another."""
    if post.parent_uri is None or urls.is_local(post.parent_uri):
        return
    await jobs.enqueue(
        PARENT_JOB,
        {"post_id": post.id, "levels": levels, "attempt": attempt},
        key=f"{PARENT_JOB}:{post.id}:{levels}:{attempt}",
        lane=f"fetch:{urlsplit(post.parent_uri).netloc}",
        run_at=clock.now() + timedelta(seconds=seconds),
    )


async def incoming(
    note: Note, author: Account, parent: Post | None, *, may_fetch_quoted: bool = True
) -> posts.IncomingPost:
    """What the service takes, with mentions and addressees that are known here. One query; nothing is fetched."""
    if note.attributed_to != author.uri:
        raise Unresolvable(note.id, "its author is another one")
    named = {mention.href for mention in note.mentions[:MAX_NAMED]}
    addressed = {uri for uri in (*note.to, *note.cc) if uri not in (PUBLIC, author.followers_url)}
    found = await _accounts(named | {uri for uri in addressed if urls.is_local(uri)})
    return mapping.incoming_post(
        note,
        author,
        parent=parent,
        mentioned=tuple(found[uri] for uri in sorted(named & found.keys())),
        addressed=tuple(found[uri] for uri in sorted(addressed & found.keys() - named)),
        received_at=clock.now(),
        may_fetch_quoted=may_fetch_quoted,
    )


def visibility_of(note: Note, author: Account) -> str:
    """For whom a post is, by its addressing."""
    return visibility(note, author.followers_url)


async def concerns_us(note: Note, author: Account) -> bool:
    """Whether anybody here would see the post: a follower of its author, somebody it addresses, or the post it answers
    is here. One query."""
    addressed = [uri for uri in {*note.to, *note.cc, *(m.href for m in note.mentions)} if urls.is_local(uri)]
    conditions = [
        "EXISTS (SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id"
        " WHERE f.target_id = ? AND f.accepted = TRUE AND a.domain = '')"
    ]
    parameters: list[object] = [author.id]
    if addressed:
        conditions.append(f"EXISTS (SELECT 1 FROM accounts WHERE domain = '' AND uri IN ({db.marks(addressed)}))")
        parameters.extend(addressed)
    if note.in_reply_to is not None:
        conditions.append("EXISTS (SELECT 1 FROM posts WHERE uri = ?)")
        parameters.append(note.in_reply_to)
    return await db.fetch_one(f"SELECT 1 WHERE {' OR '.join(conditions)}", parameters) is not None


async def _accounts(uris: Iterable[str]) -> dict[str, Account]:
    wanted = list(uris)
    if not wanted:
        return {}
    return {account.uri: account for account in await Account.filter(uri__in=wanted)}
