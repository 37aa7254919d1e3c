"""A node full of people and pictures to measure against: `python -m benchmarks.seed FILE` reads what it should look like.

Runs in a process of its own, through the node's services, and prints one JSON line with what the scenarios need.
"""

from __future__ import annotations

import asyncio
import functools
import json
import sys
from dataclasses import asdict, dataclass, field

import orjson
import uvloop

from activitypub.signatures import body_digest, generate_rsa_key, public_pem
from node import clock, db
from node.app import running
from node.ids import new_id
from node.models.accounts import Account, ActorKey, User
from node.models.credentials import AccessToken, Application
from node.models.fields import to_milliseconds
from node.models.media import MediaFile
from node.secrecy import hash_token, new_token
from node.services import accounts, domain_blocks, filters, follows, likes, lists, mutes, posts
from node.settings import load_settings

SCOPES = ["read", "write", "follow", "push"]
FILTERS, MUTED, BLOCKED_DOMAINS, LIST_MEMBERS, COMMENTS = 10, 5, 20, 20, 40


@dataclass(frozen=True, slots=True)
class Plan:
    """How big the node is to be. `inboxes` are addresses (`ip:port`) of hosts that follow the first account."""

    people: int = 50
    posts_each: int = 8
    pictures_each: int = 2
    hosts: list[str] = field(default_factory=list)
    followers_per_host: int = 10
    senders: int = 20
    deliveries: int = 0
    """Deliveries that wait, of the first account to inboxes on `hosts`."""


@dataclass(frozen=True, slots=True)
class Seeded:
    """What was made: the reader's token, everyone's tokens, a post, an actor, and the senders' keys.

    The particular reader (`particular_token`) has filters, mutes and domain blocks, and a list; the thread is a post
    with comments; `shown_ids` are people to ask the relationships of.
    """

    token: str
    tokens: list[str]
    post_id: int
    actor_id: int
    reader_id: int
    senders: list[dict[str, str]]
    particular_token: str
    list_id: int
    thread_id: int
    shown_ids: list[int]


@functools.cache
def _one_key() -> str:
    """A key for everybody: making one for each would take most of the time of a large plan."""
    return generate_rsa_key()


async def make_person(number: int) -> tuple[Account, str]:
    """A confirmed local account and an access token of its own."""
    account = await accounts.create_local(f"person{number}", private_key_pem=_one_key())
    now = clock.now()
    address = f"person{number}@bench.example"
    user = await User.create(account=account, email=address, email_key=address, confirmed_at=now, approved_at=now)
    application = await Application.create(client_id=new_token(), secret_hash="", name="bench", scopes=SCOPES)
    token = new_token()
    await AccessToken.create(token_hash=hash_token(token), application=application, user=user, scopes=SCOPES)
    return account, token


async def make_picture(account: Account) -> MediaFile:
    """A picture as an upload leaves it; the files themselves are not read by any scenario."""
    shape = {"grid": (400, 300), "feed": (1080, 810), "full": (4000, 3000)}
    variants = {
        name: {
            "key": f"ab/cd/{new_id():x}-{name}.jpg",
            "type": "image/jpeg",
            "width": w,
            "height": h,
            "bytes": w * h // 8,
        }
        for name, (w, h) in shape.items()
    }
    return await MediaFile.create(
        account=account,
        media_type="image/jpeg",
        variants=variants,
        width=4000,
        height=3000,
        blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
        description="A harbour in the morning, boats and gulls",
    )


async def make_remote(host: str, name: str, private_pem: str | None = None) -> Account:
    """A remote account as if its actor had been fetched a moment ago."""
    uri = f"http://{host}/users/{name}"
    account = await Account.create(
        username=name,
        username_key=name,
        domain=host,
        uri=uri,
        url=uri,
        inbox_url=f"{uri}/inbox",
        followers_url=f"{uri}/followers",
        fetched_at=clock.now(),
    )
    if private_pem:
        await ActorKey.create(account=account, key_id=f"{uri}#main-key", public_pem=public_pem(private_pem))
    return account


async def make_particular(reader: Account, people: list[Account]) -> int:
    """Give somebody filters, mutes, domain blocks and a list; returns the list's id."""
    for number in range(FILTERS):
        terms = filters.Terms(title=f"Filter {number}", contexts=["home", "public"])
        words = [filters.KeywordChange(keyword=f"unheard of {number} {word}") for word in ("boats", "gulls", "harbour")]
        await filters.create(reader, terms, words)
    for muted in people[-MUTED:]:
        await mutes.mute(reader, muted)
    for number in range(BLOCKED_DOMAINS):
        await domain_blocks.block(reader, f"blocked{number}.bench.example")
    made = await lists.create(reader, lists.Terms(title="Friends"))
    await lists.add(reader, made.id, [member.id for member in people[:LIST_MEMBERS]])
    return made.id


async def make_thread(author: Account, people: list[Account]) -> int:
    """A post with comments; returns its id."""
    picture = await make_picture(author)
    root = await posts.publish(author, posts.Draft(text="What do you see here?", media_ids=(picture.id,)))
    for number in range(COMMENTS):
        commenter = people[number % len(people)]
        await posts.publish(commenter, posts.Draft(text=f"I see {number} boats", parent_id=root.id))
    return root.id


async def queue_deliveries(sender: Account, plan: Plan) -> None:
    """So many deliveries that wait: activities of two kilobytes, each to ten inboxes on every host."""
    inboxes = [(f"http://{host}/users/{number}/inbox", host) for host in plan.hosts for number in range(10)]
    now, left = to_milliseconds(clock.now()), plan.deliveries
    while left > 0:
        activity_id, wanted = new_id(), inboxes[:left]
        uri = f"{sender.uri}#queued/{activity_id}"
        body = orjson.dumps({"id": uri, "type": "Create", "actor": sender.uri, "object": {"content": "x" * 2_000}})
        async with db.transaction():
            await db.execute(
                "INSERT INTO outgoing_activities (id, account_id, uri, body, digest, created_at) VALUES (?, ?, ?, ?, ?, ?)",
                (activity_id, sender.id, uri, body, body_digest(body), now),
            )
            await db.execute_many(
                "INSERT INTO deliveries (id, activity_id, inbox_url, host, attempts, next_attempt_at, failed, error,"
                " created_at) VALUES (?, ?, ?, ?, 0, ?, FALSE, '', ?)",
                [(new_id(), activity_id, inbox, host, now, now) for inbox, host in wanted],
            )
        left -= len(wanted)


async def seed(plan: Plan) -> Seeded:
    """Fill the open database."""
    people = [await make_person(number) for number in range(plan.people)]
    reader, token = people[0]
    for account, _ in people[1:]:
        await follows.follow(reader, account)
        await follows.follow(account, reader)
    post_id = 0
    for round_ in range(plan.posts_each):
        for account, _ in people:
            pictures = tuple([(await make_picture(account)).id for _ in range(plan.pictures_each)])
            post = await posts.publish(
                account,
                posts.Draft(text=f"Morning light number {round_} over the harbour #light #harbour", media_ids=pictures),
            )
            if account.id != reader.id and round_ % 3 == 0:
                await likes.like(reader, post.id)
            post_id = post.id
    known = [account for account, _ in people[2:]]
    particular, particular_token = people[1]
    for account in known:
        await follows.follow(particular, account)
    list_id = await make_particular(particular, known) if known else 0
    thread_id = await make_thread(reader, [account for account, _ in people[1:]])
    now = to_milliseconds(clock.now())
    for host in plan.hosts:
        for number in range(plan.followers_per_host):
            follower = await make_remote(host, f"follower{number}")
            await db.execute(
                "INSERT INTO follows (id, account_id, target_id, accepted, uri, show_shares, notify, created_at)"
                " VALUES (?, ?, ?, TRUE, ?, TRUE, FALSE, ?)",
                (new_id(), follower.id, reader.id, f"{follower.uri}#follows/1", now),
            )
    await queue_deliveries(reader, plan)
    senders = []
    for number in range(plan.senders):
        pem = generate_rsa_key()
        sender = await make_remote(f"sender{number}.bench.example", "sender", pem)
        await db.execute(
            "INSERT INTO follows (id, account_id, target_id, accepted, uri, show_shares, notify, created_at)"
            " VALUES (?, ?, ?, TRUE, ?, TRUE, FALSE, ?)",
            (new_id(), reader.id, sender.id, f"{reader.uri}#follows/{sender.id}", now),
        )
        senders.append({"uri": sender.uri, "key_id": f"{sender.uri}#main-key", "pem": pem})
    return Seeded(
        token=token,
        tokens=[token for _, token in people],
        post_id=post_id,
        actor_id=reader.id,
        reader_id=reader.id,
        senders=senders,
        particular_token=particular_token,
        list_id=list_id,
        thread_id=thread_id,
        shown_ids=[account.id for account in known[:20]],
    )


async def main(plan: Plan) -> None:
    """Migrate, fill, and say what was made."""
    settings = load_settings()
    await db.migrate(settings)
    async with running(settings, work=False):
        seeded = await seed(plan)
        # The seeded posts have nobody to tell: only what a scenario posts shall be delivered.
        await db.execute("DELETE FROM jobs")
    sys.stdout.write(json.dumps(asdict(seeded)) + "\n")


if __name__ == "__main__":
    plan = Plan(**json.loads(sys.argv[1])) if len(sys.argv) > 1 else Plan()
    if sys.platform == "win32":
        asyncio.run(main(plan))
    else:
        uvloop.run(main(plan))
