"""Who gets it: the inboxes an activity is addressed to.

Public and followers-only activities go once to each server (shared inbox); what is for one person, or direct, goes to
that person's own inbox, which is the only one every server treats as private.
"""

from __future__ import annotations

from collections.abc import Iterable

from activitypub.parse import origin_host
from federation import hosts, policy
from node import db, urls
from node.models.accounts import Account

_SHARED = "COALESCE(a.shared_inbox_url, a.inbox_url)"
_REMOTE = "a.domain <> '' AND a.inbox_url <> ''"
_REACHABLE = f"{_REMOTE} AND a.suspended_at IS NULL"


async def followers_of(account_id: int) -> set[str]:
    """The inboxes of the servers where an account has accepted followers."""
    return await _inboxes(
        f"SELECT DISTINCT {_SHARED} FROM follows f JOIN accounts a ON a.id = f.account_id"
        f" WHERE f.target_id = ? AND f.accepted = TRUE AND {_REACHABLE}",
        (account_id,),
    )


async def former_followers_of(account_id: int, since: int) -> set[str]:
    """The inboxes of the servers where somebody stopped following an account after that moment (milliseconds)."""
    return await _inboxes(
        "SELECT inbox_url FROM former_audiences WHERE account_id = ? AND ended_at >= ? ORDER BY ended_at DESC LIMIT 500",
        (account_id, since),
    )


async def mentioned_in(post_id: int, *, personally: bool) -> set[str]:
    """The inboxes of those a post addresses: their own, or their servers'."""
    return await _inboxes(
        f"SELECT DISTINCT {'a.inbox_url' if personally else _SHARED} FROM mentions m"
        f" JOIN accounts a ON a.id = m.account_id WHERE m.post_id = ? AND {_REACHABLE}",
        (post_id,),
    )


async def accounts(account_ids: Iterable[int], *, personally: bool = True) -> set[str]:
    """The inboxes of these accounts, as far as they are remote."""
    ids = tuple(set(account_ids))
    if not ids:
        return set()
    return await _inboxes(
        f"SELECT {'a.inbox_url' if personally else _SHARED} FROM accounts a"
        f" WHERE a.id IN ({db.marks(ids)}) AND {_REACHABLE}",
        ids,
    )


async def to_part_from(account_id: int) -> set[str]:
    """The inbox of a remote account, also when it is suspended: for the farewell."""
    return await _inboxes(f"SELECT a.inbox_url FROM accounts a WHERE a.id = ? AND {_REMOTE}", (account_id,))


async def everyone_known() -> set[str]:
    """The inboxes of every server with an account that follows or is followed: those that may know one of ours."""
    return await _inboxes(
        f"SELECT DISTINCT {_SHARED} FROM accounts a WHERE {_REACHABLE} AND ("
        " EXISTS (SELECT 1 FROM follows f WHERE f.account_id = a.id)"
        " OR EXISTS (SELECT 1 FROM follows f WHERE f.target_id = a.id))",
        (),
    )


async def post_audience(post_id: int, account_id: int, visibility: str, *, also: Iterable[int] = ()) -> set[str]:
    """The inboxes of a post, edit or share.

    `also` are accounts it concerns without naming them: the author of the parent, or of what is shared.
    """
    if visibility == "direct":
        return await mentioned_in(post_id, personally=True)
    return (
        await followers_of(account_id)
        | await mentioned_in(post_id, personally=False)
        | await accounts(also, personally=False)
    )


def host_of(account: Account) -> str:
    """Where an account lives, by its id."""
    return origin_host(account.uri)


async def members_by_host(post_id: int) -> dict[str, set[str]]:
    """The members of a post and those it names, elsewhere: their own inboxes by the host of their ids."""
    found: dict[str, set[str]] = {}
    for uri, inbox in await db.fetch_all(
        "SELECT a.uri, a.inbox_url FROM mentions m JOIN accounts a ON a.id = m.account_id"
        f" WHERE m.post_id = ? AND {_REACHABLE} ORDER BY a.id",
        (post_id,),
    ):
        found.setdefault(origin_host(uri), set()).add(inbox)
    return found


async def deliverable(inboxes: Iterable[str], *, farewell: bool = False) -> list[str]:
    """Those of the inboxes that anything is sent to: not our own, not suspended (but for a farewell), not given up.

    Sorted.
    """
    wanted = sorted({inbox for inbox in inboxes if inbox and not urls.is_local(inbox)})
    by_host: dict[str, list[str]] = {}
    for inbox in wanted:
        by_host.setdefault(origin_host(inbox), []).append(inbox)
    unreachable = await hosts.unreachable_among(list(by_host))
    return [
        inbox
        for host, of_host in by_host.items()
        if host not in unreachable and not await policy.is_refused(host, farewell=farewell)
        for inbox in of_host
    ]


async def _inboxes(sql: str, parameters: tuple[object, ...]) -> set[str]:
    return {row[0] for row in await db.fetch_all(sql, parameters) if row[0]}
