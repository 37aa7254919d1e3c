"""What hangs on a post of ours, from its row to values of the protocol: its poll, what it quotes, whom it lets do what."""

from __future__ import annotations

import html
from collections import defaultdict

import orjson

from activitypub.types import Approval, InteractionPolicy, PersonTag, Poll, PollOption
from activitypub.vocabulary import PUBLIC
from node import clock, db, urls
from node.models.fields import from_milliseconds
from node.models.quotes import ACCEPTED, PENDING
from node.queries.people_in_pictures import IS_SHOWN
from node.runtime import runtime
from node.services.interaction_policies import EVERYONE, FOLLOWERS, FOLLOWING, NOBODY


def quoted(row: db.Row) -> str | None:
    """What the post quotes, unless its author did not want that, or it is gone."""
    return row["known_quoted_uri"] if row["quote_state"] in (ACCEPTED, PENDING) else None


def quote_line(row: db.Row) -> str:
    """A link for those who know no quotes; the others leave it out by its class."""
    named = quoted(row)
    if named is None:
        return ""
    url = html.escape(row["quoted_url"] or named)
    return f'<p class="quote-inline"><span class="quote-inline">RE: <a href="{url}">{url}</a></span></p>'


def interaction_policy(row: db.Row) -> InteractionPolicy:
    """Who may quote, always; who may reply and share, where that is the author alone (GoToSocial waits for an answer to
    whatever else is said)."""
    author = row["author_uri"]
    nobody = Approval((author,))
    return InteractionPolicy(
        can_quote=Approval(_allowed(row["quote_policy"], author) or (author,)),
        can_reply=nobody if row["comments_disabled"] else None,
        can_announce=nobody if row["share_policy"] == NOBODY else None,
    )


def _allowed(policy: str, author: str) -> tuple[str, ...]:
    named = {EVERYONE: PUBLIC, FOLLOWERS: urls.followers(author), FOLLOWING: f"{author}/following"}
    return (named[policy],) if policy in named else ()


def poll(row: db.Row) -> Poll | None:
    """The poll with its tallies, or without them while its author keeps them back."""
    if row["poll_id"] is None:
        return None
    end = from_milliseconds(row["expires_at"])
    has_ended = end <= clock.now()
    tallies = orjson.loads(row["tallies"])
    if row["hide_totals"] and not has_ended:
        tallies = [0] * len(tallies)
    options = zip(orjson.loads(row["options"]), tallies, strict=True)
    return Poll(
        tuple(PollOption(name, votes) for name, votes in options),
        bool(row["multiple"]),
        end,
        end if has_ended else None,
        row["voters_count"],
    )


async def people(post_id: int) -> dict[int, tuple[PersonTag, ...]]:
    """Who is shown in the pictures of a post, by picture; one statement."""
    own_domain = runtime().settings.handle_domain
    found: dict[int, list[PersonTag]] = defaultdict(list)
    for media_id, uri, username, domain, x, y in await db.fetch_all(
        "SELECT t.media_id, a.uri, a.username, a.domain, t.x, t.y FROM people_in_pictures t"
        " JOIN accounts a ON a.id = t.account_id"
        f" WHERE t.post_id = ? AND {IS_SHOWN} AND a.suspended_at IS NULL ORDER BY t.id",
        (post_id,),
    ):
        found[int(media_id)].append(PersonTag(uri, f"@{username}@{domain or own_domain}", x, y))
    return {media_id: tuple(listed) for media_id, listed in found.items()}
