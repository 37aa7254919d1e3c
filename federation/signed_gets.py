"""How our GETs are signed: by whose key, and in which style for which host.

The instance actor signs. Only for what is not public the one it was addressed to does, and only at that host: two
servers that demand signatures would else fetch each other's keys for ever.
"""

from __future__ import annotations

from collections.abc import Mapping

from activitypub.parse import origin_host
from activitypub.signatures import SigningKey, sign_get, sign_message
from activitypub.types import Activity
from activitypub.vocabulary import PUBLIC
from federation import instance
from federation.budget import Budget
from federation.exchange import Sign, Style
from node import clock, db, urls
from node.cache import BoundedCache
from node.models.accounts import Account
from node.services import own_keys

REMEMBERED_HOSTS = 4_096
REMEMBERED_SECONDS = 3 * 86_400.0
MOST_ADDRESSEES = 100

_styles: BoundedCache[str, Style] = BoundedCache(REMEMBERED_HOSTS, REMEMBERED_SECONDS)


def signer_for(budget: Budget) -> Sign:
    """What signs the GETs of a budget."""

    def sign(url: str, style: Style, /) -> Mapping[str, str]:
        key = budget.keys.get(origin_host(url)) or instance.signing_key()
        if style is Style.RFC9421:
            return sign_message(key, "GET", url, clock.now())
        return sign_get(key, url, clock.now(), with_query=style is Style.CAVAGE)

    return sign


def style_for(url: str) -> Style:
    """The style that the host of `url` accepted last."""
    return _styles.get(origin_host(url)) or Style.CAVAGE


def accepted(url: str, style: Style) -> None:
    """Note which style its host accepts. One that takes the path alone is asked with the query next time all the same:
    not every address of it has one."""
    if style is Style.RFC9421:
        _styles.put(origin_host(url), style)
    else:
        _styles.drop(origin_host(url))


def forget_everything() -> None:
    """Empty the memory of this process."""
    _styles.clear()


async def ask_as_addressee(budget: Budget, activity: Activity, actor: Account) -> None:
    """Have what an activity that is not public names asked for, at its actor's host, by somebody here it was sent to."""
    addressed = {*activity.to, *activity.cc}
    if not addressed or PUBLIC in addressed:
        return
    own = [uri for uri in addressed if urls.is_local(uri)][:MOST_ADDRESSEES]
    account_id = await _one_of(own) if own else None
    if account_id is None and actor.followers_url in addressed:
        account_id = await _a_follower_of(actor.id)
    key = None if account_id is None else await own_keys.signing_key(account_id)
    if key is not None:
        budget.keys[origin_host(actor.uri)] = SigningKey.from_pem(key.key_id, key.private_pem)


async def _one_of(uris: list[str]) -> int | None:
    asked = db.padded(uris)
    row = await db.fetch_one(
        f"SELECT id FROM accounts WHERE domain = '' AND suspended_at IS NULL AND uri IN ({db.marks(asked)}) LIMIT 1",
        asked,
    )
    return None if row is None else int(row[0])


async def _a_follower_of(account_id: int) -> int | None:
    row = await db.fetch_one(
        "SELECT a.id FROM follows f JOIN accounts a ON a.id = f.account_id WHERE f.target_id = ?"
        " AND f.accepted = TRUE AND a.domain = '' AND a.suspended_at IS NULL LIMIT 1",
        (account_id,),
    )
    return None if row is None else int(row[0])
