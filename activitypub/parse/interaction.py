"""What an author allows others to do with a post, and the stamps that say it was allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from activitypub.parse.errors import ParseError
from activitypub.parse.reading import addressees, document_id, required_reference, type_among
from activitypub.parse.urls import origin_host
from activitypub.types import Approval, InteractionPolicy, QuoteAuthorization
from activitypub.vocabulary import PUBLIC

MAX_APPROVED = 50
_NOBODY: Final[tuple[object, ...]] = ("[]", [])


def read_interaction_policy(document: Mapping[str, Any]) -> InteractionPolicy:
    """``interactionPolicy`` of a post. What cannot be read says nothing."""
    stated = document.get("interactionPolicy")
    if not isinstance(stated, Mapping):
        return InteractionPolicy()
    return InteractionPolicy(
        can_quote=read_approval(stated.get("canQuote")),
        can_reply=read_approval(stated.get("canReply")),
        can_announce=read_approval(stated.get("canAnnounce")),
        can_like=read_approval(stated.get("canLike")),
    )


def read_comments_enabled(document: Mapping[str, Any]) -> bool:
    """Pixelfed says it twice: ``commentsEnabled``, and ``capabilities.reply`` as ``"[]"`` for nobody."""
    stated = document.get("commentsEnabled")
    return stated if isinstance(stated, bool) else _is_capable(document, "reply")


def read_shares_enabled(document: Mapping[str, Any]) -> bool:
    """Whether anybody may share it: ``capabilities.announce``."""
    return _is_capable(document, "announce")


def parse_quote_authorization(document: Mapping[str, Any]) -> QuoteAuthorization:
    """Read a stamp. Raises ParseError, also when it and the post it is about are on different hosts, or it and its
    author. That its fields fit a quote is the caller's to check.
    """
    if type_among(document, ("QuoteAuthorization",)) is None:
        raise ParseError("type", "not a QuoteAuthorization")
    stamp = QuoteAuthorization(
        id=document_id(document),
        attributed_to=required_reference(document, "attributedTo"),
        interacting_object=required_reference(document, "interactingObject"),
        interaction_target=required_reference(document, "interactionTarget"),
    )
    if origin_host(stamp.attributed_to) != origin_host(stamp.id):
        raise ParseError("attributedTo", "on another host than the id")
    if origin_host(stamp.interaction_target) != origin_host(stamp.id):
        raise ParseError("interactionTarget", "on another host than the id")
    return stamp


def read_approval(value: object) -> Approval | None:
    """GoToSocial's forms, the older ``always`` and ``approvalRequired`` among them."""
    if not isinstance(value, Mapping):
        return None
    automatic = value.get("automaticApproval", value.get("always"))
    manual = value.get("manualApproval", value.get("approvalRequired"))
    return Approval(addressees(automatic)[:MAX_APPROVED], addressees(manual)[:MAX_APPROVED])


def _is_capable(document: Mapping[str, Any], name: str) -> bool:
    capabilities = document.get("capabilities")
    return not isinstance(capabilities, Mapping) or capabilities.get(name, PUBLIC) not in _NOBODY
