"""What is for members alone, as others get it: each server is told of those who live there, and of nobody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from activitypub.render import render_delete, render_update
from activitypub.types import Document, Tombstone
from federation.outbound import audience
from federation.outbound.documents import LocalPost, local_post, told_to
from federation.outbound.send import Told, send, send_apart
from node.events import AccessLost
from node.models.accounts import Account
from node.models.posts import ARCHIVED, FOLLOWERS, MEMBERS

Activity = Callable[[LocalPost], Document]


async def tell(post: LocalPost, activity: Activity, *, also: Iterable[str] = (), begins: bool = False) -> None:
    """Send an activity with the post in it to those the post is for, and to the inboxes `also`, which one for members
    does not go to. What `begins` a post for followers goes with a digest of who they are."""
    if post.visibility == MEMBERS:
        by_host = await audience.members_by_host(post.id)
        await send_apart(
            post.account_id,
            [Told(host, activity(told_to(post, host)), inboxes) for host, inboxes in sorted(by_host.items())],
        )
        return
    inboxes = await audience.post_audience(post.id, post.account_id, post.visibility, also=post.concerned) | {*also}
    if inboxes:
        await send(post.account_id, activity(post), inboxes, for_followers=begins and post.visibility == FOLLOWERS)


async def access_lost(event: AccessLost) -> None:
    """Delete, to somebody who is a member no longer and whose server nobody else is a member on; where others are, an
    Update that names those alone."""
    gone = await Account.get_or_none(id=event.account_id)
    if gone is None:
        return
    for post_id in event.post_ids:
        post = await local_post(post_id)
        if post is not None and post.visibility in (MEMBERS, ARCHIVED):
            await _withdraw(post, gone)


async def _withdraw(post: LocalPost, gone: Account) -> None:
    named = f"{post.uri}#withdrawn/{gone.id}"
    host = audience.host_of(gone)
    others = (await audience.members_by_host(post.id)).get(host)
    if others is None:
        document = render_delete(Tombstone(post.uri), f"{named}/delete", actor=post.author_uri, to=(gone.uri,))
        await send(post.account_id, document, await audience.accounts([gone.id]), deniable=True)
    elif post.visibility == MEMBERS:
        document = render_update(told_to(post, host).note, named)
        await send_apart(post.account_id, [Told(host, document, others)])
