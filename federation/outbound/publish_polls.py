"""Polls as others get them: the votes people here cast elsewhere, and how polls of ours stand."""

from __future__ import annotations

from activitypub.render import render_create, render_update
from activitypub.types import Note
from federation.outbound import audience
from federation.outbound.documents import local_post
from federation.outbound.publish_members import tell
from federation.outbound.send import send
from node import db, urls
from node.events import PollTallied, PollVoted
from node.models.accounts import Account
from node.models.fields import from_milliseconds
from node.models.polls import Poll, PollVote
from node.models.posts import ARCHIVED


async def poll_voted(event: PollVoted) -> None:
    """A vote for each choice: a Note with nothing but the name of the option, to the author of the poll (FEP-9967)."""
    poll = await Poll.get_or_none(id=event.poll_id).select_related("post__account")
    voter = await Account.get_or_none(id=event.account_id)
    if poll is None or voter is None:
        return
    author = poll.post.account
    inboxes = await audience.accounts([author.id])
    for vote in await PollVote.filter(id__in=event.vote_ids).order_by("id"):
        vote_id = urls.activity(voter.uri, "votes", vote.id)
        note = Note(
            id=vote_id,
            type="Note",
            attributed_to=voter.uri,
            name=poll.options[vote.choice],
            in_reply_to=poll.post.uri,
            to=(author.uri,),
            published=vote.created_at,
        )
        await send(voter.id, render_create(note, f"{vote_id}/activity"), inboxes)


async def poll_tallied(event: PollTallied) -> None:
    """Update of the Question, to those who got it and those who voted. Its `updated` stays: nobody edited it."""
    post = await local_post(event.post_id)
    if post is None or post.note.poll is None or post.visibility == ARCHIVED:
        return
    voters = await audience.accounts(await _voters(post.id), personally=post.visibility == "direct")
    update_id, published = f"{post.uri}#tallies/{event.moment}", from_milliseconds(event.moment)
    await tell(post, lambda told: render_update(told.note, update_id, published=published), also=voters)


async def _voters(post_id: int) -> list[int]:
    """Who voted from elsewhere: one for each inbox."""
    rows = await db.fetch_all(
        "SELECT MIN(a.id) FROM poll_votes v JOIN polls p ON p.id = v.poll_id JOIN accounts a ON a.id = v.account_id"
        " WHERE p.post_id = ? AND a.domain <> '' GROUP BY COALESCE(a.shared_inbox_url, a.inbox_url) LIMIT 5000",
        (post_id,),
    )
    return [int(row[0]) for row in rows]
