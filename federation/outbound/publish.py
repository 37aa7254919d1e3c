"""Facts become activities: what happened here and concerns somebody elsewhere is rendered once and addressed.

Each function is a subscriber of one event, run as a durable job after the fact is committed, in the order of the facts.
Ids of activities follow from the fact, so that a job that runs twice sends once.
"""

from __future__ import annotations

from activitypub.render import (
    render_accept,
    render_announce,
    render_block,
    render_create,
    render_delete,
    render_follow,
    render_like,
    render_move,
    render_reject,
    render_undo,
    render_update,
)
from activitypub.types import Activity, Document, Tombstone
from activitypub.vocabulary import PUBLIC
from federation import relayed
from federation.outbound import audience
from federation.outbound.actors import local_actor
from federation.outbound.documents import LocalPost, addressing, local_post
from federation.outbound.publish_members import tell
from federation.outbound.send import send
from node import clock, db, urls
from node.events import (
    AccountBlocked,
    AccountDeleted,
    AccountMoved,
    AccountUnblocked,
    AccountUpdated,
    FollowAccepted,
    FollowRejected,
    FollowRequested,
    KeysReplaced,
    PostDeleted,
    PostEdited,
    PostLiked,
    PostPublished,
    PostUnliked,
    Unfollowed,
)
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.graph import Block, Follow, Like
from node.models.moves import AccountMove
from node.models.posts import ARCHIVED, DIRECT, MEMBERS
from node.services import own_keys, post_holders


async def post_published(event: PostPublished) -> None:
    """Create, or Announce for a share."""
    post = await local_post(event.post_id)
    if post is None:
        return
    if post.visibility != ARCHIVED:
        announced = await publication(post) if post.shared_uri is not None else None
        await tell(post, lambda told: announced or _created(told), also=await _relays(post), begins=True)
    await relayed.announce(post)


def _created(post: LocalPost) -> Document:
    return render_create(post.note, f"{post.uri}/activity")


async def publication(post: LocalPost) -> Document:
    """The activity that brought a post of ours into the world."""
    if post.shared_uri is None:
        return _created(post)
    assert post.note.published is not None
    return render_announce(
        post.uri,
        actor=post.author_uri,
        announced=post.shared_uri,
        published=post.note.published,
        to=post.to,
        cc=(*post.cc, *(await _uris(post.concerned))),
    )


async def post_edited(event: PostEdited) -> None:
    """Update, to those who got the post; one that everybody may read also to whoever else holds it."""
    post = await local_post(event.post_id)
    if post is None or post.visibility == ARCHIVED:
        return
    moment = event.moment or to_milliseconds(post.note.updated or clock.now())
    update_id = f"{post.uri}#updates/{moment}"
    holders = await post_holders.inboxes(post.id) if post.is_public else ()
    await tell(post, lambda told: render_update(told.note, update_id), also={*holders, *await _relays(post)})


async def post_deleted(event: PostDeleted) -> None:
    """Delete, or Undo of the Announce for a share, to those who may have it."""
    author = await Account.get_or_none(id=event.account_id)
    if author is None:
        return
    inboxes = set(event.recipients)
    if event.visibility not in (MEMBERS, DIRECT):
        inboxes |= await audience.followers_of(author.id)
    if event.share_of_account_id is not None:
        inboxes |= await audience.accounts([event.share_of_account_id], personally=False)
    if event.visibility == "public" and event.share_of_uri is None:
        inboxes |= await relayed.inboxes()
        await relayed.announced_post_is_gone(event.uri)
    if not inboxes:
        return
    to, cc = addressing(event.visibility, urls.followers(author.uri), [])
    if event.share_of_uri is not None:
        undone = Activity(event.uri, "Announce", author.uri, object_id=event.share_of_uri, to=to, cc=cc)
        document = render_undo(undone, f"{event.uri}/undo")
    else:
        document = render_delete(
            Tombstone(event.uri), f"{event.uri}#delete", actor=author.uri, to=to or (PUBLIC,), cc=cc
        )
    # The end of a direct post names Public, for want of anybody else, but it is nobody's to show around.
    await send(author.id, document, inboxes, deniable=event.visibility not in ("public", "unlisted"))


async def post_liked(event: PostLiked) -> None:
    """Like, to the author of the post."""
    like = await Like.get_or_none(id=event.like_id).select_related("account", "post")
    if like is None:
        return
    document = render_like(like.uri, actor=like.account.uri, liked=like.post.uri)
    await send(like.account_id, document, await audience.accounts([like.post.account_id]))


async def post_unliked(event: PostUnliked) -> None:
    """Undo of the Like."""
    account = await Account.get_or_none(id=event.account_id)
    row = await db.fetch_one("SELECT uri, account_id FROM posts WHERE id = ?", (event.post_id,))
    if account is None or row is None:
        return
    undone = Activity(event.uri, "Like", account.uri, object_id=row[0])
    await send(account.id, render_undo(undone, f"{event.uri}/undo"), await audience.accounts([int(row[1])]))


async def follow_requested(event: FollowRequested) -> None:
    """Follow, to the one who is asked."""
    follow = await Follow.get_or_none(id=event.follow_id).select_related("account", "target")
    if follow is None:
        return
    document = render_follow(follow.uri, actor=follow.account.uri, followed=follow.target.uri)
    await send(follow.account_id, document, await audience.accounts([follow.target_id]))


async def unfollowed(event: Unfollowed) -> None:
    """Undo of the Follow."""
    follower, target = await _pair(event.account_id, event.target_id)
    if follower is None or target is None:
        return
    undone = Activity(event.uri, "Follow", follower.uri, object_id=target.uri)
    await _tell_of_the_end(event, follower, target, render_undo(undone, f"{event.uri}/undo"))


async def follow_accepted(event: FollowAccepted) -> None:
    """Accept with the whole Follow in it. Each has an id of its own, since a repeated Follow is accepted again."""
    follower, target = await _pair(event.account_id, event.target_id)
    if follower is None or target is None:
        return
    accepted = Activity(event.uri, "Follow", follower.uri, object_id=target.uri)
    document = render_accept(accepted, urls.activity(target.uri, "accepts", new_id()), actor=target.uri)
    await send(target.id, document, await audience.accounts([follower.id]))


async def follow_rejected(event: FollowRejected) -> None:
    """Reject with the whole Follow in it; after an Accept it removes the follower."""
    follower, target = await _pair(event.account_id, event.target_id)
    if follower is None or target is None:
        return
    rejected = Activity(event.uri, "Follow", follower.uri, object_id=target.uri)
    document = render_reject(rejected, urls.activity(target.uri, "rejects", new_id()), actor=target.uri)
    await _tell_of_the_end(event, target, follower, document)


async def account_blocked(event: AccountBlocked) -> None:
    """Block, to the one who is blocked, so that their server hides both from each other."""
    block = await Block.get_or_none(id=event.block_id).select_related("account", "target")
    if block is None:
        return
    document = render_block(block.uri, actor=block.account.uri, blocked=block.target.uri)
    await send(block.account_id, document, await audience.accounts([block.target_id]))


async def account_unblocked(event: AccountUnblocked) -> None:
    """Undo of the Block."""
    account, target = await _pair(event.account_id, event.target_id)
    if account is None or target is None:
        return
    undone = Activity(event.uri, "Block", account.uri, object_id=target.uri)
    await send(account.id, render_undo(undone, f"{event.uri}/undo"), await audience.accounts([target.id]))


async def account_updated(event: AccountUpdated) -> None:
    """Update of the actor, to the servers of its followers."""
    account = await Account.get_or_none(id=event.account_id)
    if account is None or account.suspended_by_origin:
        return
    inboxes = await audience.followers_of(account.id)
    if inboxes:
        document = render_update(await local_actor(account), urls.activity(account.uri, "updates", account.version))
        await send(account.id, document, inboxes)


async def account_moved(event: AccountMoved) -> None:
    """Move, to the servers of the followers, who go along."""
    move = await AccountMove.get_or_none(id=event.move_id).select_related("account", "target")
    if move is None or move.account.moved_to_uri != move.target.uri:
        return
    account = move.account
    document = render_move(
        urls.activity(account.uri, "moves", move.id),
        actor=account.uri,
        target=move.target.uri,
        to=(urls.followers(account.uri),),
    )
    await send(account.id, document, await audience.followers_of(account.id))


async def keys_replaced(event: KeysReplaced) -> None:
    """Update of the actor with its new keys, signed with the former one, which those who get it still believe."""
    account, former = await Account.get_or_none(id=event.account_id), await own_keys.former_key(event.account_id)
    if account is None or former is None:
        return
    inboxes = await audience.followers_of(account.id)
    if inboxes and not account.suspended_by_origin:
        document = render_update(await local_actor(account), urls.activity(account.uri, "updates", account.version))
        await send(account.id, document, inboxes, signed_with=former.private_pem)
    await own_keys.forget_former(account.id)


async def account_deleted(event: AccountDeleted) -> None:
    """Delete of the actor, to every server that may know it."""
    account = await Account.get_or_none(id=event.account_id)
    if account is None:
        return
    actor = await local_actor(account)
    document = render_delete(actor, f"{account.uri}#delete", actor=account.uri, to=(PUBLIC,))
    await send(account.id, document, await audience.everyone_known())


async def _tell_of_the_end(
    event: Unfollowed | FollowRejected, ours: Account, theirs: Account, document: Document
) -> None:
    """Send what ends a follow; to a suspended domain as well when it is what the suspension ends."""
    if event.is_farewell:
        await send(ours.id, document, await audience.to_part_from(theirs.id), farewell=True)
    else:
        await send(ours.id, document, await audience.accounts([theirs.id]))


async def _relays(post: LocalPost) -> set[str]:
    return set(await relayed.inboxes()) if relayed.is_for_relays(post) else set()


async def _pair(account_id: int, target_id: int) -> tuple[Account | None, Account | None]:
    found = {account.id: account for account in await Account.filter(id__in=(account_id, target_id))}
    return found.get(account_id), found.get(target_id)


async def _uris(account_ids: tuple[int, ...]) -> list[str]:
    if not account_ids:
        return []
    rows = await db.fetch_all(f"SELECT uri FROM accounts WHERE id IN ({db.marks(account_ids)})", account_ids)
    return [row[0] for row in rows]
