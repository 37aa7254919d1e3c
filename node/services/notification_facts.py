"""What has to be known of two accounts before one is told of the other: read in one statement, judged here."""

from __future__ import annotations

from typing import Final, NamedTuple

from node import clock, db
from node.models.fields import to_milliseconds
from node.models.notifications import ACCEPT, DROP, FILTER
from node.models.posts import DIRECT
from node.services import newcomer_rules

MENTION, QUOTE = "mention", "quote"
GROUPED: Final = ("favourite", "reblog", "follow", "admin.sign_up")
"""The kinds that are shown as one when they come close together."""
FILTERABLE: Final = frozenset(
    (MENTION, QUOTE, "reblog", "follow", "follow_request", "favourite", "added_to_collection", "tagged")
)
"""The kinds a policy decides on: what strangers can cause."""

LONGEST_GROUP_HOURS: Final = 12
DAY: Final = 86_400_000
NEW_ACCOUNT: Final = 30 * DAY
NEW_FOLLOWER: Final = 3 * DAY
DEEPEST_THREAD: Final = 100

_HOUR: Final = 3_600_000
_BOTS: Final = ("Service", "Application")
_RANKS: Final = {"moderator": 1, "admin": 2}


class Facts(NamedTuple):
    """Of the person told (`for_*`, `own_role`), of the other (`sender_*`), and of both; moments in milliseconds.

    `group_key` is that of the group the last such notification went to, if that still takes some in.
    """

    for_not_following: str | None
    for_not_followers: str | None
    for_new_accounts: str | None
    for_private_mentions: str | None
    for_limited_accounts: str | None
    for_bots: str | None
    own_role: str | None
    sender_role: str | None
    sender_created_at: int
    sender_silenced_at: int | None
    sender_domain: str
    sender_type: str
    is_permitted: bool
    follows: bool
    followed_since: int | None
    post_visibility: str | None
    parent_id: int | None
    has_pushes: bool
    group_key: str | None


async def gather(
    kind: str, account_id: int, from_account_id: int, post_id: int | None, subject_id: int | None
) -> Facts | None:
    """The facts, or `None` when there is nothing to tell: the account is remote or suspended, knows it already, blocks
    (the other or their domain) or is blocked, muted the other with `hide_notifications` or the thread, or the mention also names somebody it blocks or muted so.
    """
    now = to_milliseconds(clock.now())
    keys = _open_groups(kind, post_id, now)
    group = f"(SELECT MAX(n.group_key) FROM notifications n WHERE n.account_id = a.id AND n.group_key IN ({db.marks(keys)}))"
    row = await db.fetch_one(
        "SELECT np.for_not_following, np.for_not_followers, np.for_new_accounts, np.for_private_mentions,"
        " np.for_limited_accounts, np.for_bots, au.role, su.role, s.created_at, s.silenced_at,"
        " s.domain, s.actor_type,"
        " EXISTS (SELECT 1 FROM notification_permissions x WHERE x.account_id = a.id AND x.from_account_id = s.id),"
        " EXISTS (SELECT 1 FROM follows f WHERE f.account_id = a.id AND f.target_id = s.id AND f.accepted = TRUE),"
        " (SELECT f.created_at FROM follows f WHERE f.account_id = s.id AND f.target_id = a.id AND f.accepted = TRUE),"
        " p.visibility, p.parent_id, EXISTS (SELECT 1 FROM push_subscriptions x WHERE x.account_id = a.id),"
        f" {group if keys else 'NULL'}"
        " FROM accounts a JOIN accounts s ON s.id = ? LEFT JOIN notification_policies np ON np.account_id = a.id"
        " LEFT JOIN users au ON au.account_id = a.id LEFT JOIN users su ON su.account_id = s.id"
        " LEFT JOIN posts p ON p.id = ?"
        " WHERE a.id = ? AND a.domain = '' AND a.suspended_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND b.target_id = s.id)"
        " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = s.id AND b.target_id = a.id)"
        " AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.account_id = a.id AND m.target_id = s.id"
        " AND m.hide_notifications = TRUE AND (m.expires_at IS NULL OR m.expires_at > ?))"
        " AND NOT EXISTS (SELECT 1 FROM account_domain_blocks d WHERE d.account_id = a.id AND d.domain = s.domain)"
        " AND NOT EXISTS (SELECT 1 FROM thread_mutes tm WHERE tm.account_id = a.id"
        " AND tm.conversation_id = p.conversation_id)"
        " AND NOT EXISTS (SELECT 1 FROM notifications n WHERE n.account_id = a.id AND n.kind = ?"
        " AND n.from_account_id = s.id AND COALESCE(n.post_id, 0) = ? AND COALESCE(n.subject_id, 0) = ?)"
        f"{_OTHERS_NAMED if kind == MENTION else ''}",
        (
            *keys,
            *(from_account_id, post_id, account_id, now),
            *(kind, post_id or 0, subject_id or 0),
            *((now,) if kind == MENTION else ()),
        ),
    )
    return None if row is None else Facts._make(row)


_OTHERS_NAMED: Final = (
    " AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = a.id AND (b.target_id = p.parent_account_id"
    " OR b.target_id IN (SELECT o.account_id FROM mentions o WHERE o.post_id = p.id AND o.silent = FALSE)))"
    " AND NOT EXISTS (SELECT 1 FROM mutes m WHERE m.account_id = a.id AND m.hide_notifications = TRUE"
    " AND (m.expires_at IS NULL OR m.expires_at > ?) AND (m.target_id = p.parent_account_id"
    " OR m.target_id IN (SELECT o.account_id FROM mentions o WHERE o.post_id = p.id AND o.silent = FALSE)))"
)


def new_group(kind: str, post_id: int | None) -> str | None:
    """The key of a group that begins now; `None` for kinds that stand alone."""
    keys = _open_groups(kind, post_id, to_milliseconds(clock.now()))
    return keys[0] if keys else None


def _open_groups(kind: str, post_id: int | None, now: int) -> list[str]:
    """The keys of groups that can take in another such notification at `now`, newest first: each is named by the hour
    it began."""
    if kind not in GROUPED:
        return []
    prefix = kind if post_id is None else f"{kind}-{post_id}"
    hour = now // _HOUR
    return [f"{prefix}-{began}" for began in range(hour, hour - LONGEST_GROUP_HOURS, -1)]


async def judge(kind: str, facts: Facts, account_id: int, from_account_id: int) -> str:
    """`ACCEPT`, `FILTER` or `DROP`, by the policy of the person told; the strictest rule that applies counts."""
    if kind not in FILTERABLE or facts.is_permitted or (kind == MENTION and _from_above(facts)):
        return ACCEPT
    now = to_milliseconds(clock.now())
    wishes = [
        (facts.for_not_followers or ACCEPT)
        if facts.followed_since is None or facts.followed_since > now - NEW_FOLLOWER
        else ACCEPT
    ]
    if not facts.follows:
        wishes.append(facts.for_not_following or ACCEPT)
        if facts.sender_silenced_at is not None:
            wishes.append(facts.for_limited_accounts or FILTER)
        if kind in (MENTION, QUOTE) and await newcomer_rules.holds(facts.sender_domain):
            wishes.append(FILTER)
        if facts.sender_created_at > now - NEW_ACCOUNT:
            wishes.append(facts.for_new_accounts or ACCEPT)
        if facts.sender_type in _BOTS:
            wishes.append(facts.for_bots or ACCEPT)
        private = facts.for_private_mentions or FILTER
        if (
            kind == MENTION
            and private != ACCEPT
            and facts.post_visibility == DIRECT
            and not await _is_answer(facts.parent_id, account_id, from_account_id)
        ):
            wishes.append(private)
    return next((verdict for verdict in (DROP, FILTER) if verdict in wishes), ACCEPT)


def _from_above(facts: Facts) -> bool:
    """Staff can always write to those below them: warnings must not be filtered away."""
    return _RANKS.get(facts.sender_role or "", 0) > _RANKS.get(facts.own_role or "", 0)


async def _is_answer(parent_id: int | None, account_id: int, from_account_id: int) -> bool:
    """Whether up the thread `account_id` wrote directly to `from_account_id`, who therefore may answer."""
    if parent_id is None:
        return False
    row = await db.fetch_one(
        "WITH RECURSIVE up(id, parent_id, depth) AS (SELECT id, parent_id, 0 FROM posts WHERE id = ?"
        " UNION ALL SELECT q.id, q.parent_id, up.depth + 1 FROM up JOIN posts q ON q.id = up.parent_id WHERE up.depth < ?)"
        " SELECT 1 FROM up JOIN posts p ON p.id = up.id WHERE p.account_id = ? AND p.visibility = ?"
        " AND EXISTS (SELECT 1 FROM mentions m WHERE m.post_id = p.id AND m.account_id = ? AND m.silent = FALSE) LIMIT 1",
        (parent_id, DEEPEST_THREAD, account_id, DIRECT, from_account_id),
    )
    return row is not None
