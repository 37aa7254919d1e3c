"""Posts of remote authors: received, deleted and brought back as their servers say. Used through `services.posts`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from node import clock, db, events
from node.errors import Conflict, Forbidden, NotFound
from node.ids import id_after, id_at
from node.models.accounts import Account
from node.models.posts import DIRECT, MEMBERS, Post
from node.runtime import runtime
from node.services import (
    audiences,
    comment_limits,
    conversations,
    emojis,
    hashtags,
    links,
    notifications,
    orphans,
    people_in_pictures,
    places,
    polls,
    post_removal,
    post_rows,
    received_media,
    received_quotes,
    refused_content,
    taken_back,
    timelines,
)
from node.services.interaction_policies import UNSTATED, StatedPolicies, check_may_comment
from node.services.keyword_rules import Verdict
from node.services.received_media import IncomingMedia
from node.services.received_quotes import IncomingQuote
from node.services.visibility import may_see, narrower
from node.text import clean, sanitise

MAX_SPOILER: Final = 2_000
MAX_LANGUAGE: Final = 35
LATE: Final = timedelta(days=1)
"""How old a post may be that is still told of when it is delivered after it was fetched."""


@dataclass(frozen=True, slots=True)
class IncomingPost:
    """A post as its author's server describes it, read and checked: everybody in it is known here.

    `parent` is the post it answers when that is known; else `parent_uri` names it. `content_html` is not sanitised yet.
    `mentions` are named in the text, `silent_mentions` are addressed without.
    """

    uri: str
    author: Account
    published: datetime
    visibility: str
    content_html: str = ""
    url: str | None = None
    spoiler_text: str = ""
    sensitive: bool = False
    language: str | None = None
    updated: datetime | None = None
    parent: Post | None = None
    parent_uri: str | None = None
    mentions: tuple[Account, ...] = ()
    silent_mentions: tuple[Account, ...] = ()
    hashtags: tuple[str, ...] = ()
    media: tuple[IncomingMedia, ...] = ()
    place: places.NamedPlace | None = None
    comments_disabled: bool = False
    policies: StatedPolicies = UNSTATED
    poll: polls.ReceivedPoll | None = None
    quote: IncomingQuote | None = None
    emojis: tuple[emojis.ReceivedEmoji, ...] = ()


async def receive(incoming: IncomingPost, *, quietly: bool = False) -> Post:
    """Take in a remote post. Records `PostReceived`, notifies people here, fills home timelines.

    Idempotent by `uri`: a known post is returned as it stands, whatever `incoming` says now. A comment's audience is
    never wider than its parent's. `quietly`, a post that we went and fetched notifies nobody; when its server delivers
    it after all, those whom it concerns are told then.

    Raises `NotFound` when the post was deleted before, `Forbidden` when its author is local, suspended or another than
    the one we know, or may not comment there.
    """
    author = incoming.author
    if author.is_local or author.suspended_at is not None:
        raise Forbidden("this author's posts are not received", uri=incoming.uri)
    known = await _known(incoming.uri, author)
    if known is not None:
        if not quietly:
            await _notify_late(known, incoming)
        return known
    if incoming.parent is not None:
        await _check_may_comment(author, incoming.parent)
    incoming = await without_refused_media(incoming)
    verdict = await refused_content.judge(author, incoming.spoiler_text, incoming.content_html)
    async with db.transaction():
        post = await _insert(incoming, verdict)
        if post is None:
            return await _other_copy(incoming)
        await refused_content.carry_out(verdict, post, author)
        await _attach(post, incoming)
        await orphans.adopt(post)
        if post.visibility == DIRECT:
            await conversations.feed(post)
        else:
            await timelines.fan_out(post, incoming.author)
        if post.held_for is None and not quietly:
            await _notify(post, incoming)
        await post_rows.count_in(post)
        await events.record(events.PostReceived(post_id=post.id))
    return post


async def receive_deletion(uri: str, author: Account) -> None:
    """A remote author says that a post or share is gone; one we never had is remembered as gone, if it is the author's.

    Raises `Forbidden` when the post is somebody else's, or `uri` is on another host than its author.
    """
    if author.is_local or urlsplit(uri).netloc != urlsplit(author.uri).netloc:
        raise Forbidden("only its author's server deletes a post", uri=uri)
    async with db.transaction():
        post = await Post.get_or_none(uri=uri)
        if post is None:
            await taken_back.remember(author.id, uri)
            return
        if post.account_id != author.id:
            raise Forbidden("this post is another's", uri=uri)
        await post_removal.remove(post)


async def receive_return(uri: str, author: Account) -> None:
    """The author takes the deletion of a post back: it may be received again. Raises `Forbidden` for another's uri.

    Nothing is shown by that alone: the post comes, if it does, from where it lives.
    """
    if author.is_local or urlsplit(uri).netloc != urlsplit(author.uri).netloc:
        raise Forbidden("only its author's server brings a post back", uri=uri)
    async with db.transaction():
        await taken_back.forget(author.id, uri)
        await post_rows.lift_tombstone(uri)


async def _known(uri: str, author: Account) -> Post | None:
    """The post of that uri; refuses one that was deleted or is another's. One small statement when it is new."""
    row = await db.fetch_one(
        "SELECT account_id FROM posts WHERE uri = ? UNION ALL SELECT NULL FROM tombstones WHERE uri = ?"
        " UNION ALL SELECT NULL FROM taken_back WHERE account_id = ? AND uri = ?",
        (uri, uri, author.id, uri),
    )
    if row is None:
        return None
    if row[0] is None:
        raise NotFound("The post was deleted", uri=uri)
    if row[0] != author.id:
        raise Forbidden("this post is another's", uri=uri)
    return await Post.get_or_none(uri=uri)


async def _other_copy(incoming: IncomingPost) -> Post:
    """Another worker took the same post in meanwhile."""
    post = await _known(incoming.uri, incoming.author)
    if post is None:
        raise Conflict("no id was free for the post", uri=incoming.uri)
    return post


async def _check_may_comment(author: Account, parent: Post) -> None:
    """A local parent is answered by those who may see it; what a remote one's author allows, that server knows best."""
    await check_may_comment(author, parent)
    if parent.is_local and not await may_see(author, parent):
        raise Forbidden("the post is not shown to this author", post=parent.id)


async def _insert(incoming: IncomingPost, verdict: Verdict | None) -> Post | None:
    """Write the row; `None` when the uri is taken. A second id is tried when the millisecond's drawn one is taken."""
    now = clock.now()
    published = min(incoming.published, now)
    parent = incoming.parent
    place_id = await places.received(incoming.author, incoming.place)
    visibility = incoming.visibility if parent is None else narrower(incoming.visibility, parent.visibility)
    for _ in range(2):
        number = id_at(published)
        if parent is not None and number < parent.id:
            # Clocks differ, and many servers count whole seconds: an answer still comes after what it answers.
            number = id_after(parent.id)
        post = Post(
            id=number,
            account_id=incoming.author.id,
            uri=incoming.uri,
            url=incoming.url,
            parent_id=parent.id if parent else None,
            parent_account_id=parent.account_id if parent else None,
            parent_uri=None if parent else incoming.parent_uri,
            conversation_id=parent.conversation_id if parent else number,
            visibility=visibility,
            content=sanitise(incoming.content_html),
            spoiler_text=clean(incoming.spoiler_text)[:MAX_SPOILER],
            sensitive=incoming.sensitive,
            language=(incoming.language or "")[:MAX_LANGUAGE] or None,
            place_id=place_id,
            comments_disabled=incoming.comments_disabled,
            **incoming.policies.columns(),
            is_local=False,
            has_media=bool(incoming.media),
            created_at=published,
            fetched_at=now,
        )
        if parent is not None:
            post.held_for = await comment_limits.holder(post, incoming.author, parent)
        post.held_for = refused_content.holder(verdict, post.held_for)
        if await post_rows.insert(post):
            return post
    return None


async def _attach(post: Post, incoming: IncomingPost) -> None:
    silently = silently_addressed(incoming)
    if post.visibility == MEMBERS and incoming.parent is not None and incoming.parent.visibility == MEMBERS:
        silently += await audiences.of_thread(incoming.parent, post.account_id)
    await post_rows.address(post.id, [account.id for account in incoming.mentions], silently)
    await hashtags.attach(post.id, incoming.hashtags)
    await links.attach(post.id, post.content)
    await emojis.receive(incoming.author.domain, incoming.emojis)
    await received_media.insert(post, list(enumerate(pictures(incoming))))
    if any(picture.people for picture in incoming.media):
        await people_in_pictures.receive(incoming.author, post, await spots(post, incoming))
    if incoming.poll is not None:
        await polls.receive(post.id, incoming.poll)
    if incoming.quote is not None:
        await received_quotes.receive(post, incoming.quote)


def silently_addressed(incoming: IncomingPost) -> list[int]:
    """Who is addressed without being named: also the parent's author, to whom a comment is always shown."""
    silent = [account.id for account in incoming.silent_mentions]
    parent = incoming.parent
    return silent if parent is None or parent.account_id == incoming.author.id else [*silent, parent.account_id]


async def without_refused_media(incoming: IncomingPost) -> IncomingPost:
    """The same without the files and emojis that are not taken from where they come from."""
    author = incoming.author
    media, named = incoming.media, incoming.emojis
    return replace(
        incoming,
        media=await refused_content.taken(author, media),
        emojis=await refused_content.taken(author, named),
    )


def pictures(incoming: IncomingPost) -> tuple[IncomingMedia, ...]:
    """Those of its files that are kept here: as many as a post of ours may have."""
    return incoming.media[: runtime().settings.media.max_attachments]


async def spots(post: Post, incoming: IncomingPost) -> list[people_in_pictures.Spot]:
    """Who is seen where in the pictures of the post that are kept here."""
    tagged = {picture.url: picture.people for picture in pictures(incoming) if picture.people}
    if not tagged:
        return []
    rows = await db.fetch_all("SELECT id, remote_url FROM media_files WHERE post_id = ?", (post.id,))
    return [
        people_in_pictures.Spot(int(media_id), account_id, x, y)
        for media_id, url in rows
        for account_id, x, y in tagged.get(url, ())
    ]


async def _notify(post: Post, incoming: IncomingPost) -> None:
    """Tell those named and, of a comment, the parent's author; of a new post those who asked to be told."""
    tagged = {account_id for picture in incoming.media for account_id, _, _ in picture.people}
    told = {account.id for account in incoming.mentions if account.is_local and account.id not in tagged}
    if incoming.parent is not None and incoming.parent.is_local:
        told.add(incoming.parent.account_id)
    if tagged:
        await people_in_pictures.tell(post)
    for account_id in sorted(told):
        await notifications.notify(notifications.MENTION, account_id, post.account_id, post.id)
    if post_rows.is_top_post(post):
        await notifications.notify_subscribers(post.account_id, post.id)


async def _notify_late(post: Post, incoming: IncomingPost) -> None:
    """Tell of a fresh post that was fetched before it was delivered. Nobody is told twice.

    Whom it concerns is as it was first received: saying it again addresses nobody else (CVE-2024-37903).
    """
    if post.held_for is not None or clock.now() - post.created_at >= LATE:
        return
    rows = await db.fetch_all("SELECT account_id FROM mentions WHERE post_id = ? AND silent = FALSE", (post.id,))
    addressed = {row[0] for row in rows}
    parent = incoming.parent if incoming.parent is not None and incoming.parent.id == post.parent_id else None
    mentions = tuple(account for account in incoming.mentions if account.id in addressed)
    async with db.transaction():
        await _notify(post, replace(incoming, mentions=mentions, parent=parent))
