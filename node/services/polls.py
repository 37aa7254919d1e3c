"""Polls: put on a post, voted in, ended.

A local poll's end is a durable job that tells its author and the local voters. A remote poll holds what its server
said; the votes of people here are kept beside it. Other servers are told how a local poll stands while people vote, once
a minute at most, and when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from node import clock, db, events, jobs
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
TALLIED: Final = "tell_tallies"
SECONDS_BETWEEN_TALLIES: Final = 60
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


async def refresh(post_id: int, received: ReceivedPoll) -> None:
    """`receive` for a post that is not edited, which is shown anew if the poll is new to it."""
    is_new = not await Poll.exists(post_id=post_id)
    await receive(post_id, received)
    if is_new:
        await db.execute("UPDATE posts SET version = version + 1 WHERE id = ?", (post_id,))


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
        vote_ids = await _count(poll, voter, choices, is_first=not before)
        if post.is_local:
            await _tell_soon(poll)
            return
        await _await_end(poll)
        if voter.is_local:
            await events.record(events.PollVoted(poll_id=poll.id, account_id=voter.id, vote_ids=vote_ids))


async def receive_vote(voter: Account, post_id: int, option: str) -> None:
    """Count the vote of somebody elsewhere for an option of a local poll, by its name.

    Raises as `vote` does; `NotFound` also when the post has no poll with such an option.
    """
    poll = await Poll.get_or_none(post_id=post_id, post__is_local=True)
    name = clean_line(option)
    if poll is None or name not in poll.options:
        raise NotFound
    await vote(voter, poll.id, (poll.options.index(name),))


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


async def _count(poll: Poll, voter: Account, choices: Sequence[int], *, is_first: bool) -> list[int]:
    """Write the votes; returns their ids."""
    now = to_milliseconds(clock.now())
    votes = {new_id(): choice for choice in choices}
    await db.execute_many(
        "INSERT INTO poll_votes (id, poll_id, account_id, choice, created_at) VALUES (?, ?, ?, ?, ?)",
        [(vote_id, poll.id, voter.id, choice, now) for vote_id, choice in votes.items()],
    )
    tallies = [count + (position in choices) for position, count in enumerate(poll.tallies)]
    await db.execute(
        "UPDATE polls SET tallies = ?, votes_count = ?, voters_count = voters_count + ? WHERE id = ?",
        (orjson.dumps(tallies).decode(), sum(tallies), int(is_first), poll.id),
    )
    return list(votes)


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


async def _tell_soon(poll: Poll) -> None:
    """Have other servers told of the tallies: at once, but not twice in a minute, then when the minute is over.

    What is kept back is not told.
    """
    if poll.hide_totals:
        return
    what, minute = {"post_id": poll.post_id}, int(clock.timestamp()) // SECONDS_BETWEEN_TALLIES
    if await jobs.enqueue(TALLIED, what, key=f"{TALLIED}:{poll.id}:{minute}"):
        return
    at = datetime.fromtimestamp((minute + 1) * SECONDS_BETWEEN_TALLIES, clock.now().tzinfo)
    await jobs.enqueue(TALLIED, what, run_at=at, key=f"{TALLIED}:{poll.id}:{minute + 1}")


async def _tell_tallies(payload: dict[str, Any]) -> None:
    moment = to_milliseconds(clock.now())
    async with db.transaction():
        await events.record(events.PollTallied(post_id=payload["post_id"], moment=moment))


async def _ended(payload: dict[str, Any]) -> None:
    """Tell the author, if local, and every local voter, some in each transaction."""
    poll = await Poll.get_or_none(id=payload["poll_id"]).select_related("post")
    if poll is None or not has_ended(poll.expires_at):
        return
    author_id = poll.post.account_id
    async with db.transaction():
        await notifications.notify(notifications.POLL, author_id, author_id, poll.post_id)
        if poll.post.is_local:
            assert poll.expires_at is not None
            await events.record(events.PollTallied(post_id=poll.post_id, moment=to_milliseconds(poll.expires_at)))
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
jobs.register(TALLIED, _tell_tallies)
