"""What people here show on their profiles: pinned posts and hashtags, as Add and Remove."""

from __future__ import annotations

from activitypub.render import render_add, render_remove
from activitypub.types import Hashtag
from activitypub.vocabulary import PUBLIC
from federation.outbound import audience
from federation.outbound.send import send
from node import db, urls
from node.events import PostPinned, TagFeatured
from node.models.accounts import Account


async def post_pinned(event: PostPinned) -> None:
    """Add to `featured`, or Remove, to the servers of the followers; only of what everybody may see."""
    row = await db.fetch_one(
        "SELECT uri FROM posts WHERE id = ? AND visibility IN ('public', 'unlisted')", (event.post_id,)
    )
    if row is not None:
        await _tell(event.account_id, row[0], f"pins/{event.pin_id}", is_added=event.is_pinned)


async def tag_featured(event: TagFeatured) -> None:
    """The same for a hashtag. The target is `featured` too: there Mastodon looks for it."""
    tag = Hashtag(event.name, urls.hashtag(event.name.lower()))
    await _tell(event.account_id, tag, f"featured_tags/{event.featured_id}", is_added=event.is_featured)


async def _tell(account_id: int, what: str | Hashtag, name: str, *, is_added: bool) -> None:
    account = await Account.get_or_none(id=account_id)
    if account is None or account.suspended_at is not None:
        return
    inboxes = await audience.followers_of(account.id)
    if not inboxes:
        return
    actor, target = account.uri, f"{account.uri}/featured"
    if is_added:
        document = render_add(f"{actor}#{name}", actor=actor, added=what, target=target, to=(PUBLIC,))
    else:
        document = render_remove(f"{actor}#{name}/undo", actor=actor, removed=what, target=target, to=(PUBLIC,))
    await send(account.id, document, inboxes)
