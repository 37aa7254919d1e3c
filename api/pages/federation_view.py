"""What stands on the admins' page about federation."""

from __future__ import annotations

from typing import Any, Final

from node.models.domain_lists import APPLYING, WAITING, ListDraft, ListSubscription
from node.models.moderation import DomainAllow, DomainRule
from node.models.received_rules import HeaderBlock, HeldPost, KeywordRule
from node.models.relays import Relay
from node.runtime import runtime
from node.services import newcomer_rules

SHOWN: Final = 100
NOTICES: Final = {
    "domain": "The rule holds from now on.",
    "undone": "It is taken back.",
    "allowed": "The domain is allowed.",
    "nothing": "The list changes nothing.",
    "approved": "The draft is being applied.",
    "rejected": "Nothing of the draft holds.",
    "subscribed": "The list is read once a day.",
    "checked": "The list has been read.",
    "relay": "The relay is told.",
    "keyword": "The rule holds for what comes from now on.",
    "held": "It is decided.",
    "newcomers": "New servers are treated so from now on.",
    "header": "Such requests are refused.",
}
SEVERITIES: Final = (
    ("silence", "Silence: shown only to those who follow them"),
    ("suspend", "Suspend: nothing in or out"),
    ("noop", "Neither: only what is ticked below"),
)
KINDS: Final = (("blocks", "Blocked domains"), ("allows", "Allowed domains"))
RELAY_KINDS: Final = (("mastodon", "Mastodon (address of its inbox)"), ("litepub", "LitePub (address of its actor)"))
KEYWORD_ACTIONS: Final = (
    ("hold", "Hold for the moderators"),
    ("reject", "Reject"),
    ("silence", "Silence their author"),
)
NEWCOMER_ACTIONS: Final = (
    ("none", "Like all others"),
    ("hold", "Follows and mentions wait to be accepted"),
    ("limit", "Shown only to those who follow them"),
)
PLACES: Final = (("everywhere", "Everywhere"), ("inbox", "The inboxes"), ("api", "Everything but the inboxes"))


async def overview(query: str, done: str) -> dict[str, Any]:
    """The values of the template; of the rules those whose domain contains `query`, a hundred at most."""
    rules = DomainRule.filter(domain__icontains=query) if query else DomainRule.all()
    return {
        "done": NOTICES.get(done),
        "query": query,
        "only_allowed": runtime().settings.federation.only_allowed,
        "rules": await rules.order_by("-id").limit(SHOWN),
        "rules_count": await DomainRule.all().count(),
        "allows": await DomainAllow.all().order_by("domain").limit(SHOWN),
        "drafts": await ListDraft.filter(state__in=(WAITING, APPLYING)).order_by("-id").limit(SHOWN),
        "subscriptions": await ListSubscription.all().order_by("id").limit(SHOWN),
        "relays": await Relay.all().order_by("id").limit(SHOWN),
        "keywords": await KeywordRule.all().order_by("keyword").limit(SHOWN),
        "held": await HeldPost.all().order_by("-id").limit(SHOWN).select_related("post", "account"),
        "newcomers": await newcomer_rules.rule(),
        "header_blocks": await HeaderBlock.all().order_by("id").limit(SHOWN),
        "severities": SEVERITIES,
        "kinds": KINDS,
        "relay_kinds": RELAY_KINDS,
        "keyword_actions": KEYWORD_ACTIONS,
        "newcomer_actions": NEWCOMER_ACTIONS,
        "places": PLACES,
    }
