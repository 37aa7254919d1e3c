"""What somebody leaves unsaid when they post is as their preferences have it."""

from __future__ import annotations

import dataclasses
from typing import Any

from node.models.accounts import Account
from node.services import alt_texts, preferences
from node.services.interaction_policies import Policies
from node.services.posts import Draft


async def filled_in(author: Account, draft: Draft) -> Draft:
    """The draft with visibility, sensitivity, language and policies from its author's preferences where it names none,
    and whether it needs alt texts.

    What carries a warning is sensitive.
    """
    defaults = await preferences.of_account(author.id)
    sensitive = defaults.get("sensitive") if draft.sensitive is None else draft.sensitive
    return dataclasses.replace(
        draft,
        visibility=draft.visibility or defaults.get("visibility"),
        sensitive=bool(draft.spoiler_text.strip() or sensitive),
        language=draft.language or defaults.get("language"),
        policies=_policies(draft.policies, defaults),
        needs_alt_texts=alt_texts.wish_in(defaults) == alt_texts.REQUIRE,
    )


def _policies(said: Policies, defaults: dict[str, Any]) -> Policies:
    says_of_comments = said.comment is not None or said.comments_disabled is not None
    return Policies(
        comment=said.comment if says_of_comments else defaults.get("comment_policy"),
        share=said.share or defaults.get("share_policy"),
        quote=said.quote or defaults.get("quote_policy"),
        hide_like_counts=defaults.get("hide_like_counts") if said.hide_like_counts is None else said.hide_like_counts,
        show_originals=defaults.get("show_originals") if said.show_originals is None else said.show_originals,
        comments_disabled=said.comments_disabled,
    )
