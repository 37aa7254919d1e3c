"""Words that the admins do not want from people elsewhere whom nobody here follows: held, rejected, or their authors silenced."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from node import db
from node.errors import Invalid, NotFound
from node.ids import new_id
from node.models.accounts import Account
from node.models.fields import to_milliseconds
from node.models.posts import DIRECT, FOR_STAFF, Post
from node.models.received_rules import KEYWORD_ACTIONS, REJECT, SILENCE, HeldPost, KeywordRule
from node.services import audit, comment_limits, conversations, counters, notifications, post_removal
from node.services.kept_rules import KeptRules
from node.text import clean_line, plain_text

CHANNEL: Final = "keyword-rules"
MAX_RULES: Final = 500
MAX_KEYWORD: Final = 200


class Verdict(NamedTuple):
    """What a rule says about a post."""

    action: str
    keyword: str
    rule_id: int


async def _load() -> Sequence[tuple[re.Pattern[str], Verdict]]:
    rules = await KeywordRule.all().order_by("id").limit(MAX_RULES)
    order = {action: place for place, action in enumerate((REJECT, SILENCE))}
    compiled = [
        (_pattern(rule.keyword, rule.whole_word), Verdict(rule.action, rule.keyword, rule.id)) for rule in rules
    ]
    return sorted(compiled, key=lambda one: order.get(one[1].action, len(order)))


def _pattern(keyword: str, whole_word: bool) -> re.Pattern[str]:
    words = keyword.casefold()
    before = r"(?<!\w)" if whole_word and words[0].isalnum() else ""
    after = r"(?!\w)" if whole_word and words[-1].isalnum() else ""
    return re.compile(f"{before}{re.escape(words)}{after}")


_rules: Final = KeptRules(CHANNEL, _load)


async def judge(author: Account, *texts: str) -> Verdict | None:
    """The hardest rule that a remote author's words (HTML) fall under; `None` for none, or when somebody here follows them."""
    rules = await _rules.all()
    if not rules:
        return None
    words = "\n".join(plain_text(text) for text in texts).casefold()
    verdict = next((verdict for pattern, verdict in rules if pattern.search(words)), None)
    return None if verdict is None or await _is_followed_here(author.id) else verdict


async def _is_followed_here(account_id: int) -> bool:
    row = await db.fetch_one(
        "SELECT 1 FROM follows f JOIN accounts a ON a.id = f.account_id"
        " WHERE f.target_id = ? AND f.accepted = TRUE AND a.domain = '' LIMIT 1",
        (account_id,),
    )
    return row is not None


async def silence(author: Account, verdict: Verdict) -> None:
    """Show an author to nobody but their followers, in the caller's transaction; they carry the rule's moment."""
    rule = await KeywordRule.get_or_none(id=verdict.rule_id)
    if rule is not None:
        await db.execute(
            "UPDATE accounts SET silenced_at = ?, version = version + 1 WHERE id = ? AND silenced_at IS NULL",
            (to_milliseconds(rule.created_at), author.id),
        )


async def hold(post: Post, verdict: Verdict) -> None:
    """Have a post wait for a moderator, in the caller's transaction; one that could be seen until now is hidden."""
    await db.execute(
        "INSERT INTO held_posts (id, post_id, account_id, keyword, created_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (new_id(), post.id, post.account_id, verdict.keyword, to_milliseconds(post.created_at)),
    )
    if post.held_for == FOR_STAFF:
        return
    await db.execute("UPDATE posts SET held_for = ?, version = version + 1 WHERE id = ?", (FOR_STAFF, post.id))
    if post.parent_id is not None and post.held_for is None:
        await counters.count_comments(post.parent_id, post.visibility, -1)
    if post.visibility == DIRECT:
        await conversations.forget_post(post)


async def add(moderator_id: int, keyword: str, action: str, *, whole_word: bool = True) -> KeywordRule:
    """Lay down a rule; it holds for what comes from now on. Raises `Invalid` (keyword, action)."""
    words = clean_line(keyword)
    if not words:
        raise Invalid("keyword", "can't be blank", code="ERR_BLANK")
    if len(words) > MAX_KEYWORD:
        raise Invalid("keyword", f"is too long (maximum is {MAX_KEYWORD} characters)", code="ERR_TOO_LONG")
    if action not in KEYWORD_ACTIONS:
        raise Invalid("action", "is not included in the list", code="ERR_INCLUSION")
    if await KeywordRule.exists(keyword=words):
        raise Invalid("keyword", "has already been taken", code="ERR_TAKEN")
    if await KeywordRule.all().count() >= MAX_RULES:
        raise Invalid("keyword", f"can't be more than {MAX_RULES}", code="ERR_TOO_MANY")
    async with audit.decision(moderator_id, "create") as made:
        rule = await KeywordRule.create(keyword=words, action=action, whole_word=whole_word)
        made.about("KeywordRule", rule.id, words)
        _rules.announce_change()
    return rule


async def remove(moderator_id: int, rule_id: int) -> None:
    """Take a rule back, and the silencings it brought; what it holds still waits. Raises `NotFound`."""
    rule = await KeywordRule.get_or_none(id=rule_id)
    if rule is None:
        raise NotFound()
    async with audit.decision(moderator_id, "destroy", "KeywordRule", rule.id, rule.keyword):
        await db.execute(
            "UPDATE accounts SET silenced_at = NULL, version = version + 1 WHERE silenced_at = ? AND domain <> ''",
            (to_milliseconds(rule.created_at),),
        )
        await rule.delete()
        _rules.announce_change()


async def release(moderator_id: int, held_id: int) -> None:
    """Let a held post be seen and tell those it names, unless it is a comment that its post's author limits.

    Raises `NotFound`.
    """
    held = await _held(held_id)
    async with audit.decision(moderator_id, "approve", "Status", held.post_id, held.account.acct):
        post = held.post
        await _take(held)
        await db.execute("UPDATE posts SET held_for = NULL, version = version + 1 WHERE id = ?", (post.id,))
        if post.parent_id is not None:
            await counters.count_comments(post.parent_id, post.visibility, 1)
            await comment_limits.look_again(post.id)
        if post.visibility == DIRECT:
            post.held_for = None
            await conversations.feed(post)
        if await Post.exists(id=post.id, held_for__not_isnull=True):
            return
        rows = await db.fetch_all(
            "SELECT m.account_id FROM mentions m JOIN accounts a ON a.id = m.account_id"
            " WHERE m.post_id = ? AND m.silent = FALSE AND a.domain = '' UNION SELECT a.id FROM accounts a"
            " WHERE a.id = ? AND a.domain = ''",
            (post.id, post.parent_account_id),
        )
        for row in rows:
            await notifications.notify(notifications.MENTION, int(row[0]), post.account_id, post.id)


async def refuse(moderator_id: int, held_id: int) -> None:
    """Remove a held post for good. Raises `NotFound`."""
    held = await _held(held_id)
    async with audit.decision(moderator_id, "reject", "Status", held.post_id, held.account.acct):
        post = held.post
        await _take(held)
        await post_removal.remove(post)


async def _held(held_id: int) -> HeldPost:
    held = await HeldPost.get_or_none(id=held_id).select_related("post", "account")
    if held is None:
        raise NotFound()
    return held


async def _take(held: HeldPost) -> None:
    """Two moderators may decide at the same moment: the first decision counts."""
    if not await HeldPost.filter(id=held.id).delete():
        raise NotFound()
