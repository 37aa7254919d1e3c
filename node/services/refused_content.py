"""What of a remote post is not taken, by the rules about domains and words: pictures, emojis, or all of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from node.errors import Forbidden
from node.models.accounts import Account
from node.models.posts import FOR_STAFF, Post
from node.models.received_rules import HOLD, REJECT, SILENCE
from node.services import domains, keyword_rules
from node.services.keyword_rules import Verdict


class _File(Protocol):
    @property
    def url(self) -> str: ...


File = TypeVar("File", bound=_File)


async def taken(author: Account, files: Sequence[File]) -> tuple[File, ...]:
    """Those of an author's pictures or emojis that may be shown: none where pictures are not taken from the author's
    domain, nor such as lie on a domain of which that is so."""
    if not files:
        return ()
    rule = await domains.rule_for_account(author.domain, author.uri)
    if rule is not None and rule.reject_media:
        return ()
    return tuple([file for file in files if not await domains.rejects_media(urlsplit(file.url).netloc)])


async def judge(author: Account, *texts: str) -> Verdict | None:
    """What the rule says that the author's words fall under, if one does. Raises `Forbidden` when they are rejected."""
    verdict = await keyword_rules.judge(author, *texts)
    if verdict is not None and verdict.action == REJECT:
        raise Forbidden("the post has words that are not taken here")
    return verdict


def holder(verdict: Verdict | None, otherwise: int | None) -> int | None:
    """For whom a new post is held back (`Post.held_for`)."""
    return FOR_STAFF if verdict is not None and verdict.action == HOLD else otherwise


async def carry_out(verdict: Verdict | None, post: Post, author: Account) -> None:
    """Do to a post that was taken or edited, or to its author, what the rule says; in the transaction that does so."""
    if verdict is None:
        return
    if verdict.action == HOLD:
        await keyword_rules.hold(post, verdict)
    if verdict.action == SILENCE:
        await keyword_rules.silence(author, verdict)
