"""Quotes: posts that show another post within them, as long as its author allows it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from node import clock, db, events, urls
from node.errors import BASE, Forbidden, Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import ARCHIVED, DIRECT, FOLLOWERS, MEMBERS, PUBLIC, UNLISTED, Post
from node.models.quotes import ACCEPTED, PENDING, REJECTED, REVOKED, Quote
from node.services import counters, notifications, post_rows
from node.services.interaction_policies import permits
from node.services.visibility import narrower, visible_original

_NOT_QUOTABLE: Final = "The post you are trying to quote does not appear to exist."
_NOT_MENTIONED: Final = "Cannot quote a non-mentioned user in a Private Mention post."


async def quotable(author: Account, post_id: int) -> Post:
    """The post that `author` may quote (of a share: what it shares).

    Raises `NotFound` when it is hidden from the author or may not be quoted, alike for both.
    """
    try:
        post = await visible_original(author, post_id)
    except NotFound:
        raise NotFound(_NOT_QUOTABLE) from None
    is_own = post.account_id == author.id
    is_open = post.visibility in (PUBLIC, UNLISTED) or (is_own and post.visibility not in (MEMBERS, DIRECT, ARCHIVED))
    if not is_open:
        raise NotFound(_NOT_QUOTABLE)
    if not post.quote_by_hand and not await permits(post.quote_policy, post.account_id, author.id):
        raise NotFound(_NOT_QUOTABLE)
    return post


def audience(visibility: str, quoted: Post) -> str:
    """The audience of a post that quotes: a followers-only post is not shown to others through a quote."""
    return narrower(visibility, FOLLOWERS) if quoted.visibility == FOLLOWERS else visibility


def check_addressed(author: Account, quoted: Post, visibility: str, addressed: Collection[int]) -> None:
    """Raises `Invalid` for a direct message, or a post for members, that quotes somebody it does not go to."""
    if visibility in (MEMBERS, DIRECT) and quoted.account_id != author.id and quoted.account_id not in addressed:
        raise Invalid(BASE, _NOT_MENTIONED)


def revocation(quoted_uri: str, quoting_id: int) -> str:
    """By what name it is remembered that a post shall not quote another, should it ever say again that it does."""
    return f"{quoted_uri}#not-quoted-by/{quoting_id}"


async def attach(post: Post, quoted: Post) -> None:
    """Let a new post quote another, in the caller's transaction.

    A post of ours is quoted at once, for its policy was asked (`quotable`); that of another server waits for its word.
    """
    state = ACCEPTED if quoted.is_local else PENDING
    quote_id = new_id()
    stamp_uri = urls.quote_authorization(urls.actor(quoted.account_id), quote_id) if quoted.is_local else None
    await db.execute(
        "INSERT INTO quotes (id, post_id, account_id, quoted_post_id, quoted_account_id, quoted_uri, stamp_uri, state,"
        " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(quote_id, post.id, post.account_id, quoted.id, quoted.account_id, quoted.uri, stamp_uri, state),
            to_milliseconds(clock.now()),
        ),
    )
    if state == ACCEPTED:
        await counters.count_quote(quoted.id, 1)
        await notifications.notify(notifications.QUOTE, quoted.account_id, post.account_id, post.id)
    else:
        await events.record(events.QuoteRequested(quote_id=quote_id))


async def revoke(account: Account, post_id: int, quoting_id: int) -> None:
    """Let a post no longer show what of `account` it quotes. Revoking twice changes nothing.

    Raises `NotFound` when the post is hidden from the account or not quoted there, `Forbidden` when it is another's.
    """
    quoted = await visible_original(account, post_id)
    async with db.transaction():
        await db.fetch_one(f"SELECT id FROM quotes WHERE post_id = ?{db.for_update()}", (quoting_id,))
        quote = await Quote.get_or_none(post_id=quoting_id, quoted_post_id=quoted.id)
        if quote is None:
            raise NotFound
        if quoted.account_id != account.id:
            raise Forbidden
        if quote.state in (REVOKED, REJECTED):
            return
        state = REVOKED if quote.state == ACCEPTED else REJECTED
        await Quote.filter(id=quote.id).update(state=state)
        if quote.state == ACCEPTED:
            await counters.count_quote(quoted.id, -1)
            await notifications.forget(notifications.QUOTE, account.id, quote.account_id, quoting_id)
        if account.is_local:
            await post_rows.leave_tombstones([revocation(quoted.uri, quoting_id)])
            await events.record(events.QuoteRevoked(quote_id=quote.id))
        await tell(quote, state)
        await db.execute_later("UPDATE posts SET version = version + 1 WHERE id = ?", (quoting_id,))


async def tell(quote: Quote, state: str) -> None:
    """A post of ours goes to others again with what became of its quote; any is shown anew to those who look at it."""
    if await Account.exists(id=quote.account_id, domain=""):
        await events.record(events.QuoteAnswered(quote_id=quote.id, post_id=quote.post_id, state=state))
    else:
        await events.record(events.ReceivedPostEdited(post_id=quote.post_id))
