"""The rules of the house, written by its admins; reports name those that were broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from node import clock, db
from node.errors import Invalid, NotFound
from node.models.rules import Rule
from node.text import clean, is_language_tag

MAX_RULES: Final = 100
MAX_TEXT: Final = 1_000


async def all_rules() -> list[Rule]:
    """The rules in force, in their order."""
    return await Rule.filter(deleted_at=None).order_by("position", "id").limit(MAX_RULES)


async def add(text: str, *, hint: str = "") -> Rule:
    """Lay down a rule, the last of all. Raises `Invalid` (text, hint)."""
    async with db.transaction():
        known = await all_rules()
        if len(known) >= MAX_RULES:
            raise Invalid("text", f"is one too many: there are at most {MAX_RULES} rules", code="ERR_TOO_MANY")
        position = known[-1].position + 1 if known else 1
        return await Rule.create(text=_checked("text", text), hint=_checked("hint", hint), position=position)


async def change(
    rule_id: int, *, text: str | None = None, hint: str | None = None, position: int | None = None
) -> Rule:
    """Word a rule anew or move it; `None` leaves as it is. Raises `NotFound`, `Invalid` (text, hint)."""
    async with db.transaction():
        rule = await one(rule_id)
        if text is not None:
            rule.text = _checked("text", text)
        if hint is not None:
            rule.hint = _checked("hint", hint)
        if position is not None:
            rule.position = position
        await rule.save()
    return rule


async def translate(rule_id: int, language: str, text: str, *, hint: str = "") -> Rule:
    """Say a rule in another language; an empty text takes that translation away. Raises `NotFound`, `Invalid`."""
    if not is_language_tag(language):
        raise Invalid("language", "is not a language tag")
    async with db.transaction():
        rule = await one(rule_id)
        others = {tag: said for tag, said in rule.translations.items() if tag != language}
        said = {language: {"text": _checked("text", text), "hint": _checked("hint", hint)}} if clean(text) else {}
        rule.translations = {**others, **said}
        await rule.save()
    return rule


async def remove(rule_id: int) -> None:
    """Withdraw a rule; reports that named it keep it. Raises `NotFound`."""
    async with db.transaction():
        rule = await one(rule_id)
        rule.deleted_at = clock.now()
        await rule.save()


async def one(rule_id: int) -> Rule:
    """A rule in force. Raises `NotFound`."""
    rule = await Rule.get_or_none(id=rule_id, deleted_at=None)
    if rule is None:
        raise NotFound()
    return rule


async def by_ids(rule_ids: Sequence[int]) -> Mapping[int, Rule]:
    """Those of these rules that there are or were, by id: what reports name."""
    return {rule.id: rule for rule in await Rule.filter(id__in=list(rule_ids))} if rule_ids else {}


def _checked(field: str, written: str) -> str:
    said = clean(written)
    if not said and field == "text":
        raise Invalid(field, "can't be blank", code="ERR_BLANK")
    if len(said) > MAX_TEXT:
        raise Invalid(field, f"is longer than {MAX_TEXT} characters", code="ERR_TOO_LONG")
    return said
