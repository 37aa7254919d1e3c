"""Who may do what with a post: comment on it, share it, quote it; and who sees how many like it, or its originals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from node import db, events
from node.errors import Forbidden, Invalid, NotFound
from node.models.accounts import Account
from node.models.posts import ARCHIVED, PUBLIC, UNLISTED, Post

EVERYONE: Final = "public"
FOLLOWERS: Final = "followers"
"""Those who follow the author."""
FOLLOWING: Final = "following"
"""Those the author follows."""
NOBODY: Final = "nobody"
POLICIES: Final = (EVERYONE, FOLLOWERS, FOLLOWING, NOBODY)


@dataclass(frozen=True, slots=True)
class Policies:
    """What a post's author says about it; `None` leaves as it is (of a new post: everybody may, counts are shown).

    `comments_disabled` turns comments off and on; with `show_originals` those who see its photographs may have them in the
    quality they came in. A `comment` policy of `nobody` is the same as turning comments off.
    """

    comment: str | None = None
    share: str | None = None
    quote: str | None = None
    hide_like_counts: bool | None = None
    show_originals: bool | None = None
    comments_disabled: bool | None = None


AS_IT_IS: Final = Policies()


@dataclass(frozen=True, slots=True)
class StatedPolicies:
    """What a remote post's author says of it; who says nothing lets everybody share and nobody quote.

    `quote_by_hand`: whom `quote` does not let may ask.
    """

    quote: str = NOBODY
    quote_by_hand: bool = False
    share: str = EVERYONE

    def columns(self) -> dict[str, Any]:
        """As the post's row keeps it."""
        return {"quote_policy": self.quote, "quote_by_hand": self.quote_by_hand, "share_policy": self.share}


UNSTATED: Final = StatedPolicies()


def check(wanted: Policies) -> None:
    """Raises `Invalid` for a policy there is not."""
    named = {"comment_policy": wanted.comment, "share_policy": wanted.share, "quote_approval_policy": wanted.quote}
    for field, policy in named.items():
        if policy is not None and policy not in POLICIES:
            raise Invalid(field, "is not included in the list", code="ERR_INCLUSION")


def columns(wanted: Policies, visibility: str) -> dict[str, str | bool]:
    """What a post of that visibility keeps of this. Posts that not everybody sees are quoted by their author alone."""
    values: dict[str, str | bool] = {}
    if wanted.comments_disabled is not None:
        values["comments_disabled"] = wanted.comments_disabled
    if wanted.comment is not None:
        values["comments_disabled"] = wanted.comment == NOBODY
        if wanted.comment != NOBODY:
            values["comment_policy"] = wanted.comment
    if wanted.share is not None:
        values["share_policy"] = wanted.share
    if visibility not in (PUBLIC, UNLISTED):
        values["quote_policy"] = NOBODY
    elif wanted.quote is not None:
        values["quote_policy"] = wanted.quote
    if wanted.hide_like_counts is not None:
        values["hide_like_counts"] = wanted.hide_like_counts
    if wanted.show_originals is not None:
        values["show_originals"] = wanted.show_originals
    return values


async def permits(policy: str, author_id: int, actor_id: int) -> bool:
    """Whether `policy`, of a post of that author, lets the actor. At most one statement; none for the usual policies."""
    if policy == EVERYONE or author_id == actor_id:
        return True
    if policy not in (FOLLOWERS, FOLLOWING):
        return False
    follower, followed = (actor_id, author_id) if policy == FOLLOWERS else (author_id, actor_id)
    row = await db.fetch_one(
        "SELECT 1 FROM follows WHERE account_id = ? AND target_id = ? AND accepted = TRUE", (follower, followed)
    )
    return row is not None


async def check_may_comment(author: Account, parent: Post) -> None:
    """Raises `Forbidden` unless `author` may comment on `parent`, and on the post that the thread is about."""
    await _check_takes_comment(author, parent)
    if parent.conversation_id is not None and parent.conversation_id != parent.id:
        top = await Post.get_or_none(id=parent.conversation_id)
        if top is not None:
            await _check_takes_comment(author, top)


async def _check_takes_comment(author: Account, post: Post) -> None:
    if post.visibility == ARCHIVED:
        raise Forbidden("The author has archived the post", post=post.id)
    if post.account_id == author.id:
        return
    if post.comments_disabled:
        raise Forbidden("The author has turned comments off", post=post.id)
    if not await permits(post.comment_policy, post.account_id, author.id):
        raise Forbidden("The author has limited who can comment", post=post.id)


async def change(author: Account, post_id: int, wanted: Policies) -> None:
    """Say anew who may do what with one of the author's own posts. Records `PostEdited` when that changes something.

    Raises `Invalid` for a policy there is not, `NotFound` when the author has no such post.
    """
    check(wanted)
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT id, visibility, comments_disabled, comment_policy, share_policy, quote_policy, hide_like_counts, show_originals"
            f" FROM posts WHERE id = ? AND account_id = ? AND is_local = TRUE AND shared_post_id IS NULL{db.for_update()}",
            (post_id, author.id),
        )
        if row is None:
            raise NotFound
        changed = {name: value for name, value in columns(wanted, row["visibility"]).items() if row[name] != value}
        if not changed:
            return
        settings = ", ".join(f"{name} = ?" for name in changed)
        await db.execute(
            f"UPDATE posts SET {settings}, version = version + 1 WHERE id = ?", (*changed.values(), post_id)
        )
        await events.record(events.PostEdited(post_id=post_id))
