"""Which posts come into which timelines that are written ahead: the home timeline's rules and the lists', as SQL.

Each piece begins at `FROM posts p` and takes the present moment (milliseconds) as its one parameter. `o` is what a
share shares. Nowhere comes anything of those the reader muted or blocked (or whose domain) nor of those who block the reader, and no
direct message, which has a place of its own.
"""

from __future__ import annotations

from typing import Final


def _kept_up(reader: str) -> str:
    """Timelines are written for readers whose timelines are complete."""
    return f"JOIN users u ON u.account_id = {reader} AND u.home_built_at IS NOT NULL"


def _bearable(reader: str, authors: str = "p.account_id, o.account_id") -> str:
    return f"""
    NOT EXISTS (SELECT 1 FROM mutes m
        WHERE m.account_id = {reader} AND m.target_id IN ({authors})
        AND (m.expires_at IS NULL OR m.expires_at > ?))
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id = {reader} AND b.target_id IN ({authors}))
    AND NOT EXISTS (SELECT 1 FROM blocks b WHERE b.account_id IN ({authors}) AND b.target_id = {reader})
    AND NOT EXISTS (SELECT 1 FROM account_domain_blocks d JOIN accounts da ON da.domain = d.domain
        WHERE d.account_id = {reader} AND da.id IN ({authors}))"""


def _follows(reader: str, account: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM follows pf"
        f" WHERE pf.account_id = {reader} AND pf.target_id = {account} AND pf.accepted = TRUE)"
    )


def _addressed(reader: str) -> str:
    """What is for members stands at home only with them and its author."""
    return (
        f"(p.visibility <> 'members' OR p.account_id = {reader}"
        f" OR EXISTS (SELECT 1 FROM mentions am WHERE am.post_id = p.id AND am.account_id = {reader}))"
    )


_IN_A_WANTED_LANGUAGE: Final = """(f.languages IS NULL OR COALESCE(o.language, p.language) IS NULL
        OR REPLACE(f.languages, ' ' || LOWER(COALESCE(o.language, p.language)) || ' ', '') <> f.languages)"""

FOLLOWED: Final = f"""
    FROM posts p
    JOIN follows f ON f.target_id = p.account_id AND f.accepted = TRUE
    {_kept_up("f.account_id")}
    LEFT JOIN posts o ON o.id = p.shared_post_id
    WHERE p.visibility <> 'direct'
    AND {_addressed("f.account_id")}
    AND (p.shared_post_id IS NULL OR f.show_shares = TRUE)
    AND ((p.parent_id IS NULL AND p.parent_uri IS NULL)
        OR p.parent_account_id = f.account_id OR p.parent_account_id = p.account_id
        OR {_follows("f.account_id", "p.parent_account_id")})
    AND {_IN_A_WANTED_LANGUAGE}
    AND NOT EXISTS (SELECT 1 FROM list_members lm JOIN lists l ON l.id = lm.list_id
        WHERE lm.owner_id = f.account_id AND lm.account_id = p.account_id AND l.exclusive = TRUE)
    AND {_bearable("f.account_id")}
"""
"""Home, of those the reader (`f.account_id`) follows: shares where the follow wants them, comments only among people the
reader follows, only languages the follow wants, nothing of those on the reader's exclusive lists."""

TAGGED: Final = f"""
    FROM posts p
    JOIN accounts a ON a.id = p.account_id AND a.silenced_at IS NULL
    JOIN post_hashtags ph ON ph.post_id = p.id
    JOIN tag_follows tf ON tf.hashtag_id = ph.hashtag_id
    {_kept_up("tf.account_id")}
    WHERE p.visibility = 'public' AND p.shared_post_id IS NULL
    AND {_bearable("tf.account_id", "p.account_id")}
"""
"""Home, of the hashtags the reader (`tf.account_id`) follows: what is public."""

LISTED: Final = f"""
    FROM posts p
    JOIN list_members lm ON lm.account_id = p.account_id
    JOIN lists l ON l.id = lm.list_id
    {_kept_up("lm.owner_id")}
    LEFT JOIN follows f ON f.account_id = lm.owner_id AND f.target_id = p.account_id AND f.accepted = TRUE
    LEFT JOIN posts o ON o.id = p.shared_post_id
    WHERE p.visibility <> 'direct'
    AND {_addressed("lm.owner_id")}
    AND (f.id IS NOT NULL OR p.account_id = lm.owner_id)
    AND (p.shared_post_id IS NULL OR f.id IS NULL OR f.show_shares = TRUE)
    AND {_IN_A_WANTED_LANGUAGE}
    AND ((p.parent_id IS NULL AND p.parent_uri IS NULL) OR p.parent_account_id IN (lm.owner_id, p.account_id)
        OR l.replies_policy = 'followed' AND {_follows("lm.owner_id", "p.parent_account_id")}
        OR l.replies_policy = 'list' AND EXISTS (SELECT 1 FROM list_members other
            WHERE other.list_id = l.id AND other.account_id = p.parent_account_id))
    AND {_bearable("lm.owner_id")}
"""
"""Of the members of a list (`l`) that its owner follows: shares where the follow wants them, comments to its owner and
to those its policy names."""
