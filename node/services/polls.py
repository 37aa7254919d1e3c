"""Polls: put on a post, voted in, ended.

A local poll's end is a durable job that tells its author and the local voters. A remote poll holds what its server
said; the votes of people here are kept beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from node import clock, db, jobs
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.polls import Poll, PollVote
from node.services import notifications
from node.services.visibility import visible_post
from node.text import clean_line

MAX_OPTIONS: Final = 4
MAX_OPTION_CHARACTERS: Final = 50
MIN_SECONDS: Final = 300
MAX_SECONDS: Final = 2_629_746
"""A twelfth of a year."""
MAX_RECEIVED_OPTIONS: Final = 500
MAX_RECEIVED_CHARACTERS: Final = 500
ENDED: Final = "end_poll"
_TOLD_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class NewPoll:
    """What somebody wants to ask. `expires_in` in seconds; `hide_totals` keeps the result back until the end."""

    options: tuple[str, ...] = ()
    expires_in: int | None = None
    multiple: bool = False
    hide_totals: bool = False


@dataclass(frozen=True, slots=True)
class ReceivedPoll:
    """A remote poll as its server describes it: each option with its votes; no `expires_at` when it never ends."""

    options: tuple[tuple[str, int], ...]
    multiple: bool = False
    expires_at: datetime | None = None
    voters_count: int | None = None


def checked(poll: NewPoll) -> NewPoll:
    """The poll with its options trimmed and without empty ones. Raises `Invalid` (poll), naming all that is wrong."""
    options = tuple(option for option in map(clean_line, poll.options) if option)
    wrong = [*_wrong_options(options), *_wrong_length(poll.expires_in)]
    if wrong:
        said = ", ".join(wrong)
        raise Invalid("poll", said, sentence=f"Validation failed: {said}")
    return NewPoll(options, poll.expires_in, poll.multiple, poll.hide_totals)


def _wrong_options(options: Sequence[str]) -> list[str]:
    wrong = []
    if not options:
        wrong.append("Choices can't be blank")
    if len(options) < 2:
        wrong.append("Choices must have more than one item")
    if len(options) > MAX_OPTIONS:
        wrong.append(f"Choices can't contain more than {MAX_OPTIONS} items")
    if any(len(option) > MAX_OPTION_CHARACTERS for option in options):
        wrong.append(f"Choices cannot be longer than {MAX_OPTION_CHARACTERS} characters each")
    if len(set(options)) != len(options):
        wrong.append("Choices contain duplicate items")
    return wrong


def _wrong_length(seconds: int | None) -> list[str]:
    if seconds is None:
        return ["Deadline can't be blank"]
    if seconds > MAX_SECONDS:
        return ["Deadline is too far into the future"]
    return ["Deadline is too soon"] if seconds < MIN_SECONDS else []


async def attach(post_id: int, poll: NewPoll) -> None:
    """Put a poll that is `checked` on a new local post, in the caller's transaction."""
    made = await Poll.create(
        post_id=post_id,
        options=list(poll.options),
        tallies=[0] * len(poll.options),
        multiple=poll.multiple,
        hide_totals=poll.hide_totals,
        voters_count=0,
        expires_at=_end(poll),
    )
    await _await_end(made)


async def replace(post_id: int, poll: NewPoll | None) -> None:
    """Give an edited local post this (`checked`) poll, or none, in the caller's transaction.

    Votes fall when what can be chosen changes; those of the same options stay. It ends `expires_in` from now, and who
    was told of its end will be told again.
    """
    known = await _locked_poll(post_id)
    if known is None:
        if poll is not None:
            await attach(post_id, poll)
        return
    await notifications.forget_about(notifications.POLL, post_id)
    if poll is None:
        await known.delete()
        return
    if list(poll.options) != known.options or poll.multiple != known.multiple:
        await PollVote.filter(poll_id=known.id).delete()
        known.tallies, known.votes_count, known.voters_count = [0] * len(poll.options), 0, 0
    known.options, known.multiple, known.hide_totals = list(poll.options), poll.multiple, poll.hide_totals
    known.expires_at = _end(poll)
    await known.save()
    await _await_end(known)


async def receive(post_id: int, received: ReceivedPoll | None) -> None:
    """Hold the poll of a remote post as its server now describes it, in the caller's transaction; `None`: it has none.

    Votes of people here fall when what can be chosen changed. A page that shows the post takes the change up by itself,
    but for a poll that is new or gone: then the caller has to raise the post's version.
    """
    known = await _locked_poll(post_id)
    if received is None:
        if known is not None:
            await known.delete()
        return
    named = received.options[:MAX_RECEIVED_OPTIONS]
    options = [clean_line(name)[:MAX_RECEIVED_CHARACTERS] for name, _ in named]
    if known is None:
        known = Poll(post_id=post_id)
    elif options != known.options or received.multiple != known.multiple:
        await PollVote.filter(poll_id=known.id).delete()
    known.options, known.tallies = options, [max(votes, 0) for _, votes in named]
    known.votes_count = sum(known.tallies)
    known.voters_count = None if received.voters_count is None else max(received.voters_count, 0)
    known.multiple, known.expires_at = received.multiple, received.expires_at
    await known.save()
    if await PollVote.exists(poll_id=known.id):
        await _await_end(known)


async def vote(voter: Account, poll_id: int, choices: Sequence[int]) -> None:
    """Vote for one option, or in a multiple poll for some, by their positions. In a multiple poll more may follow.

    Raises `NotFound` when the voter may not see the poll's post, `Invalid` when it has ended, is the voter's own, has
    no such option, or was voted in already; then no vote counts.
    """
    found = await Poll.get_or_none(id=poll_id)
    if found is None:
        raise NotFound
    post = await visible_post(voter, found.post_id)
    if not choices:
        return
    async with db.transaction():
        poll = await _locked_poll(post.id)
        if poll is None:
            raise NotFound
        before = {cast_vote.choice for cast_vote in await PollVote.filter(poll_id=poll.id, account_id=voter.id)}
        _check_vote(poll, choices, before, is_own=post.account_id == voter.id)
        await _count(poll, voter, choices, is_first=not before)
        if not post.is_local:
            await _await_end(poll)


def _check_vote(poll: Poll, choices: Sequence[int], before: set[int], *, is_own: bool) -> None:
    wrong = []
    if has_ended(poll.expires_at):
        wrong.append("The poll has already ended")
    if any(not 0 <= choice < len(poll.options) for choice in choices):
        wrong.append("The chosen vote option does not exist")
    if is_own:
        wrong.append("You cannot vote in your own polls")
    again = before & set(choices) or len(set(choices)) != len(choices)
    if again if poll.multiple else before or len(choices) > 1:
        wrong.append("You have already voted on this poll")
    if wrong:
        said = ", ".join(wrong)
        raise Invalid("base", said, sentence=f"Validation failed: {said}")


async def _count(poll: Poll, voter: Account, choices: Sequence[int], *, is_first: bool) -> None:
    now = to_milliseconds(clock.now())
    await db.execute_many(
        "INSERT INTO poll_votes (id, poll_id, account_id, choice, created_at) VALUES (?, ?, ?, ?, ?)",
        [(new_id(), poll.id, voter.id, choice, now) for choice in choices],
    )
    tallies = [votes + (position in choices) for position, votes in enumerate(poll.tallies)]
    await db.execute(
        "UPDATE polls SET tallies = ?, votes_count = ?, voters_count = voters_count + ? WHERE id = ?",
        (orjson.dumps(tallies).decode(), sum(tallies), int(is_first), poll.id),
    )


def has_ended(expires_at: datetime | None) -> bool:
    """Whether a poll that ends then takes no more votes."""
    return expires_at is not None and expires_at <= clock.now()


async def _locked_poll(post_id: int) -> Poll | None:
    """The poll of a post, its row locked until the transaction ends."""
    row = await db.fetch_one(f"SELECT id FROM polls WHERE post_id = ?{db.for_update()}", (post_id,))
    return None if row is None else await Poll.get(id=row[0])


def _end(poll: NewPoll) -> datetime:
    return clock.now() + timedelta(seconds=poll.expires_in or 0)


async def _await_end(poll: Poll) -> None:
    """Have people told when it ends. A job for an end that was moved finds the poll open, and another job waiting."""
    if poll.expires_at is None or has_ended(poll.expires_at):
        return
    key = f"{ENDED}:{poll.id}:{to_milliseconds(poll.expires_at)}"
    await jobs.enqueue(ENDED, {"poll_id": poll.id}, run_at=poll.expires_at, key=key)


async def _ended(payload: dict[str, Any]) -> None:
    """Tell the author, if local, and every local voter, some in each transaction."""
    poll = await Poll.get_or_none(id=payload["poll_id"]).select_related("post")
    if poll is None or not has_ended(poll.expires_at):
        return
    author_id = poll.post.account_id
    async with db.transaction():
        await notifications.notify(notifications.POLL, author_id, author_id, poll.post_id)
    last_id = 0
    while True:
        rows = await db.fetch_all(
            "SELECT DISTINCT v.account_id FROM poll_votes v JOIN accounts a ON a.id = v.account_id"
            " WHERE v.poll_id = ? AND v.account_id > ? AND a.domain = '' ORDER BY v.account_id LIMIT ?",
            (poll.id, last_id, _TOLD_AT_ONCE),
        )
        if not rows:
            return
        async with db.transaction():
            for row in rows:
                await notifications.notify(notifications.POLL, int(row[0]), author_id, poll.post_id)
        last_id = int(rows[-1][0])


jobs.register(ENDED, _ended)
