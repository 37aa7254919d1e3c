"""Mastodon's Context, and a post that was just deleted."""

from __future__ import annotations

import msgspec

from api.entities.status import Status


class Context(msgspec.Struct, frozen=True):
    """The thread around a post, without the post itself."""

    ancestors: list[Status]
    descendants: list[Status]


class DeletedStatus(Status, frozen=True, kw_only=True):
    """A post as it was before it went, with what its author typed, to be written anew."""

    text: str
