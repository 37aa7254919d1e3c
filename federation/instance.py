"""The instance actor: the node itself, in whose name documents are fetched.

Fetching in a person's name would make two servers that both demand signatures fetch each other's keys for ever; the
instance actor's document and key are always open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from activitypub.signatures import SigningKey, generate_rsa_key
from node import db, events, urls
from node.errors import KeysUnreadable
from node.events import KeysReplaced
from node.models.accounts import Account
from node.runtime import runtime
from node.services import own_keys

_signing_key: SigningKey | None = None


async def ensure_instance_actor() -> Account:
    """The instance actor, made with its key on first start."""
    uri = urls.instance_actor()
    account = await Account.get_or_none(uri=uri)
    if account is None:
        private = await asyncio.to_thread(generate_rsa_key)
        account = await _make(uri, private)
    await take_up_key(account.id)
    return account


async def take_up_key(account_id: int) -> None:
    """Sign with the key the instance actor has now, if it can be read."""
    global _signing_key
    key = await own_keys.signing_key(account_id)
    _signing_key = None if key is None else SigningKey.from_pem(key.key_id, key.private_pem)


def require_key() -> None:
    """Raises `KeysUnreadable` when nothing can be signed."""
    if _signing_key is None:
        raise KeysUnreadable


def watch_keys() -> Callable[[], None]:
    """Take up the instance actor's key whenever it is exchanged, from now on; returns what ends that."""
    under_way: set[asyncio.Task[None]] = set()

    async def take_up_if_ours(account_id: int) -> None:
        account = await Account.get_or_none(id=account_id)
        if account is not None and account.uri == urls.instance_actor():
            await take_up_key(account_id)

    def exchanged(event: KeysReplaced) -> None:
        task = asyncio.create_task(take_up_if_ours(event.account_id))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    end_listening = events.listen(KeysReplaced, exchanged)

    def end() -> None:
        end_listening()
        for task in under_way:
            task.cancel()

    return end


def signing_key() -> SigningKey:
    """The key our own requests are signed with. Raises `RuntimeError` before `ensure_instance_actor`."""
    if _signing_key is None:
        raise RuntimeError("the instance actor has not been made yet")
    return _signing_key


async def _make(uri: str, private_pem: str) -> Account:
    # A port is part of the domain of a node on this machine, but no part of a name that others would read; it has to be
    # when the node was at another port before.
    host, _, port = runtime().settings.domain.partition(":")
    for name in dict.fromkeys((host, f"{host}.{port}" if port else host)):
        try:
            return await _insert(uri, name, private_pem)
        except db.IntegrityError:
            account = await Account.get_or_none(uri=uri)
            if account is not None:  # Another process of this node was faster.
                return account
    raise RuntimeError(f"an account of this node is called {host}, as the node itself must be")


async def _insert(uri: str, name: str, private_pem: str) -> Account:
    async with db.transaction():
        account = await Account.create(
            username=name,
            username_key=name.lower(),
            actor_type="Application",
            uri=uri,
            url=urls.base(),
            is_private=True,
            inbox_url=urls.inbox(uri),
            outbox_url=f"{uri}/outbox",
        )
        await own_keys.give(account.id, uri, private_pem)
    return account
