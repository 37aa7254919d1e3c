"""What was done in the network, as those who did it were told: the truth everybody should agree on."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

PUBLIC, UNLISTED, FOLLOWERS, DIRECT = "public", "unlisted", "private", "direct"
Pair = tuple[str, str]


@dataclass
class Said:
    """A post or comment. People are named by their handles."""

    uri: str
    author: str
    text: str
    visibility: str
    mentions: frozenset[str]
    parent_author: str | None = None
    promised: set[Pair] = field(default_factory=set)
    """(reader, author) of the follows that were real on both nodes when it was said."""
    at: int = 0
    is_deleted: bool = False

    @property
    def addressed(self) -> set[str]:
        """Everybody named, and the author of what it answers."""
        return set(self.mentions) | ({self.parent_author} if self.parent_author else set())


@dataclass
class Shared:
    """A share that stands, or stood."""

    uri: str
    by: str
    post: str
    promised: set[Pair]
    at: int
    is_taken_back: bool = False


class Ledger:
    """Who did what. Steps are numbered; a pair's `broken` steps are those that ended or forbade its follow."""

    def __init__(self) -> None:
        self.posts: dict[str, Said] = {}
        self.shares: dict[str, Shared] = {}
        self.likes: set[Pair] = set()
        self.follows: set[Pair] = set()
        self.blocks: set[Pair] = set()
        self.once_followed: set[Pair] = set()
        self.once_blocked: set[frozenset[str]] = set()
        self.history: list[str] = []
        self._broken: dict[Pair, int] = {}
        self._steps = itertools.count(1)
        self.step = 0

    def next_step(self, what: str) -> None:
        """Begin a step."""
        self.step = next(self._steps)
        self.history.append(f"{self.step:5} {what}")

    def follow(self, follower: str, followed: str) -> None:
        """Somebody follows somebody, unless one of them blocks the other."""
        self.once_followed.add((follower, followed))
        if not self.blocked(follower, followed):
            self.follows.add((follower, followed))

    def unfollow(self, follower: str, followed: str) -> None:
        """Not any more."""
        self.follows.discard((follower, followed))
        self._broken[(follower, followed)] = self.step

    def block(self, by: str, blocked: str) -> None:
        """Neither sees the other; follows end."""
        self.blocks.add((by, blocked))
        self.once_blocked.add(frozenset((by, blocked)))
        for pair in ((by, blocked), (blocked, by)):
            self.unfollow(*pair)

    def unblock(self, by: str, blocked: str) -> None:
        """The block is taken back; what it ended does not come back."""
        self.blocks.discard((by, blocked))

    def blocked(self, one: str, other: str) -> bool:
        """Whether a block stands between them."""
        return bool(self.blocks & {(one, other), (other, one)})

    def ever_blocked(self, one: str, other: str) -> bool:
        """Whether one stood at any time: then what got through depends on who was faster."""
        return frozenset((one, other)) in self.once_blocked

    def say(self, said: Said) -> None:
        """A post or comment is published."""
        said.at = self.step
        self.posts[said.uri] = said

    def delete(self, uri: str) -> None:
        """A post goes, and with it its shares and likes."""
        self.posts[uri].is_deleted = True
        self.likes = {(who, post) for who, post in self.likes if post != uri}

    def share(self, uri: str, by: str, post: str, promised: Iterable[Pair]) -> None:
        """Somebody shares a post; twice is once."""
        self.shares.setdefault(uri, Shared(uri, by, post, set(promised), self.step))

    def unshare(self, by: str, post: str) -> None:
        """The share is taken back."""
        for shared in self.shares.values():
            if (shared.by, shared.post) == (by, post):
                shared.is_taken_back = True

    def stands(self, shared: Shared) -> bool:
        """Whether the share and what it shares are still there."""
        return not shared.is_taken_back and not self.posts[shared.post].is_deleted

    def kept(self, promised: Iterable[Pair], since: int) -> set[str]:
        """The followers among these pairs whose follow nothing has touched since that step."""
        return {pair[0] for pair in promised if pair in self.follows and self._broken.get(pair, 0) < since}
