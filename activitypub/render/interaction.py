"""What an author allows others to do with a post, and the stamps that say it was allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from activitypub.render.contexts import QUOTE_CONTEXT
from activitypub.render.writing import without_nothing
from activitypub.types import Activity, Approval, Document, InteractionPolicy, Note, QuoteAuthorization
from activitypub.vocabulary import PUBLIC


def render_quote_authorization(stamp: QuoteAuthorization) -> Document:
    """The stamp's document: what its id answers."""
    return {"@context": QUOTE_CONTEXT, **quote_authorization_object(stamp)}


def quote_authorization_object(stamp: QuoteAuthorization) -> Document:
    """`render_quote_authorization` without ``@context``, to be embedded."""
    return {
        "id": stamp.id,
        "type": "QuoteAuthorization",
        "attributedTo": stamp.attributed_to,
        "interactingObject": stamp.interacting_object,
        "interactionTarget": stamp.interaction_target,
    }


def quote_request(activity_id: str, *, actor: str, quoted: str, quoting: str) -> Activity:
    """The request that `quoting`, a post of `actor`, may quote `quoted`."""
    return Activity(id=activity_id, type="QuoteRequest", actor=actor, object_id=quoted, instrument=quoting)


def interaction_policy(policy: InteractionPolicy) -> Document | None:
    """``interactionPolicy``; None when nothing is said."""
    return (
        without_nothing(
            {
                "canQuote": approval_document(policy.can_quote),
                "canReply": approval_document(policy.can_reply),
                "canAnnounce": approval_document(policy.can_announce),
                "canLike": approval_document(policy.can_like),
            }
        )
        or None
    )


def capabilities(note: Note) -> Mapping[str, Any]:
    """Pixelfed's word for it."""
    return {
        "announce": PUBLIC if note.shares_enabled else "[]",
        "like": PUBLIC,
        "reply": PUBLIC if note.comments_enabled else "[]",
    }


def approval_document(approval: Approval | None) -> Document | None:
    if approval is None:
        return None
    return {"automaticApproval": list(approval.automatic), "manualApproval": list(approval.manual)}
