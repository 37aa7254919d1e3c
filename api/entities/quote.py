"""Mastodon's Quote and QuoteApproval: what a post quotes, and who may quote it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

import msgspec

from api.entities.encoding import encode
from node.models.quotes import ACCEPTED
from node.queries import quotes
from node.queries.quotes import QuoteRow
from node.queries.statuses import StatusRow
from node.services.interaction_policies import EVERYONE, FOLLOWERS, FOLLOWING, NOBODY

Rendering = Callable[[Sequence[StatusRow], int | None], Awaitable[Mapping[int, bytes]]]
"""Renders posts for a viewer, by id."""

AUTOMATIC: Final = "automatic"
MANUAL: Final = "manual"
DENIED: Final = "denied"
DIRECT: Final = "direct"
"""Stands for the policy of a post that cannot be quoted at all."""


class QuoteApproval(msgspec.Struct, frozen=True):
    """Who may quote a post: `public`, `followers`, `following`; nobody when both are empty.

    `current_user` is `automatic`, `manual`, `unknown` or `denied`.
    """

    automatic: list[str]
    manual: list[str]
    current_user: str


def _approval(policy: str, by_hand: bool, word: str) -> bytes:
    automatic = [policy] if policy in (EVERYONE, FOLLOWERS, FOLLOWING) else []
    manual = [EVERYONE] if by_hand else []
    return b',"quote_approval":%b' % encode(QuoteApproval(automatic, manual, word))


APPROVALS: Final = {
    (policy, by_hand, word): _approval(policy, by_hand, word)
    for policy in (EVERYONE, FOLLOWERS, FOLLOWING, NOBODY, DIRECT)
    for by_hand in (False, True)
    for word in (AUTOMATIC, MANUAL, DENIED)
}
"""The member `quote_approval`, ready, by policy of the post, whether others may ask, and word for the viewer."""


async def of_posts(viewer_id: int | None, post_ids: Sequence[int], render: Rendering | None) -> dict[int, bytes]:
    """The quotes in these posts, with the quoted posts whole, or without `render` with their ids alone.

    One statement, and those of a page of the quoted posts.
    """
    rows = await quotes.of_posts(viewer_id, post_ids)
    shown = [row.quoted for row in rows if row.quoted is not None and _state(row) not in _HIDING]
    whole = await render(shown, viewer_id) if render is not None and shown else {}
    return {row.post_id: _quote(row, whole if render is not None else None) for row in rows}


_HIDING: Final = frozenset(("pending", "rejected", "revoked", "deleted", "unauthorized"))
"""The states in which a quote does not show what it quotes."""


def _state(row: QuoteRow) -> str:
    if row.state != ACCEPTED:
        return row.state
    if row.quoted is None:
        return "deleted"
    if not row.is_shown:
        return "unauthorized"
    if row.is_domain_blocked:
        return "blocked_domain"
    return "blocked_account" if row.is_blocked else "muted_account" if row.is_muted else row.state


def _quote(row: QuoteRow, whole: Mapping[int, bytes] | None) -> bytes:
    state = _state(row)
    quoted = row.quoted if state not in _HIDING else None
    if whole is None:
        number = b'"%d"' % quoted.id if quoted is not None else b"null"
        return b'{"state":"%b","quoted_status_id":%b}' % (state.encode(), number)
    body = whole.get(quoted.id) if quoted is not None else None
    return b'{"state":"%b","quoted_status":%b}' % (state.encode(), body or b"null")


async def quotable_posts(viewer_id: int | None, limited: Mapping[int, tuple[str, int]]) -> frozenset[int]:
    """Of these posts (policy and author by id), those the viewer may quote. One statement, none for no posts."""
    if viewer_id is None or not limited:
        return frozenset()
    followed, followers = await quotes.related(viewer_id, list({author for _, author in limited.values()}))
    return frozenset(
        post_id
        for post_id, (policy, author) in limited.items()
        if author in (followed if policy == FOLLOWERS else followers)
    )
