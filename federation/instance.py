"""The instance actor: the node itself, in whose name documents are fetched.

Fetching in a person's name would make two servers that both demand signatures fetch each other's keys for ever; the
instance actor's document and key are always open.
"""

from __future__ import annotations

import asyncio

from activitypub.signatures import SigningKey, generate_rsa_key, public_pem
from node import db, urls
from node.models.accounts import Account, ActorKey
from node.runtime import runtime

_signing_key: SigningKey | None = None


async def ensure_instance_actor() -> Account:
    """The instance actor, made with its key on first start."""
    global _signing_key
    uri = urls.instance_actor()
    account = await Account.get_or_none(uri=uri)
    if account is None:
        private = await asyncio.to_thread(generate_rsa_key)
        try:
            account = await _make(uri, private)
        except db.IntegrityError:
            # Another process of this node was faster.
            account = await Account.get(uri=uri)
    key = await ActorKey.get(account_id=account.id, private_pem__isnull=False)
    _signing_key = SigningKey.from_pem(key.key_id, key.private_pem or "")
    return account


def signing_key() -> SigningKey:
    """The key our own requests are signed with. Raises `RuntimeError` before `ensure_instance_actor`."""
    if _signing_key is None:
        raise RuntimeError("the instance actor has not been made yet")
    return _signing_key


async def _make(uri: str, private_pem: str) -> Account:
    domain = runtime().settings.domain
    async with db.transaction():
        account = await Account.create(
            username=domain,
            username_key=domain.lower(),
            actor_type="Application",
            uri=uri,
            url=urls.base(),
            is_private=True,
            inbox_url=urls.inbox(uri),
            outbox_url=f"{uri}/outbox",
        )
        await ActorKey.create(
            account_id=account.id,
            key_id=urls.main_key(uri),
            public_pem=public_pem(private_pem),
            private_pem=private_pem,
        )
    return account
