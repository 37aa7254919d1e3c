"""Another account of the same person's, as its owner sees it."""

from __future__ import annotations

import msgspec

from api.entities import account
from api.entities.account import Account
from api.entities.encoding import encode
from node.models.accounts import Account as AccountRow
from node.queries import accounts
from node.services import aliases


class Alias(msgspec.Struct, frozen=True):
    """The ActivityPub id of the account, and the account if it is known here."""

    uri: str
    account: Account | None


async def of_account(owner: AccountRow) -> bytes:
    """All aliases of an account, in the order they were named."""
    known = await aliases.accounts_of(owner)
    rows = await accounts.details([found.id for found in known.values()])
    shown = {entity.uri: entity for entity in await account.render(rows)}
    return encode([Alias(uri, shown.get(uri)) for uri in owner.also_known_as])
