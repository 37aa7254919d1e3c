"""People do things at random, and things go wrong at random: the same for the same seed, as far as clocks allow."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from tests.e2e.network.cluster import NetworkNode
from tests.e2e.network.ledger import DIRECT, FOLLOWERS, PUBLIC, UNLISTED, Ledger, Pair, Said
from tests.e2e.person import Member, Refused

VISIBILITIES = {PUBLIC: 6, UNLISTED: 1, FOLLOWERS: 3, DIRECT: 2}
PATIENCE_STEPS = (4, 16)
"""How many steps a node stays away."""

_FOLLOWERS = (
    "SELECT a.username, a.domain FROM follows f JOIN accounts a ON a.id = f.account_id JOIN accounts t"
    " ON t.id = f.target_id WHERE t.username = ? AND t.domain = ? AND f.accepted = TRUE"
)


class Play:
    """The random course of events. It ends with every node running and joined, but with work left to do."""

    def __init__(self, nodes: Sequence[NetworkNode], people: Sequence[Member], seed: int) -> None:
        self.ledger = Ledger()
        self._nodes = nodes
        self._people = {member.handle: member for member in people}
        self._home = {member.handle: self._node_of(member) for member in people}
        self._chance = random.Random(seed)
        self._returns: dict[int, list[NetworkNode]] = {}
        self._ids: dict[tuple[int, str], str] = {}
        self._deeds: dict[Callable[[Member], str], int] = {
            self._follow: 24,
            self._unfollow: 3,
            self._publish: 24,
            self._comment: 14,
            self._like: 14,
            self._unlike: 3,
            self._share: 12,
            self._unshare: 2,
            self._edit: 8,
            self._delete: 7,
            self._block: 2,
            self._unblock: 1,
            self._look_up: 4,
        }

    def begin(self, follows: int) -> None:
        """A few follows to start from."""
        for _ in range(follows):
            self.ledger.next_step("")
            self._do(self._follow, self._anybody())

    def go_on(self, steps: int, trouble_every: int) -> None:
        """So many deeds, a node in trouble every so many."""
        for number in range(steps):
            for node in self._returns.pop(self.ledger.step, []):
                self._bring_back(node)
            if number % trouble_every == trouble_every // 2:
                self._make_trouble()
            self.ledger.next_step("")
            deeds = self._chance.choices(list(self._deeds), list(self._deeds.values()))
            self._do(deeds[0], self._anybody())

    def end(self) -> None:
        """Whoever is away comes back."""
        for nodes in self._returns.values():
            for node in nodes:
                self._bring_back(node)
        self._returns.clear()

    def _do(self, deed: Callable[[Member], str], member: Member) -> None:
        name = f"{member.handle} {deed.__name__.strip('_')}"
        try:
            done = deed(member)
        except Refused as refusal:
            done = f"is refused ({refusal.status})"
        self.ledger.history[-1] += f"{name} {done}"

    def _make_trouble(self) -> None:
        well = [node for node in self._nodes if node.is_running and not node.is_cut_off]
        if len(well) <= len(self._nodes) // 2:
            return
        node = self._chance.choice(well)
        kill = self._chance.random() < 0.5
        self.ledger.next_step(f"{node.name} is {'killed' if kill else 'cut off'}")
        if kill:
            node.kill()
        else:
            node.cut_off()
        self._returns.setdefault(self.ledger.step + self._chance.randint(*PATIENCE_STEPS), []).append(node)

    def _bring_back(self, node: NetworkNode) -> None:
        self.ledger.history.append(f"      {node.name} is back")
        if node.is_cut_off:
            node.heal()
        else:
            node.start()

    def _follow(self, member: Member) -> str:
        other = self._other(member)
        found = self._account_id(member, other)
        if found is None:
            return f"{other.handle}: not to be found"
        member.post(f"/api/v1/accounts/{found}/follow")
        self.ledger.follow(member.handle, other.handle)
        return other.handle

    def _unfollow(self, member: Member) -> str:
        followed = sorted(pair[1] for pair in self.ledger.follows if pair[0] == member.handle)
        return self._act_on_one_of(member, followed, "unfollow", self.ledger.unfollow)

    def _block(self, member: Member) -> str:
        near = [pair[1] for pair in self.ledger.follows if pair[0] == member.handle]
        near += [pair[0] for pair in self.ledger.follows if pair[1] == member.handle]
        return self._act_on_one_of(member, sorted(near), "block", self.ledger.block)

    def _unblock(self, member: Member) -> str:
        blocked = sorted(pair[1] for pair in self.ledger.blocks if pair[0] == member.handle)
        return self._act_on_one_of(member, blocked, "unblock", self.ledger.unblock)

    def _act_on_one_of(self, member: Member, handles: list[str], deed: str, note: Callable[[str, str], None]) -> str:
        if not handles:
            return "nobody"
        other = self._people[self._chance.choice(handles)]
        found = self._account_id(member, other)
        if found is None:
            return f"{other.handle}: not to be found"
        member.post(f"/api/v1/accounts/{found}/{deed}")
        note(member.handle, other.handle)
        return other.handle

    def _publish(self, member: Member) -> str:
        [visibility] = self._chance.choices(list(VISIBILITIES), list(VISIBILITIES.values()))
        named = [self._other(member)] if visibility == DIRECT or self._chance.random() < 0.3 else []
        return self._say(member, named, visibility=visibility)

    def _comment(self, member: Member) -> str:
        status = self._one_at_home(member)
        if status is None:
            return "nothing"
        named = [self._other(member)] if self._chance.random() < 0.2 else []
        return self._say(member, named, answered=status, visibility=status["visibility"])

    def _say(self, member: Member, named: list[Member], *, visibility: str, answered: Any = None) -> str:
        text = f"{' '.join('@' + other.handle for other in named)} word{self.ledger.step}z".strip()
        more = {"in_reply_to_id": answered["id"]} if answered else {}
        promised = self._promised(member)
        status = member.publish(text, visibility=visibility, **more)
        said = Said(
            uri=status["uri"],
            author=member.handle,
            text=text,
            visibility=status["visibility"],
            mentions=frozenset(self._handle(member, account) for account in status["mentions"]),
            parent_author=self._handle(member, answered["account"]) if answered else None,
            promised=promised,
        )
        self.ledger.say(said)
        answer = f" to {answered['uri']}" if answered else ""
        return f"{status['uri']} ({said.visibility}{answer}) naming {sorted(said.mentions)}"

    def _edit(self, member: Member) -> str:
        said = self._one_of(member)
        if said is None:
            return "nothing"
        words = [word for word in said.text.split() if word.startswith("@")]
        text = " ".join([*words, f"word{self.ledger.step}z"])
        member.edit(said.uri.rpartition("/")[2], status=text)
        said.text = text
        return said.uri

    def _delete(self, member: Member) -> str:
        said = self._one_of(member)
        if said is None:
            return "nothing"
        member.delete(said.uri.rpartition("/")[2])
        self.ledger.delete(said.uri)
        return said.uri

    def _like(self, member: Member) -> str:
        status = self._one_at_home(member)
        if status is None:
            return "nothing"
        member.does("favourite", status["id"])
        if not self.ledger.posts[status["uri"]].is_deleted:
            self.ledger.likes.add((member.handle, status["uri"]))
        return str(status["uri"])

    def _unlike(self, member: Member) -> str:
        liked = sorted(uri for who, uri in self.ledger.likes if who == member.handle)
        if not liked:
            return "nothing"
        uri = self._chance.choice(liked)
        member.does("unfavourite", self._post_id(member, uri))
        self.ledger.likes.discard((member.handle, uri))
        return uri

    def _share(self, member: Member) -> str:
        status = self._one_at_home(member)
        if status is None:
            return "nothing"
        promised = self._promised(member)
        share = member.does("reblog", status["id"])
        self.ledger.share(share["uri"], member.handle, status["uri"], promised)
        return f"{status['uri']} as {share['uri']}"

    def _unshare(self, member: Member) -> str:
        shared = [share for share in self.ledger.shares.values() if share.by == member.handle]
        shared = [share for share in shared if self.ledger.stands(share)]
        if not shared:
            return "nothing"
        share = self._chance.choice(shared)
        member.does("unreblog", self._post_id(member, share.post))
        self.ledger.unshare(member.handle, share.post)
        return share.uri

    def _look_up(self, member: Member) -> str:
        if not self.ledger.posts:
            return "nothing"
        uri = self._chance.choice(list(self.ledger.posts))
        return f"{uri}: {'found' if member.knows_of(uri) else 'not found'}"

    def _one_at_home(self, member: Member) -> Any:
        statuses = [status["reblog"] or status for status in member.home()]
        return self._chance.choice(statuses) if statuses else None

    def _one_of(self, member: Member) -> Said | None:
        own = [said for said in self.ledger.posts.values() if said.author == member.handle and not said.is_deleted]
        return self._chance.choice(own) if own else None

    def _anybody(self) -> Member:
        return self._chance.choice([member for member in self._people.values() if member.node.is_running])

    def _other(self, member: Member) -> Member:
        return self._chance.choice([other for other in self._people.values() if other is not member])

    def _account_id(self, member: Member, other: Member) -> str | None:
        key = (self._home[member.handle].number, other.handle)
        if key not in self._ids:
            found = member.find(f"@{other.handle}", "accounts")
            if found is None:
                return None
            self._ids[key] = found["id"]
        return self._ids[key]

    def _post_id(self, member: Member, uri: str) -> str:
        rows = self._home[member.handle].read("SELECT id FROM posts WHERE uri = ?", uri)
        return str(rows[0][0]) if rows else "0"

    def _promised(self, author: Member) -> set[Pair]:
        """The follows of somebody that are real on both nodes now, whatever is still under way."""
        pairs = set()
        for username, domain in self._home[author.handle].read(_FOLLOWERS, author.username, ""):
            handle = f"{username}@{domain or author.node.domain}"
            reader = self._people[handle]
            if not domain or (reader.username, "") in self._home[handle].read(
                _FOLLOWERS, author.username, author.node.domain
            ):
                pairs.add((handle, author.handle))
        return pairs

    def _handle(self, member: Member, account: Any) -> str:
        return account["acct"] if "@" in account["acct"] else f"{account['acct']}@{member.node.domain}"

    def _node_of(self, member: Member) -> NetworkNode:
        return next(node for node in self._nodes if node is member.node)
