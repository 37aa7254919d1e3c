"""Quotes that cross servers: posts of others that quote, and what quoted authors elsewhere say to posts of ours.

A quote is shown once the quoted author's approval is known: of a local author by the policy of the post, of a remote one by
the author's own word, or by a stamp that was read at its id and fits. What a quoting post says of its approval is only a
hint where to look, and never changes what is known already.
"""

from __future__ import annotations

from dataclasses import dataclass

from node import clock, db, events, urls
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import PUBLIC, UNLISTED, Post
from node.models.quotes import ACCEPTED, PENDING, REJECTED, REVOKED, Quote
from node.services import counters, notifications, quotes
from node.services.interaction_policies import permits
from node.services.visibility import may_see


@dataclass(frozen=True, slots=True)
class IncomingQuote:
    """What a remote post says that it quotes, and where it says the approval can be read.

    `may_fetch`: whether the quoted post is fetched if it is not here.
    """

    uri: str
    stamp_uri: str | None = None
    may_fetch: bool = True


async def receive(post: Post, incoming: IncomingQuote | None) -> bool:
    """Keep what a remote post quotes as its server now says, in the caller's transaction. Returns whether the post is
    to be shown anew.

    The same quote again changes nothing but that an approval may be looked for once more.
    """
    known = await _locked(post.id)
    if known is not None and incoming is not None and known.quoted_uri == incoming.uri:
        if known.state == PENDING and (incoming.stamp_uri is not None or known.quoted_post_id is None):
            await _look_for_approval(known.id, incoming)
        return False
    if known is not None:
        await counters.uncount_quote_by(post.id)
        await Quote.filter(id=known.id).delete()
    if incoming is None:
        return known is not None
    quote = Quote(id=new_id(), post_id=post.id, account_id=post.account_id, quoted_uri=incoming.uri, state=PENDING)
    await _insert(quote)
    quoted = await Post.get_or_none(uri=incoming.uri)
    if quoted is None or not await decide(quote, quoted):
        await _look_for_approval(quote.id, incoming)
    return True


async def decide(quote: Quote, quoted: Post) -> bool:
    """Name what is quoted, now that it is here, and settle it if this node can. Returns whether it is settled.

    One's own posts may always be quoted; a local author's policy is asked; only a remote author can say of theirs.
    """
    if quoted.shared_post_id is not None:
        return False
    async with db.transaction():
        current = await _locked(quote.post_id)
        if current is None or current.id != quote.id or current.state != PENDING:
            return True
        await Quote.filter(id=quote.id).update(quoted_post_id=quoted.id, quoted_account_id=quoted.account_id)
        current.quoted_post_id, current.quoted_account_id = quoted.id, quoted.account_id
        if quoted.account_id == quote.account_id:
            await _accept(current, None)
        elif not quoted.is_local:
            await _show_anew(quote.post_id)
            return False
        elif await _permits(quoted, quote.account_id) and not await _was_revoked(quoted, quote.post_id):
            await _accept(current, urls.quote_authorization(urls.actor(quoted.account_id), quote.id))
        else:
            await _settle(current, REJECTED)
        return True


async def may_ask(quoted: Post, asker: Account) -> bool:
    """Whether the policy of a local post lets somebody elsewhere quote it."""
    return quoted.is_local and await _permits(quoted, asker.id)


async def approved(quote_id: int, stamp_uri: str | None) -> None:
    """The quoted author, who is elsewhere, approves: in person, or by a stamp that has been read and fits.

    One who took an approval back has to be asked by another post.
    """
    async with db.transaction():
        quote = await _locked_by_id(quote_id)
        if quote is not None and quote.quoted_post_id is not None and quote.state in (PENDING, REJECTED):
            await _accept(quote, stamp_uri)
            await quotes.tell(quote, ACCEPTED)


async def refused(quote_id: int) -> None:
    """The quoted author, who is elsewhere, refuses, also after having approved."""
    async with db.transaction():
        quote = await _locked_by_id(quote_id)
        if quote is not None and quote.state in (PENDING, ACCEPTED):
            state = REVOKED if quote.state == ACCEPTED else REJECTED
            await _settle(quote, state)
            await quotes.tell(quote, state)


async def stamp_deleted(author: Account, stamp_uri: str) -> bool:
    """A remote author takes the approval back that can be read there. Returns whether there was one of theirs."""
    found = await Quote.filter(stamp_uri=stamp_uri, quoted_account_id=author.id).limit(10)
    for quote in found:
        await refused(quote.id)
    return bool(found)


async def _permits(quoted: Post, account_id: int) -> bool:
    is_open = quoted.visibility in (PUBLIC, UNLISTED)
    if not is_open or not await permits(quoted.quote_policy, quoted.account_id, account_id):
        return False
    return await may_see(await Account.get(id=account_id), quoted)


async def _was_revoked(quoted: Post, quoting_id: int) -> bool:
    row = await db.fetch_one("SELECT 1 FROM tombstones WHERE uri = ?", (quotes.revocation(quoted.uri, quoting_id),))
    return row is not None


async def _accept(quote: Quote, stamp_uri: str | None) -> None:
    await Quote.filter(id=quote.id).update(state=ACCEPTED, stamp_uri=stamp_uri)
    assert quote.quoted_post_id is not None and quote.quoted_account_id is not None
    await counters.count_quote(quote.quoted_post_id, 1)
    if quote.quoted_account_id != quote.account_id:
        await notifications.notify(notifications.QUOTE, quote.quoted_account_id, quote.account_id, quote.post_id)
    await _show_anew(quote.post_id)


async def _settle(quote: Quote, state: str) -> None:
    if quote.state == ACCEPTED and quote.quoted_post_id is not None:
        await counters.count_quote(quote.quoted_post_id, -1)
    await Quote.filter(id=quote.id).update(state=state)
    await _show_anew(quote.post_id)


async def _look_for_approval(quote_id: int, incoming: IncomingQuote) -> None:
    await events.record(
        events.QuoteReceived(quote_id=quote_id, stamp_uri=incoming.stamp_uri, may_fetch=incoming.may_fetch)
    )


async def _insert(quote: Quote) -> None:
    await db.execute(
        "INSERT INTO quotes (id, post_id, account_id, quoted_uri, state, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            *(quote.id, quote.post_id, quote.account_id, quote.quoted_uri, quote.state),
            to_milliseconds(clock.now()),
        ),
    )


async def _locked(post_id: int) -> Quote | None:
    """The quote of a post, its row locked until the transaction ends."""
    row = await db.fetch_one(f"SELECT id FROM quotes WHERE post_id = ?{db.for_update()}", (post_id,))
    return None if row is None else await Quote.get(id=row[0])


async def _locked_by_id(quote_id: int) -> Quote | None:
    row = await db.fetch_one(f"SELECT id FROM quotes WHERE id = ?{db.for_update()}", (quote_id,))
    return None if row is None else await Quote.get(id=row[0])


async def _show_anew(post_id: int) -> None:
    await db.execute_later("UPDATE posts SET version = version + 1 WHERE id = ?", (post_id,))
