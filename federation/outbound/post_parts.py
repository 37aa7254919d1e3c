"""What hangs on a post of ours, from its row to values of the protocol: its poll, what it quotes, whom it lets do what."""

from __future__ import annotations

import html

import orjson

from activitypub.types import Approval, InteractionPolicy, Poll, PollOption
from activitypub.vocabulary import PUBLIC
from node import clock, db, urls
from node.models.fields import from_milliseconds
from node.models.quotes import ACCEPTED, PENDING
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
