"""Mastodon's Conversation."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from api.entities import account, status
from api.entities.account import Account
from api.entities.encoding import encode
from api.entities.status import Status
from node.queries import accounts
from node.queries.conversations import ConversationRow


class Conversation(msgspec.Struct, frozen=True):
    """Direct posts among the same people: who else is in it, or only oneself, and the newest post."""

    id: str
    unread: bool
    accounts: list[Account]
    last_status: Status | None


class _Joined(msgspec.Struct, frozen=True):
    id: str
    unread: bool
    accounts: list[msgspec.Raw]
    last_status: msgspec.Raw | None


async def page(rows: Sequence[ConversationRow], viewer_id: int) -> list[bytes]:
    """The conversations of a page, in its order."""
    shown = await status.by_id([row.last for row in rows if row.last is not None], viewer_id)
    everybody = {number for row in rows for number in row.participants or [viewer_id]}
    people = await accounts.by_ids([*everybody, viewer_id]) if rows else []
    ready = await account.bytes_of((person.id, person.version) for person in people)
    return [
        encode(
            _Joined(
                str(row.id),
                row.unread,
                [
                    msgspec.Raw(ready[number])
                    for number in _others(row.participants, ready) or [viewer_id]
                    if number in ready
                ],
                msgspec.Raw(shown[row.last.id]) if row.last is not None and row.last.id in shown else None,
            )
        )
        for row in rows
    ]


def _others(participants: Sequence[int], ready: dict[int, bytes]) -> list[int]:
    return [number for number in participants if number in ready]
