"""People who no longer want to be tagged in somebody's pictures, told to that author."""

from __future__ import annotations

from activitypub.render import render_activity
from activitypub.types import Activity
from federation.outbound import audience
from federation.outbound.send import send
from node.events import PersonLeft
from node.models.accounts import Account
from node.models.posts import Post


async def person_left(event: PersonLeft) -> None:
    """Remove of the account itself, its `target` the post, to the author."""
    person = await Account.get_or_none(id=event.account_id)
    post = await Post.get_or_none(id=event.post_id)
    if person is None or post is None:
        return
    inboxes = await audience.accounts([post.account_id])
    if inboxes:
        said = Activity(
            id=f"{person.uri}#left/{post.id}", type="Remove", actor=person.uri, object_id=person.uri, target=post.uri
        )
        await send(person.id, render_activity(said), inboxes)
