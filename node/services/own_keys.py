"""The keys of our own actors: made, completed, exchanged for new ones.

Each has two: RSA, which signs requests and which every server knows, and Ed25519, which proves documents (FEP-521a).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from tortoise.expressions import F

from activitypub.signatures.keys import generate_ed25519_key, generate_rsa_key, public_pem
from node import clock, db, events, urls
from node.errors import Forbidden, NotFound
from node.ids import new_id
from node.models.accounts import ASSERTION, AUTHENTICATION, FORMER, LOCAL, Account, ActorKey
from node.models.fields import to_milliseconds
from node.services.key_sealing import opened, sealed

EXCHANGED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A private key (PEM) and the id its public half is found by."""

    key_id: str
    private_pem: str = field(repr=False)


async def give(account_id: int, actor_uri: str, rsa_pem: str) -> None:
    """Write the keys of a new actor of ours, in the caller's transaction."""
    await _add(account_id, urls.main_key(actor_uri), rsa_pem, AUTHENTICATION)
    await _add(account_id, urls.proof_key(actor_uri), generate_ed25519_key(), ASSERTION)


async def signing_key(account_id: int) -> OwnKey | None:
    """The key that signs what an account of ours sends; `None` when it has none (any more), or none that can be read."""
    return await _key(account_id, AUTHENTICATION)


async def proof_key(account: Account) -> OwnKey | None:
    """The key that proves an account's documents, made now if the account is older than such keys."""
    key = await _key(account.id, ASSERTION)
    if key is None and account.is_local:
        await _add(account.id, urls.proof_key(account.uri), generate_ed25519_key(), ASSERTION)
        key = await _key(account.id, ASSERTION)
    return key


async def former_key(account_id: int) -> OwnKey | None:
    """The key an account signed with before its keys were exchanged, until `forget_former`."""
    return await _key(account_id, FORMER)


async def forget_former(account_id: int) -> None:
    """The exchange has been told."""
    await ActorKey.filter(account_id=account_id, purpose=FORMER).delete()


async def exchange(account: Account) -> None:
    """Give an account of ours, or the node itself, new keys under the same ids.

    What waits to be delivered is signed with the new ones; the former one only tells the followers of the exchange, if
    it can still be read. Records `KeysReplaced`. Raises `Forbidden` for an account that is not ours, `NotFound` for one
    without keys.
    """
    if not account.is_local:
        raise Forbidden()
    rsa_pem, ed25519_pem = await asyncio.to_thread(generate_rsa_key), generate_ed25519_key()
    async with db.transaction():
        former = await signing_key(account.id)
        if former is not None:
            await _add(account.id, f"{former.key_id}-former", former.private_pem, FORMER)
        if not await _change(account.id, AUTHENTICATION, rsa_pem):
            raise NotFound()
        await proof_key(account)
        await _change(account.id, ASSERTION, ed25519_pem)
        await Account.filter(id=account.id).update(version=F("version") + 1)
        await events.record(events.KeysReplaced(account_id=account.id))


async def instance_account() -> Account:
    """The account of the node itself. Raises `NotFound` before the node has been started for the first time."""
    account = await Account.get_or_none(uri=urls.instance_actor())
    if account is None:
        raise NotFound("The node has no keys yet: start it once")
    return account


async def exchange_all() -> int:
    """`exchange` for everybody here and the node itself. Returns how many there are."""
    number, after = 0, 0
    while True:
        accounts = (
            await Account.filter(domain=LOCAL, id__gt=after, keys__purpose=AUTHENTICATION)
            .order_by("id")
            .limit(EXCHANGED_AT_ONCE)
        )
        for account in accounts:
            await exchange(account)
            number, after = number + 1, account.id
        if not accounts:
            return number


async def _key(account_id: int, purpose: str) -> OwnKey | None:
    row = await db.fetch_one(
        "SELECT key_id, private_pem FROM actor_keys WHERE account_id = ? AND purpose = ? AND private_pem IS NOT NULL",
        (account_id, purpose),
    )
    private_pem = None if row is None else opened(row[1], account_id)
    return None if row is None or private_pem is None else OwnKey(row[0], private_pem)


async def _add(account_id: int, key_id: str, pem: str, purpose: str) -> None:
    """Add a key; of several that are added at the same moment under one id, the first one counts."""
    now = to_milliseconds(clock.now())
    await db.execute(
        "INSERT INTO actor_keys (id, account_id, key_id, public_pem, private_pem, purpose, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key_id) DO NOTHING",
        (new_id(), account_id, key_id, public_pem(pem), sealed(pem, account_id), purpose, now),
    )


async def _change(account_id: int, purpose: str, pem: str) -> int:
    return await ActorKey.filter(account_id=account_id, purpose=purpose, private_pem__not_isnull=True).update(
        public_pem=public_pem(pem), private_pem=sealed(pem, account_id)
    )
