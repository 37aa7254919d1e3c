"""What every node knows in the end, held against what was done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.e2e.network.cluster import NetworkNode
from tests.e2e.network.ledger import DIRECT, FOLLOWERS, Ledger, Pair, Said
from tests.e2e.person import Member

_HANDLE = "{0}.username || '@' || CASE WHEN {0}.domain = '' THEN ? ELSE {0}.domain END"
_BETWEEN = (
    f"SELECT {_HANDLE.format('a')}, {_HANDLE.format('t')}, %s FROM %s x JOIN accounts a ON a.id = x.account_id"
    " JOIN accounts t ON t.id = x.target_id"
)


@dataclass(frozen=True)
class Knowledge:
    """What stands in the database of one node."""

    follows: set[Pair]
    asked: set[Pair]
    blocks: set[Pair]
    likes: set[Pair]
    posts: dict[str, str]
    """Uri → content."""
    shares: set[str]

    @classmethod
    def of(cls, node: NetworkNode) -> Knowledge:
        """Read it."""
        own = node.domain
        follows = node.read(_BETWEEN % ("x.accepted", "follows"), own, own)
        likes = node.read(
            f"SELECT {_HANDLE.format('a')}, p.uri FROM likes x JOIN accounts a ON a.id = x.account_id"
            " JOIN posts p ON p.id = x.post_id",
            own,
        )
        return cls(
            follows={(one, other) for one, other, accepted in follows if accepted},
            asked={(one, other) for one, other, accepted in follows if not accepted},
            blocks={(one, other) for one, other, _ in node.read(_BETWEEN % ("1", "blocks"), own, own)},
            likes={(who, uri) for who, uri in likes},
            posts=dict(node.read("SELECT uri, content FROM posts WHERE shared_post_id IS NULL")),
            shares={uri for (uri,) in node.read("SELECT uri FROM posts WHERE shared_post_id IS NOT NULL")},
        )


class Verdict:
    """Every disagreement, in words."""

    def __init__(self, ledger: Ledger, nodes: Sequence[NetworkNode], people: Sequence[Member]) -> None:
        self._ledger = ledger
        self._nodes = {node.name: node for node in nodes}
        self._known = {node.name: Knowledge.of(node) for node in nodes}
        self._people = {member.handle: member for member in people}
        names = {id(node): node.name for node in nodes}
        self._home = {member.handle: names[id(member.node)] for member in people}

    def disagreements(self) -> list[str]:
        """All that is wrong."""
        parts = (self._follows, self._blocks, self._posts, self._likes, self._shares, self._sights)
        return [wrong for part in parts for wrong in part()]

    def _follows(self) -> Iterator[str]:
        everybody = set().union(*(known.follows | known.asked for known in self._known.values()))
        for one, other in sorted(everybody | self._ledger.follows):
            homes = {self._home[one], self._home[other]}
            holds = {name for name, known in self._known.items() if (one, other) in known.follows}
            wanted = homes if (one, other) in self._ledger.follows else set()
            if self._ledger.ever_blocked(one, other) and not self._ledger.blocked(one, other):
                wanted = homes if holds else set()
            if holds != wanted:
                yield f"{one} follows {other}: true on {sorted(holds)}, should be on {sorted(wanted)}"
            for name, known in self._known.items():
                if (one, other) in known.asked:
                    yield f"{one} still waits to follow {other} on {name}"

    def _blocks(self) -> Iterator[str]:
        everybody = set().union(*(known.blocks for known in self._known.values()))
        for one, other in sorted(everybody | self._ledger.blocks):
            homes = {self._home[one], self._home[other]}
            holds = {name for name, known in self._known.items() if (one, other) in known.blocks}
            wanted = homes if (one, other) in self._ledger.blocks else set()
            if holds != wanted:
                yield f"{one} blocks {other}: known on {sorted(holds)}, should be on {sorted(wanted)}"

    def _posts(self) -> Iterator[str]:
        for said in self._ledger.posts.values():
            holds = {name for name, known in self._known.items() if said.uri in known.posts}
            if said.is_deleted:
                if holds:
                    yield f"{said.uri} is deleted, and still on {sorted(holds)}"
                continue
            entitled = self._must_know(said)
            for name in sorted(entitled - holds):
                yield f"{said.uri} ({said.visibility}, step {said.at}) is not on {name}"
            for name in sorted(holds - self._may_know(said)):
                yield f"{said.uri} ({said.visibility}, step {said.at}) is on {name}, whom it was never for"
            # Who has been blocked or follows no more is not told what a post that is not for everybody says now.
            for name in sorted(holds & entitled if said.visibility in (FOLLOWERS, DIRECT) else holds):
                if said.text.split()[-1] not in self._known[name].posts[said.uri]:
                    yield f"{said.uri} is an older version on {name}"

    def _must_know(self, said: Said) -> set[str]:
        people = {who for who in said.addressed if not self._ledger.ever_blocked(who, said.author)}
        if said.parent_author and self._parent_is_gone(said):
            people.discard(said.parent_author)
        if said.visibility != DIRECT:
            people |= self._ledger.kept(said.promised, said.at)
        return {self._home[who] for who in people} | {self._home[said.author]}

    def _parent_is_gone(self, said: Said) -> bool:
        return any(other.is_deleted for other in self._ledger.posts.values() if other.author == said.parent_author)

    def _may_know(self, said: Said) -> set[str]:
        people = said.addressed | {said.author}
        if said.visibility == FOLLOWERS:
            people |= {one for one, other in self._ledger.once_followed if other == said.author}
        elif said.visibility != DIRECT:
            return set(self._nodes)
        return {self._home[who] for who in people}

    def _likes(self) -> Iterator[str]:
        everybody = set().union(*(known.likes for known in self._known.values()))
        for who, uri in sorted(everybody | self._ledger.likes):
            said = self._ledger.posts[uri]
            if self._ledger.ever_blocked(who, said.author):
                continue
            homes = {self._home[who], self._home[said.author]}
            holds = {name for name, known in self._known.items() if (who, uri) in known.likes}
            wanted = homes if (who, uri) in self._ledger.likes else set()
            if wanted - holds or (holds and not wanted):
                yield f"{who} likes {uri}: true on {sorted(holds)}, should be on {sorted(wanted)}"

    def _shares(self) -> Iterator[str]:
        for share in self._ledger.shares.values():
            author = self._ledger.posts[share.post].author
            holds = {name for name, known in self._known.items() if share.uri in known.shares}
            if not self._ledger.stands(share):
                if holds:
                    yield f"{share.uri} (of {share.post}) is taken back, and still on {sorted(holds)}"
                continue
            people = {share.by} | self._ledger.kept(share.promised, share.at)
            people = {who for who in people if not self._ledger.ever_blocked(who, author)}
            if not self._ledger.ever_blocked(share.by, author):
                people.add(author)
            for name in sorted({self._home[who] for who in people} - holds):
                yield f"{share.uri} (of {share.post}, step {share.at}) is not on {name}"

    def _sights(self) -> Iterator[str]:
        """What is not for everybody is shown to those it is for, and to nobody else."""
        for said in self._ledger.posts.values():
            if said.is_deleted or said.visibility not in (FOLLOWERS, DIRECT):
                continue
            for handle, member in self._people.items():
                if self._may_see(said, handle) is not False:
                    continue
                rows = self._nodes[self._home[handle]].read("SELECT id FROM posts WHERE uri = ?", said.uri)
                if rows and member.sees(str(rows[0][0])) is not None:
                    yield f"{said.uri} ({said.visibility}) is shown to {handle}"

    def _may_see(self, said: Said, handle: str) -> bool | None:
        """`None` when blocks or the order of events decide."""
        if handle == said.author or handle in said.addressed or self._ledger.ever_blocked(handle, said.author):
            return None
        if said.visibility == FOLLOWERS:
            return (handle, said.author) in self._ledger.follows
        return False
